// Runs every case of suite/edge in each server runtime.
import { bun } from "./runtimes/bun.mjs";
import { deno } from "./runtimes/deno.mjs";
import { byProgram } from "./runtimes/program.mjs";
import { workerd } from "./runtimes/workerd.mjs";

const ENTRY = "js/entries/edge.mjs";
const runtimes = {
  node: (context) =>
    byProgram("node", process.execPath, [ENTRY], context, { MANY: context.isEveryday ? "10000" : "100000" }),
  workerd: (context) => workerd(context, "js/entries/edge_workerd.js"),
  deno: (context) => deno(context, ENTRY),
  bun: (context) => bun(context, ENTRY),
};

/** The runtimes that EDGE_RUNTIMES names. */
const wanted = process.env.EDGE_RUNTIMES?.split(",") ?? Object.keys(runtimes);

export async function edge(context) {
  const results = [];
  for (const runtime of wanted)
    for (const result of await runtimes[runtime](context))
      results.push({ ...result, name: `${runtime}: ${result.name}` });
  return results;
}
