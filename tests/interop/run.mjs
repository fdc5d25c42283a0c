// Logs in at real servers, with this package and with oauth4webapi: node tests/interop/run.mjs --package <tarball> [--only name,…] [--record]
// Prints a reason for each server that cannot start here. A failure of this package fails the run.
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../js/lib.mjs";
import { createProject } from "../js/project.mjs";
import { oauth4webapi } from "./libraries/oauth4webapi.mjs";
import { oidcWasm } from "./libraries/oidc-wasm.mjs";
import { tryServer } from "./steps.mjs";
import { record } from "./table.mjs";

/** Each has a file in servers/. */
const startable = ["oidc-provider", "dex", "ory-hydra", "keycloak", "zitadel", "django", "spring", "open-liberty"];
/** Servers that are in no registry. */
const reasons = { Logto: "it needs PostgreSQL, and its distribution is no package of a registry" };
const { values } = parseArgs({
  options: { package: { type: "string" }, only: { type: "string" }, record: { type: "boolean" } },
});
const wanted = values.only?.split(",") ?? startable;
const unknown = wanted.filter((name) => !startable.includes(name));
if (!values.package || unknown.length) {
  console.error(`usage: node tests/interop/run.mjs --package <oidc-wasm-….tgz> [--only ${startable}] [--record]`);
  process.exit(2);
}

await createProject(resolve(values.package));
const libraries = [await oidcWasm(), oauth4webapi];
const tried = [];
let [passed, failed] = [0, 0];
for (const name of wanted) {
  console.log(`${name}…`);
  const folder = join(root, "target/interop", name);
  await mkdir(folder, { recursive: true });
  let server;
  try {
    const { start } = await import(`./servers/${name}.mjs`);
    server = await start(folder);
  } catch (error) {
    console.log(`${name}: not run, because ${error.message}`);
    tried.push({ name, reason: error.message });
    continue;
  }
  try {
    const rows = await tryServer(server, libraries, ({ step, results }) => {
      const [ours, theirs] = libraries.map(({ name }) => results[name]);
      const isGood = ["yes", "refused"].includes(ours);
      if (ours !== "–") isGood ? passed++ : failed++;
      console.log(`  ${isGood || ours === "–" ? "" : "not ok "}${step}: ${ours}; oauth4webapi: ${theirs}`);
    });
    tried.push({ name: server.name, version: server.version, rows, lacks: server.lacks, faults: server.faults });
  } finally {
    await server.close();
  }
}
if (!values.only)
  for (const [name, reason] of Object.entries(reasons)) {
    console.log(`${name}: not run, because ${reason}`);
    tried.push({ name, reason });
  }
if (values.record) await record(tried);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed || !passed ? 1 : 0);
