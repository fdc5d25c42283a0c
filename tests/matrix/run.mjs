// A tiny project for each bundler, framework and runtime. Each is installed with the packed package and runs a whole login:
// node tests/matrix/run.mjs --package <tarball> [--only node,jest] [--record]
import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { run } from "../js/lib.mjs";

const here = import.meta.dirname;
const root = join(here, "../..");
const page = join(root, "docs/runtimes.md");

/** The projects by folder. */
export async function projects() {
  const folders = (await readdir(here, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const read = async ({ name }) => ({
    ...JSON.parse(await readFile(join(here, name, "package.json"), "utf8")),
    name,
  });
  return Promise.all(folders.map(read));
}

/** Installs one project at a time, and leaves nothing of it behind: some are large. */
export async function attempt(name, tarball) {
  const at = join(root, "target/matrix", name);
  await rm(at, { recursive: true, force: true });
  await cp(join(here, name), at, { recursive: true });
  await cp(join(here, "login.js"), join(at, "login.js"));
  if (name === "worker-js") {
    const text = await readFile(join(at, "login.js"), "utf8");
    await writeFile(join(at, "login.js"), text.replace('"oidc-wasm"', '"oidc-wasm/js"'));
  }
  const env = { ...process.env, CI: "true", NEXT_TELEMETRY_DISABLED: "1", WRANGLER_SEND_METRICS: "false" };
  const npm = async (...given) => {
    const { code, output } = await run("npm", given, { cwd: at, env });
    if (code !== 0) throw new Error(`npm ${given.join(" ")} ended with ${code}:\n${output}`);
    return output;
  };
  try {
    await npm("install", "--no-audit", "--no-fund", "--ignore-scripts", tarball);
    const output = await npm("test");
    if (!output.includes("signed in: alice")) throw new Error(`nobody signed in:\n${output}`);
  } finally {
    await rm(at, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: { package: { type: "string" }, only: { type: "string" }, record: { type: "boolean" } },
  });
  const tarball = resolve(values.package);
  const all = await projects();
  const only = values.only?.split(",") ?? all.map(({ name }) => name);
  const unknown = only.filter((one) => !all.some(({ name }) => name === one));
  if (unknown.length) throw new Error(`there is no project ${unknown.join(", ")}`);
  let failed = 0;
  for (const { name, description } of all.filter(({ name }) => only.includes(name))) {
    try {
      await attempt(name, tarball);
      console.log(`ok ${description}`);
    } catch (error) {
      failed++;
      console.log(`not ok ${description}\n    ${error.message.split("\n").join("\n    ")}`);
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
  const tools = ({ devDependencies = {} }) =>
    Object.entries(devDependencies).map(([name, version]) => `${name} ${version}`);
  const row = (one) => `| ${one.description} | ${tools(one).join(", ")} | ${one.matrix.how} |\n`;
  return `| where | tried with | what to do |\n|---|---|---|\n${all.map(row).join("")}`;
}
