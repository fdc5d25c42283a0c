import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { project } from "../project.mjs";

/** Starts a Worker from a folder with `<main>` and the modules that it imports. Each .wasm file becomes a compiled module. */
export async function startWorker(folder, main, bindings = {}, options = {}) {
  const wasm = (await readdir(folder)).filter((name) => name.endsWith(".wasm"));
  const modules = [
    { type: "ESModule", path: main, contents: await readFile(join(folder, main), "utf8") },
    // esbuild keeps the query of a copied file's URL. wrangler removes it.
    ...(await Promise.all(
      wasm
        .flatMap((name) => [name, `${name}?module`])
        .map(async (path) => ({
          type: "CompiledWasm",
          path,
          contents: await readFile(join(folder, path.replace("?module", ""))),
        })),
    )),
  ];
  const worker = new Miniflare(/** @type {any} */ ({ modules, compatibilityDate: "2026-04-01", bindings, ...options }));
  return {
    fetch: (url, init) => worker.dispatchFetch(url, init),
    /** The URL for requests over a socket. */
    address: () => worker.ready,
    close: () => worker.dispose(),
  };
}

/** Bundles Workers of the project, each with its modules, into a folder for {@link startWorker}. */
export async function bundleWorkers(name, entryPoints) {
  const folder = join(project, name);
  await build({
    absWorkingDir: project,
    entryPoints,
    bundle: true,
    format: "esm",
    conditions: ["workerd", "worker"],
    loader: { ".wasm": "copy" },
    outdir: folder,
    logLevel: "error",
  });
  return folder;
}

export async function workerd({ origin }, entry = "js/entries/workerd.js") {
  // Another part may run another entry at the same time.
  const folder = await bundleWorkers(`workerd-${basename(entry)}`, { worker: entry });
  const worker = await startWorker(folder, "worker.js");
  try {
    const reply = await worker.fetch(`http://worker.example/?origin=${encodeURIComponent(origin)}`);
    const text = await reply.text();
    return reply.ok ? JSON.parse(text) : [{ name: "the Worker responds", ok: false, message: text }];
  } finally {
    await worker.close();
  }
}
