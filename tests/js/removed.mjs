// Removes every rule, one at a time. A module that can lack a rule removes an engine rule. A host rule loses its name in the package.
// node tests/js/removed.mjs --package <tarball> --module <file> --engine <codes and numbers> --host <codes>
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { createChecks, must } from "./lib.mjs";
import { createProject, installed, project } from "./project.mjs";
import { startServer } from "./server.mjs";
import { starting } from "./starting.mjs";

const { values } = parseArgs({
  options: {
    package: { type: "string" },
    module: { type: "string" },
    engine: { type: "string" },
    host: { type: "string" },
  },
});
const tarball = resolve(values.package);
const unmissed = [];

const server = await startServer();
const removed = async (...args) => {
  const options = { cwd: project, env: { ...process.env, ORIGIN: server.origin } };
  const output = await must(process.execPath, ["--no-warnings", "js/entries/removed.mjs", ...args], options);
  // The last line is the list. Without it, the run proves nothing.
  unmissed.push(...JSON.parse(output.trim().split("\n").at(-1) ?? ""));
};

/** Each file of the package that contains this code. */
async function filesWith(code) {
  const dist = join(installed, "dist");
  const names = (await readdir(dist, { recursive: true })).filter((name) => name.endsWith(".js"));
  const files = names.map(async (name) => ({
    file: join(dist, name),
    before: await readFile(join(dist, name), "utf8"),
  }));
  return (await Promise.all(files)).filter(({ before }) => before.includes(code));
}

const host = values.host.split(",").filter(Boolean);
for (const code of host) {
  // Only the build for a login lacks what the default build has.
  await createProject(tarball, code === "build.default" ? "login" : ".");
  const files = await filesWith(code);
  if (files.length === 0) throw new Error(`no file of the package contains ${code}`);
  for (const { file, before } of files) await writeFile(file, before.replaceAll(code, "removed"));
  if (code.startsWith("init.")) {
    const { check, results } = createChecks("start");
    await starting(check);
    if (results.every(({ ok }) => ok)) unmissed.push(code);
  } else await removed(code);
  for (const { file, before } of files) await writeFile(file, before);
}

await createProject(tarball, "full");
await removed(values.engine, resolve(values.module));
await server.close();
for (const code of unmissed) console.log(`not ok ${code}: no JavaScript test fails without it`);
const count = host.length + Object.keys(JSON.parse(values.engine)).length;
console.log(`${count - unmissed.length} passed, ${unmissed.length} failed`);
process.exitCode = unmissed.length ? 1 : 0;
