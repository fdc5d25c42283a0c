// A dropped RelyingParty gives its memory back: a hundred thousand of them and the module's memory stays as it was.
import { createChecks, must } from "./lib.mjs";
import { project } from "./project.mjs";

// How often is enough for a leak of a dozen bytes to fill a page.
const ways = { dropped: 100_000, freed: 100_000, disposed: 20_000, failing: 20_000, verified: 3_000 };

export async function memory() {
  const { check, results } = createChecks("memory");
  for (const [way, times] of Object.entries(ways)) {
    await check(`${times} parties, ${way}`, async () => {
      const output = await must(process.execPath, ["--expose-gc", "entries/memory.mjs", way, `${times}`], {
        cwd: project,
      });
      const { pages } = JSON.parse(output);
      const [start, early, end] = pages;
      if (start > 4) throw new Error(`the module starts with ${start * 64} KiB, more than 256`);
      if (end > early) throw new Error(`memory grew from ${early} to ${end} pages of 64 KiB: ${output}`);
      // Flat, and at a size that a leak of a few bytes each would have passed long ago.
      if (end > 16) throw new Error(`${end} pages of 64 KiB`);
    });
  }
  return results;
}
