// Node: each case is a test of node:test. The results go to the file that RESULTS names.
import { writeFileSync } from "node:fs";
import { after, test } from "node:test";
import { cases, runCase } from "../suite/index.js";

const context = { origin: process.env.ORIGIN, readyAtImport: process.env.READY === "true" };
const results = [];
for (const one of cases) {
  test(one.name, async () => {
    const result = await runCase(one, context);
    results.push({ vector: one.vector, ...result });
    if (!result.ok) throw new Error(result.message);
  });
}
after(() => writeFileSync(process.env.RESULTS, JSON.stringify(results)));
