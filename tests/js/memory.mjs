// A dropped RelyingParty gives its memory back: a hundred thousand of them and the module's memory stays as it was.
import { createChecks, must } from "./lib.mjs";
import { project } from "./project.mjs";

// How often is enough for a leak of a dozen bytes to fill a page.
const ways = {
  dropped: 100_000,
  freed: 100_000,
  disposed: 20_000,
  failing: 20_000,
  flooded: 200,
  verified: 3_000,
  served: 3_000,
};

export async function memory() {
  const { check, results } = createChecks("memory");
  /** Pages of 64 KiB: at the start, after a tenth of the parties, at the end. */
  const pagesOf = async (way, times) => {
    const output = await must(process.execPath, ["--expose-gc", "js/entries/memory.mjs", way, `${times}`], {
      cwd: project,
    });
    return JSON.parse(output).pages;
  };
  await check("parties that are kept take memory: the measure sees it", async () => {
    const [, early, end] = await pagesOf("kept", 5_000);
    if (end <= early) throw new Error(`${early} pages, then ${end}`);
  });
  await check("no secret is left when the party is given back", async () => {
    const { held, left } = JSON.parse(
      await must(process.execPath, ["js/entries/memory.mjs", "wiped"], { cwd: project }),
    );
    // The client's secret is the party's own as long as it lives: the search sees what is there.
    if (held.join() !== "client-secret") throw new Error(`while it lives it holds ${held}`);
    if (left.length) throw new Error(`left in memory: ${left}`);
  });
  for (const [way, times] of Object.entries(ways)) {
    await check(`${times} parties, ${way}`, async () => {
      const [start, early, end] = await pagesOf(way, times);
      if (start > 4) throw new Error(`the module starts with ${start * 64} KiB, more than 256`);
      if (end > early) throw new Error(`memory grew from ${early} to ${end} pages of 64 KiB`);
      // A header full of one-letter challenges is the most that any message costs.
      if (end > 32) throw new Error(`${end} pages of 64 KiB`);
    });
  }
  return results;
}
