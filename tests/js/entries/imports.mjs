// Node, Deno, Bun: the results go to the file named in RESULTS.
import { writeFileSync } from "node:fs";
import { importAll } from "../suite/imports.js";

const { env } = process;
const results = await importAll();
writeFileSync(env.RESULTS, JSON.stringify(results));
process.exit(results.every(({ ok }) => ok) ? 0 : 1);
