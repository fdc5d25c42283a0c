// The JavaScript tests: node tests/js/run.mjs --package <tarball> [--only node,chromium,…]
// One line per failing case, a line per part, and a count as the last line.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { root } from "./lib.mjs";
import { createProject } from "./project.mjs";
import { startServer } from "./server.mjs";

/** A runtime is one line here, one file in runtimes/ and one in entries/. */
const runtimes = {
  node: async () => (await import("./runtimes/node.mjs")).node,
  chromium: async () => (await import("./runtimes/chromium.mjs")).chromium,
  workerd: async () => (await import("./runtimes/workerd.mjs")).workerd,
};

/** What is not the suite: each part is a function that resolves to its results. */
const parts = {
  loads: async () => (await import("./loads.mjs")).loads,
  types: async () => (await import("./types.mjs")).types,
  sources: async () => (await import("./sources.mjs")).sources,
  memory: async () => (await import("./memory.mjs")).memory,
  poison: async () => (await import("./poison.mjs")).poison,
  login: async () => (await import("./login.mjs")).login,
  worker: async () => (await import("./worker.mjs")).worker,
  readme: async () => (await import("./readme.mjs")).readme,
  peers: async () => (await import("./peers.mjs")).peers,
  mutants: async () => (await import("./mutants.mjs")).mutants,
};

const { values } = parseArgs({ options: { package: { type: "string" }, only: { type: "string" } } });
if (!values.package) {
  console.error("usage: node tests/js/run.mjs --package <oidc-wasm-….tgz> [--only node,chromium,…]");
  process.exit(2);
}
const known = Object.keys({ ...runtimes, ...parts });
const wanted = values.only?.split(",") ?? known;
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length) {
  console.error(`no such part: ${unknown.join(", ")}; there are ${known.join(", ")}`);
  process.exit(2);
}

console.log("installing the tarball into an empty project");
await createProject(resolve(values.package));
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

for (const name of known.filter((one) => wanted.includes(one))) {
  const since = Date.now();
  console.log(`${name}…`);
  let results;
  try {
    const part = await (runtimes[name] ?? parts[name])();
    results = await part({ origin: server.origin });
    if (results.length === 0) results = [{ name: "anything at all", ok: false, message: "no case ran" }];
  } catch (error) {
    results = [{ name: "the part itself", ok: false, message: String(error?.stack ?? error) }];
  }
  count(name, results, since);
  if (runtimes[name]) columns[name] = verdicts(results);
}
await server.close();

function verdicts(results) {
  return Object.fromEntries(
    results.filter(({ vector }) => vector).map(({ name, ok, verdict }) => [name, ok ? verdict : "failed"]),
  );
}

// One verdict per input, the same everywhere: the native run wrote its own column, the engine under any JavaScript the others.
if (Object.keys(columns).length) {
  const native = await readFile(join(root, "target/verdicts/native.json"), "utf8").catch(() => undefined);
  if (native) columns.native = JSON.parse(native);
  else console.log("no native verdicts to compare with: run `cargo test` first");
  await mkdir(join(root, "target/verdicts"), { recursive: true });
  for (const [name, column] of Object.entries(columns)) {
    if (name !== "native")
      await writeFile(join(root, `target/verdicts/${name}.json`), `${JSON.stringify(column, null, 1)}\n`);
  }
  count(`verdicts on ${Object.keys(columns).join(", ")}`, compared(columns), Date.now());
}

/** One result for each vector file: whether the columns that ran it agree on every case. */
function compared(columns) {
  const fileOf = (name) => name.split(/[/:]/)[0];
  const names = [...new Set(Object.values(columns).flatMap((column) => Object.keys(column)))];
  return [...new Set(names.map(fileOf))].flatMap((file) => {
    const cases = names.filter((name) => fileOf(name) === file);
    const ran = Object.entries(columns).filter(([, column]) => cases.some((name) => name in column));
    if (ran.length < 2) return [];
    const different = cases
      // Natively, a wrong type does not compile, and what WebCrypto alone can judge is not judged.
      .map((name) => ({ name, row: ran.filter(([column, all]) => column !== "native" || name in all) }))
      .map(({ name, row }) => ({ name, row: row.map(([column, all]) => [column, all[name] ?? "not run"]) }))
      .filter(({ row }) => new Set(row.map(([, verdict]) => verdict)).size > 1);
    return {
      name: `${file}: one verdict for each of ${cases.length} cases on ${ran.map(([column]) => column).join(", ")}`,
      ok: different.length === 0,
      message: different.map(({ name, row }) => `${name}: ${row.map((cell) => cell.join(" ")).join(", ")}`).join("\n"),
    };
  });
}

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed || !passed ? 1 : 0;
