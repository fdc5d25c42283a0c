// The quick projects of tests/matrix. They need only the package. Pages show code of these projects.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { attempt, projects } from "../matrix/run.mjs";
import { createChecks, root } from "./lib.mjs";

/** Pages whose code blocks are part of a project. The comment above a block names its file. */
const pages = ["docs/frameworks.md", "docs/runtimes.md", "docs/testing.md"];

export async function matrix() {
  const { check, results } = createChecks("matrix");
  const { version } = JSON.parse(await readFile(join(root, "pkg/package.json"), "utf8"));
  const tarball = join(root, "target/npm", `oidc-wasm-${version}.tgz`);
  const quick = (await projects()).filter((project) => project.matrix.quick);
  await check("there are quick projects", () => {
    if (!quick.length) throw new Error("none has `quick`");
  });
  for (const project of quick) await check(project.description, () => attempt(project, tarball, { isQuick: true }));
  for (const page of pages) {
    const text = await readFile(join(root, page), "utf8");
    const blocks = [...text.matchAll(/^<!-- (tests\/matrix\/\S+) -->\n\n```\w*\n(.*?)^```$/gms)];
    await check(`${page} has code of projects`, () => {
      if (blocks.length < 4) throw new Error(`only ${blocks.length} blocks`);
    });
    for (const { 1: file, 2: code, index } of blocks) {
      const line = text.slice(0, index).split("\n").length;
      await check(`${page}:${line} is part of ${file}`, async () => {
        if (!(await readFile(join(root, file), "utf8")).includes(code.trimEnd()))
          throw new Error(`${file} has no ${code}`);
      });
    }
  }
  return results;
}
