// Node, Deno, Bun: the results go to the file that RESULTS names.
import { writeFileSync } from "node:fs";
import { importAll } from "../suite/imports.js";

const { env } = process;
const results = await importAll();
writeFileSync(env.RESULTS, JSON.stringify(results));
process.exit(results.every(({ ok }) => ok) ? 0 : 1);
