import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { cases } from "../cases/index.mjs";
import { goalsOf } from "../goals.mjs";
import { batchOf, turned } from "../measure.mjs";
import { picked } from "../selection.mjs";
import { compare } from "../statistics.mjs";

const entry = fileURLToPath(new URL("../entries/worker.mjs", import.meta.url));
const wasm = fileURLToPath(new URL("../../../pkg/dist/oidc_wasm.wasm", import.meta.url));

/** Milliseconds, except the rounds. A batch is much longer than the request that starts it. */
const paces = { full: { rounds: 30, warmup: 300, batch: 20 }, quick: { rounds: 5, warmup: 60, batch: 15 } };

/** Every case in one Worker. Each turn measures an empty request and subtracts its time. */
export async function workerd({ only, pace, progress }) {
  const worker = await startWorker();
  const ask = async (command, params) => {
    const reply = await worker.dispatchFetch(`http://worker.example/${command}?${new URLSearchParams(params)}`);
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${params.id}: ${text}`);
    return text;
  };
  const asking = async (command, params) => {
    const since = performance.now();
    await ask(command, params);
    return performance.now() - since;
  };
  /** Milliseconds of the timed stages only. */
  const spent = async ({ id, name, stages }, count) => {
    let sum = 0;
    for (const [stage, timed] of stages.entries()) {
      const took = await asking("run", { id, name, stage, count });
      if (timed) sum += took - (await asking("nothing", { id, name, stage, count }));
    }
    return sum;
  };
  const { rounds, warmup, batch } = paces[pace];
  const prepare = async (one) => {
    for (const until = performance.now() + warmup; performance.now() < until; ) await spent(one, 10);
    return { ...one, count: await batchOf(batch, (count) => spent(one, count)) };
  };
  const rows = {};
  try {
    for (const [id, { title, includes }] of Object.entries(picked(cases, only))) {
      progress({ title, part: 0 });
      const { stages, floors } = JSON.parse(await ask("prepare", { id }));
      const ready = [];
      for (const [name, timed] of Object.entries(stages)) ready.push(await prepare({ id, name, stages: timed }));
      const times = [];
      for (let at = 0; at < rounds; at++) {
        const round = Object.fromEntries(ready.map(({ name }) => [name, undefined]));
        for (const one of turned(ready, at)) round[one.name] = (await spent(one, one.count)) / one.count;
        times.push(round);
        progress({ title, part: (at + 1) / rounds });
      }
      rows[id] = { title, includes, ...compare(times, { goals: goalsOf(id, "workerd"), floors }) };
    }
  } finally {
    await worker.dispose();
  }
  return { version: createRequire(import.meta.url)("workerd/package.json").version, rows };
}

async function startWorker() {
  const bundled = await build({
    entryPoints: [entry],
    bundle: true,
    format: "esm",
    conditions: ["workerd", "worker"],
    external: ["*.wasm?module"],
    write: false,
    logLevel: "error",
  });
  const [{ text }] = bundled.outputFiles;
  const contents = text.replace(/"[^"]+\.wasm\?module"/, '"oidc_wasm.wasm"');
  /** @type {import("miniflare").ModuleDefinition} */
  const main = { type: "ESModule", path: "worker.js", contents };
  /** @type {import("miniflare").ModuleDefinition} */
  const module = { type: "CompiledWasm", path: "oidc_wasm.wasm", contents: await readFile(wasm) };
  return new Miniflare({ modules: [main, module], compatibilityDate: "2026-04-01" });
}
