import { build } from "esbuild";
import { project } from "../project.mjs";
import { byProgram } from "./program.mjs";

/** Runs the suite on `oidc-wasm/js`, in a Node without WebAssembly. */
export async function javascript(context) {
  const outfile = "javascript.mjs";
  await build({
    absWorkingDir: project,
    entryPoints: ["js/entries/node.mjs"],
    alias: { "oidc-wasm": "oidc-wasm/js" },
    bundle: true,
    platform: "node",
    format: "esm",
    outfile,
    logLevel: "error",
  });
  // Node's fetch uses WebAssembly, which it loads with the first request.
  const without = "data:text/javascript,await fetch(process.env.ORIGIN).catch(() => {}); delete globalThis.WebAssembly";
  return byProgram("javascript", process.execPath, [`--import=${without}`, outfile], context, { READY: "true" });
}
