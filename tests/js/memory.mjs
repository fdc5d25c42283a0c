// The engine's memory: the life of a relying party, hostile input, and secrets that must not remain.
import { join } from "node:path";
import { createChecks, must, root } from "./lib.mjs";
import { project } from "./project.mjs";

/** Repetitions of each way. The test build of the module counts every byte that outlives a call. */
const TIMES = 120;
/** Repetitions of the way that uses megabytes. */
const FLOODS = 6;
const ways = "dropped freed disposed failing flooded verified served discovered rekeyed".split(" ");

/** Bodies of a megabyte. Each call that reads a body gets each of them. */
const hostile = [
  "numbers",
  "names",
  "open",
  "nested",
  "escaped",
  "text",
  "wholeKeys",
  "emptyKeys",
  "scopes",
  "algorithms",
];

/** The most pages of 64 KiB for one relying party: 20 MiB, as src/wasm/memory.rs and SECURITY.md state. */
const BOUND = 320;
/** The same for calls that keep no keys: 8 MiB. */
const KEYLESS = 128;

export async function memory({ isEveryday = false } = {}) {
  const { check, results } = createChecks("memory");
  const entry = async (args, env) => {
    const options = { cwd: project, env: { ...process.env, ...env } };
    return JSON.parse(await must(process.execPath, ["--expose-gc", "js/entries/memory.mjs", ...args], options));
  };
  const run = (...args) => entry(args, {});
  const counted = (way) =>
    entry([way, `${way === "flooded" ? FLOODS : TIMES}`], { COUNTED: join(root, "target/wasm/for_tests.wasm") });
  await check("each live relying party takes memory that the counter shows", async () => {
    const { live } = await counted("kept");
    if (live.some((bytes, at) => at && bytes <= live[at - 1])) throw new Error(`bytes in use: ${live}`);
  });
  for (const behind of ["ascii", "not ASCII", "over 64 KiB"]) {
    await check(`no secret is left after any call: ${behind}`, async () => {
      const { left, made, searched } = await run("secrets", "0", behind);
      if (made < 100 || searched < 100) throw new Error(`only ${made} secrets and ${searched} searches`);
      if (left.length) throw new Error(`left in memory: ${left.join(", ")}`);
    });
  }
  for (const character of ["h", "é", "€"]) {
    await check(`strings that just fit into memory, or just do not: ${character}`, async () => {
      let pages = 0;
      for (const by of [-2, -1, 0, 1, 2]) {
        const { isRead, length, grown } = await run("border", `${by}`, character);
        if (!isRead || length < 10_000) throw new Error(`${length} characters, by ${by}, are read as something else`);
        pages += grown;
      }
      if (!pages) throw new Error("the memory did not grow");
    });
  }
  for (const name of [...hostile, "all"]) {
    const often = name === "all" ? 200 : 20;
    // What grows does so soon. The other repetitions are among the long parts.
    const times = isEveryday ? often * 0.4 : often;
    await check(`${times} times a hostile megabyte: ${name}`, async () => {
      const [, settled, end] = (await run("hostile", `${times}`, name)).pages;
      if (!(end <= settled)) throw new Error(`memory grew from ${settled} to ${end} pages of 64 KiB`);
      const bound = /wholeKeys|all/.test(name) ? BOUND : KEYLESS;
      if (end > bound) throw new Error(`${end} pages of 64 KiB, more than ${bound}`);
    });
  }
  for (const way of ways) {
    await check(`${TIMES} parties, ${way}`, async () => {
      const { live, pages } = await counted(way);
      if (new Set(live).size !== 1) throw new Error(`bytes in use: ${live}`);
      const [start, end] = pages;
      if (start > 4) throw new Error(`the module starts with ${start * 64} KiB, more than 256`);
      // A header full of one-letter challenges is the most expensive input here.
      if (end > 32) throw new Error(`${end} pages of 64 KiB`);
    });
  }
  return results;
}
