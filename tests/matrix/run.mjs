// A small project for each bundler, framework and runtime. Each gets the packed package and runs a whole login:
// node tests/matrix/run.mjs --package <tarball> [--only node,jest] [--record]
import { access, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { run } from "../js/lib.mjs";

const here = import.meta.dirname;
const root = join(here, "../..");
const page = join(root, "docs/runtimes.md");

/**
 * The projects by folder. In `matrix` of package.json, `how` is the way round. `quick` means that it needs no network.
 * `node` lists its Node versions. `like` names another project whose files it uses.
 */
export async function projects() {
  const folders = (await readdir(here, { withFileTypes: true })).filter(
    (entry) => entry.isDirectory() && entry.name !== "shared",
  );
  const read = async ({ name }) => ({ ...JSON.parse(await readFile(join(here, name, "package.json"), "utf8")), name });
  return Promise.all(folders.map(read));
}

async function npm(given, options) {
  const { code, output } = await run("npm", given, options);
  if (code !== 0) throw new Error(`npm ${given.join(" ")} ended with ${code}:\n${output}`);
  return output;
}

const installing = ["install", "--no-audit", "--no-fund", "--ignore-scripts"];

/** The folder of a Node version, from npm. */
async function nodeOf(version) {
  const name = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
  const at = join(root, "target/matrix", version);
  const bin = join(at, "node_modules", name, "bin");
  const isThere = await access(bin).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    await mkdir(at, { recursive: true });
    await npm([...installing, "--no-save", "--prefix", at, `${name}@${version}`], { cwd: at });
  }
  return bin;
}

/** Installs one project at a time and deletes it afterwards, because some are large. The quick way makes no network request. */
export async function attempt({ name, matrix }, tarball, { isQuick = false, keeps = false } = {}) {
  // Outside the repository, so that a project does not find the repository's packages.
  const at = await mkdtemp(join(tmpdir(), `matrix-${name}-`));
  for (const folder of ["shared", matrix.like, name].filter((one) => one))
    await cp(join(here, folder), at, { recursive: true });
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, CI: "true", WRANGLER_SEND_METRICS: "false" };
  for (const tool of ["NEXT", "ASTRO", "NUXT"]) env[`${tool}_TELEMETRY_DISABLED`] = "1";
  try {
    await npm([...installing, ...(isQuick ? ["--offline"] : []), tarball], { cwd: at, env });
    for (const version of (isQuick ? undefined : matrix.node) ?? [undefined]) {
      const PATH = version ? `${await nodeOf(version)}${delimiter}${process.env.PATH}` : process.env.PATH;
      const output = await npm(["test"], { cwd: at, env: { ...env, PATH } });
      if (!output.includes("signed in: alice")) throw new Error(`the login failed:\n${output}`);
    }
  } finally {
    if (keeps) console.log(at);
    else await rm(at, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      package: { type: "string" },
      only: { type: "string" },
      record: { type: "boolean" },
      keep: { type: "boolean" },
    },
  });
  const tarball = resolve(values.package);
  const all = await projects();
  const only = values.only?.split(",") ?? all.map(({ name }) => name);
  const unknown = only.filter((one) => !all.some(({ name }) => name === one));
  if (unknown.length) throw new Error(`there is no project ${unknown.join(", ")}`);
  let failed = 0;
  for (const project of all.filter(({ name }) => only.includes(name))) {
    const since = Date.now();
    try {
      await attempt(project, tarball, { keeps: values.keep });
      console.log(`ok ${project.description} (${Math.round((Date.now() - since) / 1000)} s)`);
    } catch (error) {
      failed++;
      console.log(`not ok ${project.description}\n    ${error.message.split("\n").join("\n    ")}`);
    }
  }
  if (values.record && failed === 0 && !values.only) {
    const text = await readFile(page, "utf8");
    const table = `<!-- cargo xtask matrix -->\n\n${tableOf(all)}\n<!-- /cargo xtask matrix -->`;
    await writeFile(
      page,
      text.replace(/<!-- cargo xtask matrix -->.*<!-- \/cargo xtask matrix -->/s, () => table),
    );
  }
  console.log(`${only.length - failed} passed, ${failed} failed`);
  process.exitCode = failed ? 1 : 0;
}

/** The table of docs/runtimes.md. */
export function tableOf(all) {
  const tools = ({ devDependencies = {}, matrix }) => [
    ...Object.entries(devDependencies).map((pair) => pair.join(" ")),
    ...(matrix.node ?? []).map((one) => `Node ${one}`),
  ];
  const row = (one) => `| ${one.description} | ${tools(one).join(", ")} | ${one.matrix.how} |\n`;
  return `| where | tried with | what to do |\n|---|---|---|\n${all.map(row).join("")}`;
}
