// No input ends the process. V8 up to 12.4 (Node 20 and 22) aborts if memory grows during an inlined call that returns
// a reference. Each call of the engine has its own process in every Node: hot calls, then growing input.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createChecks, must, root, run } from "./lib.mjs";
import { project } from "./project.mjs";

/** The Node versions that package.json lists for this machine. Without a list: the Node that runs the tests. */
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

/** The names of all calls of the default build. The index is the call's number. */
async function callNames() {
  const constants = await readFile(join(root, "pkg/src/generated/calls.ts"), "utf8");
  const full = JSON.parse(constants.match(/FULL_CALLS: readonly number\[\] = (\[.*\]);/)[1]);
  const all = [...constants.matchAll(/const (\w+) = (\d+);/g)].filter(
    ([, name, number]) => !name.endsWith("_KIND") && !full.includes(Number(number)),
  );
  return all.map(([, name]) => name);
}

/** Runs two at a time. */
async function each(list, work) {
  const left = [...list];
  const next = async () => {
    while (left.length) await work(left.shift());
  };
  await Promise.all([next(), next()]);
}

export async function growth() {
  const { check, results } = createChecks("growth");
  const names = await callNames();
  const start = (program, ...args) => run(program, ["js/entries/growth.mjs", ...args], { cwd: project });
  const cases = JSON.parse(await must(process.execPath, ["js/entries/growth.mjs"], { cwd: project }));

  const made = new Set();
  await each(cases, (name) =>
    check(`${name}, watched`, async () => {
      const aimed = name.split(": ")[1];
      const { code, output } = await start(process.execPath, name, "watch");
      if (code !== 0) throw new Error(output);
      const { calls, hasGrown } = JSON.parse(output);
      if (!calls.some((number) => names[number] === aimed)) throw new Error(`no call of ${aimed}`);
      // This call takes no input.
      if (!hasGrown && aimed !== "CREATE_PKCE") throw new Error("memory did not grow");
      made.add(aimed);
    }),
  );
  await check("every call of the engine has a case", () => {
    const missing = names.filter((name) => !made.has(name));
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
    await each(cases, (name) =>
      check(`${name}, Node ${version}`, async () => {
        const { code, signal, output } = await start(program, name);
        if (code !== 0) throw new Error(`ended with ${signal ?? code}: ${output.slice(0, 1000)}`);
      }),
    );
  }
  return results;
}
