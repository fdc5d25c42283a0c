import { readFile, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { run } from "../lib.mjs";
import { project } from "../project.mjs";

/** Runs an entry in a program that writes its results to a file. A failure shows the program's output. */
export async function byProgram(name, program, args, { origin }, environment = {}) {
  // Another part may run another entry at the same time.
  const results = join(project, `${name}-${basename(args.at(-1))}.json`);
  await rm(results, { force: true });
  const { code, output } = await run(program, args, {
    cwd: project,
    env: { ...process.env, ...environment, ORIGIN: origin, RESULTS: results },
  });
  const cases = JSON.parse(await readFile(results, "utf8").catch(() => "[]"));
  const failed = cases.some(({ ok }) => !ok);
  // The list of results does not show a crash or a test that never ends, but the exit code does.
  if ((code !== 0) !== failed || cases.length === 0)
    cases.push({ name: `${name} itself`, ok: false, message: output.slice(-4000) });
  return cases;
}
