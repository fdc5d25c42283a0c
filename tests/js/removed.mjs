// Removes every rule, one at a time. A test must fail without it, and pass with it.
// node tests/js/removed.mjs --package <tarball> --module <file> --engine <codes and numbers> [rule…]
// A module for tests can lack a rule of the engine. Where the package's JavaScript names a rule, the name becomes another.
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { createChecks, must, ruleCodes, same, Unequal } from "./lib.mjs";
import { namings } from "./namings.mjs";
import { poison } from "./poison.mjs";
import { createProject, installed, project } from "./project.mjs";
import { startServer } from "./server.mjs";
import { openScenarios, prepare } from "./session/index.mjs";
import { bundle } from "./session/site.mjs";
import { starting } from "./starting.mjs";

const { values, positionals } = parseArgs({
  options: { package: { type: "string" }, module: { type: "string" }, engine: { type: "string" } },
  allowPositionals: true,
});
const tarball = resolve(values.package);
const dist = join(installed, "dist");
/** The same project, with a package that stays whole. */
const whole = join(project, "../whole");
const server = await startServer();
const env = { ...process.env, ORIGIN: server.origin, WHOLE: whole };

/** Runs cases in Node. Its last line is the result; without it, the run proves nothing. */
async function inNode(...args) {
  const program = ["--no-warnings", "js/entries/removed.mjs", ...args];
  const output = await must(process.execPath, program, { cwd: project, env });
  return JSON.parse(output.trim().split("\n").at(-1) ?? "");
}

/** The first case of suite/ or suite/edge/ that fails without the name, and passes with it. */
const missingCase = ({ code, isOfEdge }, remove) => remove(() => inNode(code, isOfEdge ? "edge" : "index"));

/** Parts whose checks have processes of their own, by the first word of the codes. */
const parts = {
  internal: poison,
  async init() {
    const { check, results } = createChecks("start");
    await starting(check);
    return results;
  },
};

/** The same for the checks of such a part. */
async function missingCheck({ code }, remove) {
  const part = parts[code.split(".")[0]];
  const failing = async () => (await part()).filter(({ ok }) => !ok).map(({ name }) => name);
  const [first] = await remove(failing);
  if (first) same(await failing(), [], "failing checks of the whole package");
  return first;
}

/** The same for the one error of oidc-wasm/node. */
async function missingAdapter(_, remove) {
  const program = `import { express } from "oidc-wasm/node"; express({})({ headers: {} }, {}, ({ code }) => console.log(code));`;
  const code = () => must(process.execPath, ["--input-type=module", "--eval", program], { cwd: project });
  const isRight = (told) => told.trim() === "argument.part";
  return !isRight(await remove(code)) && isRight(await code()) ? "express without a login and a guard" : undefined;
}

/** The same for the scenarios of a page in Chromium, those that name the rule first. Only a failed assertion misses the rule. */
async function missingScenario({ code }, remove) {
  const { server, scenarios, run, close } = await openScenarios("chromium");
  const all = [server, ...scenarios];
  const speaks = ({ body }) => body.toString().includes(code);
  try {
    for (const one of [...all.filter(speaks), ...all.filter((one) => !speaks(one))]) {
      const failure = async () => {
        await bundle();
        return run(one).then(
          () => undefined,
          (error) => error,
        );
      };
      if ((await remove(failure)) instanceof Unequal && !(await failure())) return one.title;
    }
  } finally {
    await close();
  }
}

/** Runs a test while a file of the package names another rule. */
const without =
  ({ file, at, length, other }) =>
  async (run) => {
    const path = join(dist, file);
    const text = await readFile(path, "utf8");
    await writeFile(path, text.slice(0, at) + other + text.slice(at + length));
    try {
      return await run();
    } finally {
      await writeFile(path, text);
    }
  };

const unmissed = [];
const told = (code, name, place = "the engine") => {
  console.log(`${name ? "ok" : "not ok"} ${code} in ${place}: ${name ?? "no JavaScript test fails without it"}`);
  if (!name) unmissed.push(code);
};

await createProject(tarball, "full");
await prepare();
const places = await namings(dist);
const engine = JSON.parse(values.engine);
const isKnown = (code) => code in engine || places.some((place) => place.code === code);
for (const code of positionals) if (!isKnown(code)) throw new Error(`no rule is named ${code}`);
for (const code of await ruleCodes())
  if (!isKnown(code)) throw new Error(`neither the engine nor JavaScript applies ${code}`);
const isWanted = (code) => !positionals.length || positionals.includes(code);

const wanted = Object.entries(engine).filter(([code]) => isWanted(code));
for (const [code, name] of await inNode(JSON.stringify(Object.fromEntries(wanted)), resolve(values.module)))
  told(code, name);
/**
 * Two builds lack features, and each has a rule for them. poison.mjs and starting.mjs run the default build first.
 * @type {[string, (code: string) => boolean][]}
 */
const builds = [
  ["full", (code) => !/^build\.|^init\.|^internal$/.test(code)],
  [".", (code) => /^build\.full$|^init\.|^internal$/.test(code)],
  ["login", (code) => code === "build.default"],
];
for (const [entry, isOf] of builds) {
  const here = places.filter(({ code }) => isOf(code) && isWanted(code));
  if (!here.length) continue;
  await createProject(tarball, entry);
  await prepare();
  await rm(whole, { recursive: true, force: true });
  await cp(project, whole, { recursive: true });
  for (const place of here) {
    const missing = place.isOfPages ? missingScenario : place.isOfNode ? missingAdapter : missingCase;
    const isOfPart = place.code.split(".")[0] in parts;
    const name = (isOfPart && (await missingCheck(place, without(place)))) || (await missing(place, without(place)));
    told(place.code, name, place.file);
  }
}
await server.close();
const count = wanted.length + places.filter(({ code }) => isWanted(code)).length;
console.log(`${count - unmissed.length} passed, ${unmissed.length} failed`);
process.exitCode = unmissed.length ? 1 : 0;
