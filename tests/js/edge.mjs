// The entries for servers, in each runtime that serves: the cases of suite/edge, one and all.
import { bun } from "./runtimes/bun.mjs";
import { deno } from "./runtimes/deno.mjs";
import { byProgram } from "./runtimes/program.mjs";
import { workerd } from "./runtimes/workerd.mjs";

const ENTRY = "js/entries/edge.mjs";
const runtimes = {
  node: (context) => byProgram("node", process.execPath, [ENTRY], context, { MANY: "100000" }),
  workerd: (context) => workerd(context, "js/entries/edge_workerd.js"),
  deno: (context) => deno(context, ENTRY),
  bun: (context) => bun(context, ENTRY),
};

export async function edge(context) {
  const results = [];
  for (const [runtime, run] of Object.entries(runtimes))
    for (const result of await run(context)) results.push({ ...result, name: `${runtime}: ${result.name}` });
  return results;
}
