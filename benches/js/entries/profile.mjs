// Runs only our code under the profiler, after the warm-up.
import { readFile } from "node:fs/promises";
import { Session } from "node:inspector/promises";
import init from "#oidc-wasm";
import { cases } from "../cases/index.mjs";
import { growth } from "../growth/index.mjs";
import { repeat, stagesOf } from "../measure.mjs";
import { createProvider } from "../provider.mjs";

const [, , id, module] = process.argv;
// The module with function names.
await init(await readFile(module));
const largest = growth[id]?.sizes.at(-1);
const { "oidc-wasm": ours } = await (cases[id] ?? growth[id]).contenders(await createProvider(), largest);

async function run(milliseconds) {
  const until = performance.now() + milliseconds;
  while (performance.now() < until) {
    let values;
    for (const { step } of stagesOf(ours)) values = await repeat(step, 10, values);
  }
}

await run(500);
const session = new Session();
session.connect();
await session.post("Profiler.enable");
await session.post("Profiler.setSamplingInterval", { interval: 200 });
await session.post("Profiler.start");
await run(3000);
process.send(await session.post("Profiler.stop"));
