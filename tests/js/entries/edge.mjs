// Node, Deno, Bun: runs the cases of the server entries. The results go to the file that RESULTS names.
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
