// Loads the installed package in every way that the README names, without bundler configuration.
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build as esbuild } from "esbuild";
import { build as vite } from "vite";
import { bin, createChecks, here, inside, must, root, serve } from "./lib.mjs";
import { entryOf, installed, project, wasmFile } from "./project.mjs";
import { launch } from "./runtimes/chromium.mjs";
import { startWorker } from "./runtimes/workerd.mjs";

const html = (script) => `<!doctype html>\n<title>loading</title>\n<script type="module" src="${script}"></script>\n`;

export async function loads() {
  const { check, results } = createChecks("load");
  const folder = join(project, "consumers");
  await rm(folder, { recursive: true, force: true });
  await cp(join(here, "consumers"), folder, { recursive: true });

  await check("Node, ESM import", async () => {
    const output = await must(process.execPath, ["consumers/node.mjs"], { cwd: project });
    if (output.trim() !== "loaded") throw new Error(output);
  });
  await check("Node, require of an ES module", async () => {
    const script = 'require("oidc-wasm").default().then(() => console.log("loaded"))';
    const output = await must(process.execPath, ["--no-warnings", "--input-type=commonjs", "-e", script], {
      cwd: project,
    });
    if (output.trim() !== "loaded") throw new Error(output);
  });

  const browser = await launch();
  const opens = async (site, path = "/", expected = "loaded") => {
    const page = await browser.newPage();
    const problems = [];
    page.on("console", (message) => problems.push(message.text()));
    page.on("pageerror", (error) => problems.push(String(error)));
    await page.goto(`${site.origin}${path}`);
    await page.waitForFunction('document.title !== "loading"', { timeout: 60_000 }).catch(() => {});
    const title = await page.title();
    await page.close();
    if (title !== expected) throw new Error(`${title}\n${problems.join("\n")}`);
  };
  const opened = async (site, path, expected) => {
    try {
      await opens(site, path, expected);
    } finally {
      await site.close();
    }
  };

  await check("Chromium, bundled by Vite", async () => {
    const source = join(project, "vite");
    await mkdir(source, { recursive: true });
    await writeFile(join(source, "main.js"), 'import "../consumers/page.js";\n');
    await writeFile(join(source, "index.html"), html("/main.js"));
    await vite({ root: source, configFile: false, logLevel: "error", build: { outDir: "dist", emptyOutDir: true } });
    await opened(await serve(join(source, "dist")));
  });

  await check("Chromium, bundled by esbuild", async () => {
    const out = join(project, "esbuild");
    const { metafile } = await esbuild({
      absWorkingDir: project,
      entryPoints: ["consumers/page.js"],
      bundle: true,
      minify: true,
      format: "esm",
      outfile: join(out, "page.js"),
      metafile: true,
      logLevel: "error",
    });
    const inputs = Object.keys(metafile.inputs);
    if (!inputs.includes(inside(project, await entryOf("default"))))
      throw new Error(`not the default entry: ${inputs}`);
    if (inputs.some((path) => path.endsWith(".wasm"))) throw new Error("a bare .wasm import in a browser bundle");
    await writeFile(join(out, "index.html"), html("page.js"));
    await opened(await serve(out));
  });

  await check("Chromium, a plain module script from static files", async () => {
    const out = join(project, "static");
    await rm(out, { recursive: true, force: true });
    await mkdir(out);
    await cp(installed, join(out, "oidc-wasm"), { recursive: true });
    const entry = inside(installed, await entryOf("default"));
    const smoke = await readFile(join(folder, "smoke.js"), "utf8");
    await writeFile(join(out, "smoke.js"), smoke.replace('"oidc-wasm"', `"./oidc-wasm/${entry}"`));
    await cp(join(folder, "page.js"), join(out, "page.js"));
    await writeFile(join(out, "index.html"), html("page.js"));
    await opened(await serve(out));
  });

  // A whole login in JavaScript. This policy blocks WebAssembly, and the error names the line to change.
  const strict = { headers: { "content-security-policy": "default-src 'none'; script-src 'self'" } };
  await cp(join(root, "tests/matrix/shared/login.js"), join(folder, "login.js"));
  for (const [entry, title] of [
    ["oidc-wasm/js", "signed in: alice"],
    ["oidc-wasm", "init.csp"],
  ])
    await check(`Chromium, ${entry} under script-src 'self': ${title}`, async () => {
      const out = join(project, "strict");
      const contents = `
        import * as oidc from "${entry}";
        import { login } from "./login.js";
        document.title = await login(oidc).catch((error) => error.code ?? String(error));`;
      const bundle = /** @type {const} */ ({ bundle: true, format: "esm", logLevel: "error" });
      await esbuild({ ...bundle, stdin: { contents, resolveDir: folder }, outfile: join(out, "page.js") });
      await writeFile(join(out, "index.html"), html("page.js"));
      await opened(await serve(out, strict), "/", title);
    });
  await browser.close();

  await check("a Cloudflare Worker, bundled by wrangler, with a real .wasm module", async () => {
    const source = join(project, "wrangler");
    await rm(source, { recursive: true, force: true });
    await mkdir(source);
    await writeFile(
      join(source, "worker.js"),
      'import { smoke } from "../consumers/smoke.js";\nexport default { fetch: async () => new Response(await smoke()) };\n',
    );
    await writeFile(
      join(source, "wrangler.toml"),
      'name = "smoke"\nmain = "worker.js"\ncompatibility_date = "2026-04-01"\n',
    );
    const out = await bundleWithWrangler(source);
    // The older date is from before Workers had FinalizationRegistry.
    for (const compatibilityDate of ["2026-04-01", "2024-09-23"]) {
      const worker = await startWorker(out, "worker.js", {}, { compatibilityDate });
      try {
        const text = await (await worker.fetch("http://worker.example/")).text();
        if (text !== "loaded") throw new Error(`${compatibilityDate}: ${text}`);
      } finally {
        await worker.close();
      }
    }
  });
  return results;
}

/** Runs `wrangler deploy --dry-run`. Resolves to the folder with the bundle, which must contain the module as a module. */
export async function bundleWithWrangler(source) {
  const out = join(source, "out");
  await must(bin("wrangler"), ["deploy", "--dry-run", "--outdir", "out"], {
    cwd: source,
    env: { ...process.env, WRANGLER_SEND_METRICS: "false", WRANGLER_LOG_PATH: join(source, "logs"), CI: "true" },
  });
  const files = await readdir(out);
  const script = await readFile(
    join(
      out,
      files.find((name) => name.endsWith(".js")),
    ),
    "utf8",
  );
  if (files.filter((name) => name.endsWith(".wasm")).length !== 1) throw new Error(`no .wasm module: ${files}`);
  const wasm = await readFile(
    join(
      out,
      files.find((name) => name.endsWith(".wasm")),
    ),
  );
  if (!wasm.equals(await readFile(await wasmFile()))) throw new Error("another .wasm than the package's");
  // The inlined module would double the Worker's size, and workerd cannot compile it.
  if (/[A-Za-z0-9+/]{4096}/.test(script)) throw new Error("the module is inlined too: not the workerd condition");
  return out;
}
