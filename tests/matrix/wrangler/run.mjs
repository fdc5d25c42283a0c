import { readdirSync } from "node:fs";
import { Miniflare } from "miniflare";

const modules = [{ type: "ESModule", path: "out/main.js" }];
for (const name of readdirSync("out"))
  if (/\.wasm/.test(name)) modules.push({ type: "CompiledWasm", path: `out/${name}` });
const worker = new Miniflare({ modules, modulesRoot: "out", compatibilityDate: "2026-04-01" });
console.log(await (await worker.dispatchFetch("http://app.example/")).text());
await worker.dispose();
