// Node, Deno, Bun: the cases of the entries for servers; the verdicts go to the file named in RESULTS.
import { writeFileSync } from "node:fs";
import init from "oidc-wasm";
import { runAll } from "../suite/edge/index.js";

await init();
const results = await runAll({
  origin: process.env.ORIGIN,
  readyAtImport: false,
  many: Number(process.env.MANY ?? 2_000),
});
writeFileSync(process.env.RESULTS, JSON.stringify(results));
process.exit(results.every(({ ok }) => ok) ? 0 : 1);
