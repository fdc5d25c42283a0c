// No input ends the process. V8 up to 12.4 (Node 20 and 22) does when memory grows during an inlined call that returns a reference.
// Each step of the engine has a process of its own in every Node: hot calls, then input that grows.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createChecks, must, root, run } from "./lib.mjs";
import { project } from "./project.mjs";

/** What package.json lists for this machine. Where it lists nothing: the Node that runs the tests. */
async function nodes() {
  const { optionalDependencies } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const names = Object.keys(optionalDependencies).filter((name) =>
    name.endsWith(`-${process.platform}-${process.arch}`),
  );
  if (names.length === 0) return [{ version: process.version, program: process.execPath }];
  const program = process.platform === "win32" ? "bin/node.exe" : "bin/node";
  return names.map((name) => ({
    version: `v${optionalDependencies[name].split("@").at(-1)}`,
    program: join(root, "node_modules", name, program),
  }));
}

/** The names of all steps, each at its number. */
async function stepNames() {
  const constants = await readFile(join(root, "pkg/src/generated/numbers.ts"), "utf8");
  const all = [...constants.matchAll(/const (\w+) = (\d+);/g)].filter(([, name]) => !name.endsWith("_KIND"));
  return all.map(([, name]) => name);
}

/** Two at a time. */
async function each(list, work) {
  const left = [...list];
  const next = async () => {
    while (left.length) await work(left.shift());
  };
  await Promise.all([next(), next()]);
}

export async function growth() {
  const { check, results } = createChecks("growth");
  const names = await stepNames();
  const start = (program, ...args) => run(program, ["js/entries/growth.mjs", ...args], { cwd: project });
  const cases = JSON.parse(await must(process.execPath, ["js/entries/growth.mjs"], { cwd: project }));

  const called = new Set();
  const grown = new Set();
  const found = [];
  await each(cases, (name) =>
    check(`${name}, watched`, async () => {
      const step = name.split(": ")[1];
      const { code, output } = await start(process.execPath, name, "watch", names.indexOf(step));
      if (code !== 0) throw new Error(output);
      const { steps, place, grewIn } = JSON.parse(output);
      for (const one of steps) called.add(names[one.step]);
      if (names[grewIn] !== step) throw new Error(`memory grew first in ${names[grewIn]}`);
      grown.add(step);
      found.push({ name, by: steps[place - 1].by, place });
    }),
  );
  await check("every step is called and grows memory", () => {
    // Freeing takes no memory.
    const missing = names.filter((name) => !(name === "FREE" ? called : grown).has(name));
    if (missing.length) throw new Error(`no case for ${missing}`);
  });

  for (const { version, program } of await nodes()) {
    let isThere = false;
    await check(`Node ${version}`, async () => {
      const said = (await must(program, ["--version"])).trim();
      if (said !== version) throw new Error(`${program} is ${said}`);
      isThere = true;
    });
    if (!isThere) continue;
    await each(found, ({ name, by, place }) =>
      check(`${name}, Node ${version}`, async () => {
        const { code, signal, output } = await start(program, name, by, place);
        if (code !== 0) throw new Error(`ended with ${signal ?? code}: ${output.slice(0, 1000)}`);
      }),
    );
  }
  return results;
}
