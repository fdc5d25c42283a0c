// Counts how often a login calls the engine. A call costs as much as a small rule, so the number must not grow.
import { createChecks, must } from "./lib.mjs";
import { project } from "./project.mjs";

/** The highest number of calls for each step, for a public client. */
const MOST = { discover: 2, "discover, shared": 2, "callback, cold": 6, "callback, warm": 4, verifyIdToken: 1 };

export async function crossings() {
  const { check, results } = createChecks("crossings");
  const output = await must(process.execPath, ["js/entries/crossings.mjs"], { cwd: project });
  const counted = JSON.parse(output);
  for (const [name, most] of Object.entries(MOST)) {
    await check(`${name}: ${most} at most`, async () => {
      // Zero calls would mean that the counter does not work.
      if (!(counted[name] >= 1)) throw new Error(`${counted[name]} calls of the engine were seen`);
      if (counted[name] > most) throw new Error(`${counted[name]} calls of the engine`);
    });
  }
  return results;
}
