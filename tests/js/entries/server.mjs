// Deno, Bun: runs the whole suite. The results go to the file that RESULTS names.
import { writeFileSync } from "node:fs";
import { runAll } from "../suite/index.js";

const results = await runAll({ origin: process.env.ORIGIN, readyAtImport: false });
writeFileSync(process.env.RESULTS, JSON.stringify(results));
process.exit(results.every(({ ok }) => ok) ? 0 : 1);
