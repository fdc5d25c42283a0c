// Vercel's edge runtime, with the function that Nitro's preset builds.
import buffer from "node:buffer";
import events from "node:events";
import { EdgeRuntime, runServer } from "edge-runtime";
import { build } from "esbuild";

const modules = { buffer, events };
/** The Node modules that Vercel offers to an edge function. */
const node = {
  name: "node",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path }) => ({ path: path.slice(5), namespace: "node" }));
    onLoad({ filter: /./, namespace: "node" }, ({ path }) => ({ contents: `module.exports = modules.${path}` }));
  },
};
const entryPoints = [".vercel/output/functions/__fallback.func/index.mjs"];
const { outputFiles } = await build({
  entryPoints,
  bundle: true,
  format: "iife",
  globalName: "entry",
  write: false,
  plugins: [node],
});
const runtime = new EdgeRuntime({
  initialCode: `${outputFiles[0].text}
    addEventListener("fetch", (event) => event.respondWith(entry.default(event.request, event)));`,
  extend: (context) => Object.assign(context, { modules }),
});
await runServer({ runtime, port: Number(process.env.PORT) });
