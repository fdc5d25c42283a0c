// Deno, Bun: the whole suite at once; the verdicts go to the file named in RESULTS.
import { writeFileSync } from "node:fs";
import { runAll } from "../suite/index.js";

const results = await runAll({ origin: process.env.ORIGIN, readyAtImport: false });
writeFileSync(process.env.RESULTS, JSON.stringify(results));
process.exit(results.every(({ ok }) => ok) ? 0 : 1);
