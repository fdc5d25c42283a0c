// `cargo xtask bench` builds the package and calls this: every runtime in turn, then the table, the JSON and the picture.
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { cases } from "./cases/index.mjs";
import { child } from "./child.mjs";
import { coldStart } from "./cold.mjs";
import { growth } from "./growth/index.mjs";
import { judge } from "./growth/verdict.mjs";
import { rewritePage } from "./page.mjs";
import { picture } from "./picture.mjs";
import { profile } from "./profile.mjs";
import { createProgress } from "./progress.mjs";
import { picked } from "./selection.mjs";
import { growthTable, missedIn, runtimeTable } from "./table.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const wasm = join(root, "pkg/dist/oidc_wasm.wasm");
const peers = ["oauth4webapi", "openid-client", "jose", "oidc-client-ts", "pkce-challenge"];

const options = read({
  only: { type: "string" },
  runtimes: { type: "string" },
  node: { type: "string", multiple: true },
  check: { type: "boolean", default: false },
  quick: { type: "boolean", default: false },
  record: { type: "boolean", default: false },
  profile: { type: "string" },
});
/** A runtime has one entry here, one file in runtimes/ and one in entries/. Each Node has its own column. */
const nodes = options.node ?? [process.execPath];
const runtimes = {
  node: nodes.map((path, at) => ({
    id: at ? `node${at + 1}` : "node",
    title: "Node",
    clock: "processor time",
    path,
    load: async () => (await import("./runtimes/node.mjs")).nodeAt(path, { isFirst: at === 0 }),
  })),
  chromium: [
    {
      id: "chromium",
      title: "Chromium",
      clock: "time",
      load: async () => (await import("./runtimes/chromium.mjs")).chromium,
    },
  ],
  workerd: [
    {
      id: "workerd",
      title: "workerd",
      clock: "time",
      load: async () => (await import("./runtimes/workerd.mjs")).workerd,
    },
  ],
};

const known = [...Object.keys(cases), "cold_start", ...Object.keys(growth)];
const only = chosen("case", options.only ?? options.profile, known);
const wanted = chosen("runtime", options.runtimes, Object.keys(runtimes)) ?? Object.keys(runtimes);
const pace = options.quick ? "quick" : "full";
if (options.record && (only || options.runtimes || options.quick))
  fail("--record takes the whole run: without --only, --runtimes and --quick");

if (process.env.CHROMIUM === "" && (options.record || (options.check && wanted.includes("chromium"))))
  fail("--record and --check leave nothing out, and Chromium is not to be had here: --check --runtimes node,workerd");
const absent = nodes.filter((path) => !existsSync(path));
if (absent.length) fail(`no Node at ${absent.join(", ")}`);
if (options.node && !wanted.includes("node")) fail("--node says which Node, and --runtimes leaves Node out");
if (options.profile && (only.length > 1 || only[0] === "cold_start"))
  fail("--profile takes one case, and not cold_start, which is over before a profiler sees it");

if (options.profile) await profile(options.profile, nodes[0]);
else await bench();

/** @returns {Record<string, any>} */
function read(options) {
  try {
    return parseArgs({ options }).values;
  } catch ({ message }) {
    return fail(message);
  }
}

function chosen(kind, text, known) {
  const names = text?.split(",");
  const unknown = names?.filter((name) => !known.includes(name)) ?? [];
  if (unknown.length) fail(`no such ${kind}: ${unknown.join(", ")}; there are ${known.join(", ")}`);
  return names;
}

/** @returns {never} */
function fail(sentence, code = 2) {
  console.error(sentence);
  process.exit(code);
}

async function bench() {
  const here = Object.keys(picked(cases, only)).length;
  const sizes = Object.values(picked(growth, only)).flatMap(({ sizes }) => sizes).length;
  const isCold = !only || only.includes("cold_start");
  const inNode = wanted.includes("node");
  const all = wanted.flatMap((name) => runtimes[name]);
  const progress = createProgress(here * all.length + (inNode ? 2 * sizes + nodes.length * Number(isCold) : 0));

  const results = {
    recorded: new Date().toISOString().slice(0, 10),
    pace,
    machine: `${process.platform} ${process.arch}, ${availableParallelism()} cores`,
    versions: await versions(),
    runtimes: {},
    growth: {},
  };
  for (const { id: runtime, title, clock, path, load } of all) {
    // No Chromium was found; an earlier line says so.
    if (runtime === "chromium" && process.env.CHROMIUM === "") continue;
    const told = progress.of(runtime);
    const measured = await (await load())({ only, pace, progress: told });
    const { version, rows } = measured;
    results.runtimes[runtime] = { title, version, clock, rows };
    if (!path) continue;
    if (isCold) rows.cold_start = await coldStart.measure({ node: path, pace, progress: told });
    for (const [id, { points, ...rest }] of Object.entries(measured.growth)) {
      for (const point of points) {
        progress.of("Memory")({ title: `${rest.title}, ${point.size} ${rest.unit}`, part: 0 });
        point.memory = await child("memory.mjs", { args: [id, point.size, wasm], node: path });
      }
      results.growth[id] = judge({ ...rest, points });
    }
  }
  progress.end();
  if (
    !Object.values(results.runtimes).some(({ rows }) => Object.keys(rows).length) &&
    !Object.keys(results.growth).length
  )
    fail("nothing was measured: cold_start and the growth rows need Node, and Chromium must be installed");
  const missed = Object.values(results.runtimes).flatMap(missedIn);
  show(rounded(results), missed);
  await write(rounded(results));
  if (options.check && missed.length) fail(`\n${missed.length} of what is required is missed.`, 1);
}

function show(results, missed) {
  for (const { title, ...measured } of Object.values(results.runtimes))
    if (Object.keys(measured.rows).length) console.log(`\n${runtimeTable(title, measured)}`);
  if (Object.keys(results.growth).length) console.log(`\nHow cost grows, in Node\n\n${growthTable(results.growth)}`);
  const falling = Object.entries(results.growth).filter(([, { holds }]) => !holds.met);
  if (falling.length) console.log(`\nThe ratio falls as input grows: ${falling.map(([id]) => id).join(", ")}`);
  if (missed.length) console.log(`\nMissed:\n${missed.map((line) => `  ${line}`).join("\n")}`);
  console.log("\nWhere the time goes: cargo xtask bench --profile <case>");
}

async function versions() {
  const entries = await Promise.all(
    ["oidc-wasm", ...peers].map(async (name) => {
      const folder = name === "oidc-wasm" ? "pkg" : `node_modules/${name}`;
      return [name, JSON.parse(await readFile(join(root, folder, "package.json"), "utf8")).version];
    }),
  );
  return Object.fromEntries(entries);
}

async function write(results) {
  const folder = options.record ? "benches/results" : "target/bench";
  await mkdir(join(root, folder), { recursive: true });
  await writeFile(join(root, folder, "speed.json"), `${JSON.stringify(results, null, 2)}\n`);
  const isWhole = !only && !options.runtimes;
  const pictures = options.record ? "docs/pictures" : folder;
  if (isWhole) await writeFile(join(root, pictures, "speed.svg"), picture(results));
  if (options.record) await rewritePage(join(root, "docs/speed.md"), results);
  console.log(`\n${folder}/speed.json${isWhole ? ` and ${pictures}/speed.svg are` : " is"} written.`);
}

/** The results keep only measured digits. */
function rounded(value) {
  return JSON.parse(
    JSON.stringify(value, (_, part) =>
      typeof part === "number" && !Number.isInteger(part) ? Number(part.toPrecision(4)) : part,
    ),
  );
}
