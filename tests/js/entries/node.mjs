// Node: runs the whole suite. The results go to the file that RESULTS names. Nothing ends the process, so no case may leave a timer.
import { writeFileSync } from "node:fs";
import { runAll } from "../suite/index.js";

const results = await runAll({ origin: process.env.ORIGIN, readyAtImport: process.env.READY === "true" });
writeFileSync(process.env.RESULTS, JSON.stringify(results));
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
