// The quick projects of tests/matrix: what they need beside the package is nothing.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { attempt, projects } from "../matrix/run.mjs";
import { createChecks, root } from "./lib.mjs";

export async function matrix() {
  const { check, results } = createChecks("matrix");
  const { version } = JSON.parse(await readFile(join(root, "pkg/package.json"), "utf8"));
  const tarball = join(root, "target/npm", `oidc-wasm-${version}.tgz`);
  const quick = (await projects()).filter((project) => project.matrix.quick);
  for (const { name, description } of quick) await check(description, () => attempt(name, tarball));
  return results;
}
