// The JavaScript tests: node tests/js/run.mjs --package <tarball> [--only node,chromium,… | --everyday | --alone] [--full | --login]
// --everyday leaves out the other runtimes and the slow parts. --alone runs the parts that change their process.
// With --full, `oidc-wasm` means oidc-wasm/full. With --login it means oidc-wasm/login, and only the vectors run.
// Prints one line per failing case, one line per part, and the count last.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { readVectors, root } from "./lib.mjs";
import { createProject } from "./project.mjs";
import { startServer } from "./server.mjs";

/** By name: a file exports a function of its own name; `name/` is a folder with an index. */
const filed = (folder, names) =>
  Object.fromEntries(
    names.split(" ").map((file) => {
      const name = file.replace("/", "");
      return [name, async () => (await import(`${folder}${file.replace("/", "/index")}.mjs`))[name]];
    }),
  );

/** The name of a runtime here is its file in runtimes/, and one in entries/. */
const runtimes = filed("./runtimes/", "node javascript chromium firefox webkit workerd deno bun");

/** The parts outside the suite. Each part is a function that resolves to its results. */
const parts = filed(
  "./",
  "loads imports packaged matrix types sources memory growth crossings poison session/ example login full/ extensions mcp flows services faults/ providers/ certification edge adapters worker readme/ links words compare/ apps/ peers bench mutants/",
);

/** These parts write files that other parts read. */
const writing = ["packaged", "matrix", "imports"];

/** These parts change their process: its clock, its globals, a prototype of the package. A run without names leaves them to --alone. */
const alone = ["adapters", "peers", "mutants", "growth", "providers"];

/** The parts that each change needs. The longest ones come first, so that both lanes end together. */
const everyday =
  "readme memory node chromium workerd full worker edge example loads types services login sources crossings matrix links words apps bench".split(
    " ",
  );

const { values } = parseArgs({
  options: {
    package: { type: "string" },
    only: { type: "string" },
    everyday: { type: "boolean" },
    alone: { type: "boolean" },
    full: { type: "boolean" },
    login: { type: "boolean" },
  },
});
if (!values.package) {
  console.error("usage: node tests/js/run.mjs --package <oidc-wasm-….tgz> [--only node,chromium,…] [--full | --login]");
  process.exit(2);
}
// They shorten a part that a person runs alone.
const shorter = ["APPS_ONLY", "EDGE_RUNTIMES", "SESSION_BROWSERS", "SESSION_ONLY"].filter((name) => process.env[name]);
if (shorter.length && !values.only && !values.alone) {
  console.error(`${shorter.join(", ")}: only with --only`);
  process.exit(2);
}
if (values.everyday) process.env.EDGE_RUNTIMES = "node,workerd";
const known = Object.keys({ ...runtimes, ...parts });
// The longest part comes first, so that both lanes end together.
const shared = ["session", ...known.filter((name) => !["session", ...alone].includes(name))];
const wanted = values.only?.split(",") ?? (values.alone ? alone : values.everyday ? everyday : shared);
const unknown = [...wanted, ...writing, ...alone, ...everyday].filter((name) => !known.includes(name));
if (unknown.length) {
  console.error(`no such part: ${unknown.join(", ")}; there are ${known.join(", ")}`);
  process.exit(2);
}

console.log("installing the tarball into an empty project");
await createProject(resolve(values.package), values.full ? "full" : values.login ? "login" : ".");
const server = await startServer();
const columns = {};
let passed = 0;
let failed = 0;

function count(part, results, since) {
  for (const { name, ok, message } of results) {
    if (ok) passed++;
    else {
      failed++;
      console.log(`not ok ${part}: ${name}\n    ${message.split("\n").join("\n    ")}`);
    }
  }
  const bad = results.filter(({ ok }) => !ok).length;
  console.log(`${part}: ${results.length - bad} passed, ${bad} failed (${((Date.now() - since) / 1000).toFixed(1)} s)`);
}

async function runPart(name) {
  const since = Date.now();
  console.log(`${name}…`);
  let results;
  try {
    const part = await (runtimes[name] ?? parts[name])();
    results = await part({ origin: server.origin, isEveryday: values.everyday });
    if (results.length === 0) results = [{ name: "anything at all", ok: false, message: "no case ran" }];
  } catch (error) {
    results = [{ name: "the part itself", ok: false, message: String(error?.stack ?? error) }];
  }
  count(name, results, since);
  if (runtimes[name]) columns[name] = verdicts(results);
}

/** Runs two parts at a time. Each has its own processes, ports and files. Other parts go first, one at a time. */
const first = [...writing, ...alone];
for (const name of wanted.filter((one) => first.includes(one))) await runPart(name);
const others = wanted.filter((one) => !first.includes(one));
const next = async () => {
  while (others.length) await runPart(others.shift());
};
await Promise.all([next(), next()]);
await server.close();

function verdicts(results) {
  return Object.fromEntries(
    results.filter(({ vector }) => vector).map(({ name, ok, verdict }) => [name, ok ? verdict : "failed"]),
  );
}

// Every column must have the same verdict for each input. The native run wrote its own column. The JavaScript runs wrote the others.
if (Object.keys(columns).length) {
  await mkdir(join(root, "target/verdicts"), { recursive: true });
  for (const [name, column] of Object.entries(columns))
    await writeFile(join(root, `target/verdicts/${name}.json`), `${JSON.stringify(column, null, 1)}\n`);
  const native = JSON.parse(await readFile(join(root, "target/verdicts/native.json"), "utf8").catch(() => "{}"));
  if (native.sources === (await sources())) columns.native = native.verdicts;
  else {
    const message = `${native.sources ? "the native verdicts are of other sources" : "no native verdicts"}: run \`cargo test\` first`;
    count("native", [{ name: "verdicts", ok: false, message }], Date.now());
  }
  count(`verdicts on ${Object.keys(columns).join(", ")}`, compared(columns, await readVectors()), Date.now());
}

/** The digest of engine, native tests and vectors. `tests/native/common/vectors.rs` computes the same. */
async function sources() {
  const folders = ["src", "tests/native", "tests/vectors"].map((folder) => join(root, folder));
  const inside = await Promise.all(folders.map((path) => readdir(path, { recursive: true, withFileTypes: true })));
  const files = inside.flat().filter((entry) => entry.isFile());
  const hash = createHash("sha256");
  for (const path of files.map(({ parentPath, name }) => join(parentPath, name)).sort())
    hash.update(await readFile(path));
  return hash.digest("base64url");
}

/** One result for each vector file, and one for the suite's own cases: all required columns have the same verdict. */
function compared(columns, files) {
  /** The verdicts of runtimes without some feature, by case. @type {Map<string, Record<string, string>>} */
  const differing = new Map();
  /** @type {[string, Map<string, (column: string) => boolean>][]} */
  const topics = Object.entries(files).map(([file, { cases = [], native, full }]) => {
    const topic = file.replace(".json", "");
    for (const one of cases) if (one.differs) differing.set(`${topic}/${one.name}`, one.differs);
    const named = cases.map((one) => [
      `${topic}/${one.name}`,
      (column) => (column === "native" ? isArgument(one) : native || ((full || one.full) && !values.full)),
    ]);
    return [topic, new Map(named)];
  });
  const known = new Set(topics.flatMap(([, cases]) => [...cases.keys()]));
  const added = Object.values(columns).flatMap((column) => Object.keys(column).filter((name) => !known.has(name)));
  topics.push(["the suite's own", new Map(added.map((name) => [name, (column) => column === "native"]))]);
  return topics
    .filter(([, cases]) => cases.size)
    .map(([topic, cases]) => {
      const different = [...cases].flatMap(([name, mayLack]) => {
        // A build ignores the cases of features that it lacks.
        const row = Object.entries(columns).filter(
          ([column, all]) => (name in all || !mayLack(column)) && all[name] !== "build.default",
        );
        const verdicts = row.map(([, all]) => all[name] ?? "not run");
        const differs = differing.get(name) ?? {};
        const common = row.findIndex(([column]) => !differs[column]);
        const agree = row.every(
          ([column], at) => verdicts[at] === (differs[column] ?? verdicts[common]) && verdicts[at] !== "not run",
        );
        return agree ? [] : `${name}: ${row.map(([column], at) => `${column} ${verdicts[at]}`).join(", ")}`;
      });
      return {
        name: `${topic}: one verdict for each of ${cases.size} cases`,
        ok: different.length === 0,
        message: different.join("\n"),
      };
    });
}

/** TypeScript rejects wrong types and unknown names in JavaScript. Native tests construct the values in Rust. */
function isArgument({ expect }) {
  return expect.error?.code.startsWith("argument.");
}

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed || !passed ? 1 : 0;
