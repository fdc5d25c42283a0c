// Importing an entry never throws. Each runtime imports every entry after the test has removed features that a runtime may lack.
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createChecks, root, same } from "./lib.mjs";
import { installed, project } from "./project.mjs";
import { bun } from "./runtimes/bun.mjs";
import { launch } from "./runtimes/chromium.mjs";
import { deno } from "./runtimes/deno.mjs";
import { launch as launchFirefox } from "./runtimes/firefox.mjs";
import { inPage } from "./runtimes/page.mjs";
import { byProgram } from "./runtimes/program.mjs";
import { webkit } from "./runtimes/webkit.mjs";
import { workerd } from "./runtimes/workerd.mjs";

/** Features that a runtime or a test environment may lack. */
export const LACKING =
  "WebAssembly TextDecoder TextEncoder DecompressionStream CompressionStream crypto fetch Request Response Headers URLSearchParams FormData Blob AbortController AbortSignal ReadableStream FinalizationRegistry WeakRef structuredClone performance navigator BroadcastChannel MessageChannel indexedDB localStorage sessionStorage SharedWorker Worker caches".split(
    " ",
  );

const program = "js/entries/imports.mjs";
const page = "js/entries/imports_page.js";

/** @type {Record<string, (context: any) => Promise<any[]>>} */
const runtimes = {
  node: (context) => byProgram("imports", process.execPath, [program], context),
  deno: (context) => deno(context, program),
  bun: (context) => bun(context, program),
  workerd: (context) => workerd(context, "js/entries/imports_workerd.js"),
  chromium: async (context) => inPage(await launch(), { ...context, entry: page }),
  firefox: async (context) => inPage(await launchFirefox(), { ...context, entry: page }),
  webkit: (context) => webkit({ ...context, entry: page }),
};

export async function imports(context) {
  const { check, results } = createChecks("imports");
  const { exports } = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
  const entries = Object.keys(exports).filter((subpath) => exports[subpath].default?.default?.endsWith(".js"));
  const names = entries.map((subpath) => `oidc-wasm${subpath.slice(1)}`);
  // The other peer dependency. It has no dependencies. It is removed afterwards: react-dom needs the same copy as the page.
  const react = join(project, "node_modules/react");
  await cp(join(root, "node_modules/react"), react, { recursive: true });
  const lines = names.map((name) => `  ${JSON.stringify(name)}: () => import(${JSON.stringify(name)}),\n`);
  const written = `export const lacking = ${JSON.stringify(LACKING)};\nexport const entries = {\n${lines.join("")}};\n`;
  await writeFile(join(project, "js/entries.js"), written);
  for (const [runtime, run] of Object.entries(runtimes))
    await check(`every entry in ${runtime}`, async () => {
      const outcomes = await run(context);
      const failed = outcomes.filter(({ ok }) => !ok);
      if (failed.length) throw new Error(failed.map(({ name, message }) => `${name}: ${message}`).join("\n"));
      same(
        outcomes.map(({ name }) => name),
        ["the features are removed", ...names],
        "tested entries",
      );
    });
  await rm(react, { recursive: true });
  return results;
}
