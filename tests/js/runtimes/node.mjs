import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../lib.mjs";
import { project } from "../project.mjs";

/** The suite under node:test, whose own report is printed where something failed. */
export async function node({ origin }) {
  const results = join(project, "node.json");
  await rm(results, { force: true });
  const { code, output } = await run(process.execPath, ["--test-reporter=tap", "entries/node.mjs"], {
    cwd: project,
    env: { ...process.env, ORIGIN: origin, RESULTS: results },
  });
  const cases = JSON.parse(await readFile(results, "utf8").catch(() => "[]"));
  const failed = cases.some(({ ok }) => !ok);
  // A crash, a test that never ended: node:test knows, the list of results does not.
  if ((code !== 0) !== failed || cases.length === 0)
    cases.push({ name: "node:test", ok: false, message: output.slice(-4000) });
  return cases;
}
