// The quick projects of tests/matrix. They need only the package. Pages show code of these projects: the comment above a
// block names its file.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { attempt, projects } from "../matrix/run.mjs";
import { createChecks, inside, root, same } from "./lib.mjs";
import { pages } from "./links.mjs";

export async function matrix() {
  const { check, results } = createChecks("matrix");
  const { version } = JSON.parse(await readFile(join(root, "pkg/package.json"), "utf8"));
  const tarball = join(root, "target/npm", `oidc-wasm-${version}.tgz`);
  const quick = (await projects()).filter((project) => project.matrix.quick);
  await check("there are quick projects", () => {
    if (!quick.length) throw new Error("none has `quick`");
  });
  for (const project of quick) await check(project.description, () => attempt(project, tarball, { isQuick: true }));
  for (const path of await pages()) {
    const page = inside(root, path);
    const text = await readFile(path, "utf8");
    const named = [...text.matchAll(/<!-- tests\/matrix\/\S+ -->/g)];
    const blocks = [...text.matchAll(/^<!-- (tests\/matrix\/\S+) -->\n\n```\w*\n(.*?)^```$/gms)];
    if (named.length)
      await check(`${page}: a block follows each name of a file`, () => same(blocks.length, named.length, "blocks"));
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
