import { Miniflare } from "miniflare";

const worker = new Miniflare({ modules: true, scriptPath: "out/main.js", compatibilityDate: "2026-04-01" });
console.log(await (await worker.dispatchFetch("http://app.example/")).text());
await worker.dispose();
