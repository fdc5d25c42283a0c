// Runs every code block of the documentation: scripts at the test provider, pages in Chromium, Workers in workerd.
// Commands and paths must exist.
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createChecks, inside, root, same } from "../lib.mjs";
import { pages as everyPage } from "../links.mjs";
import { project } from "../project.mjs";
import { header, json, layout, shell } from "./commands.mjs";
import { openPages } from "./pages.mjs";
import { fileOf, given, mistakes, pageOf, runnerOf, written } from "./programs.mjs";

/** Every page except generated results, and those of the providers: the part `providers` runs one program of each. */
async function pages() {
  const all = (await everyPage()).map((path) => inside(root, path));
  return all.filter((path) => !/^benches\/results\/|^docs\/providers\/(?!README|interop)/.test(path));
}

/** Blocks other than programs. */
const others = { sh: shell, http: header, text: layout, json };

export async function readme() {
  const { check, results } = createChecks("readme");
  const old = (await readdir(project)).filter((name) => name.startsWith("readme-"));
  for (const name of old) await rm(join(project, name), { recursive: true, force: true });
  const browser = await openPages(join(project, "readme-out"));
  let ran = 0;
  try {
    const all = [];
    for (const file of await pages()) {
      // The crate's documentation tests run this page.
      const isRun = ({ language }) => language !== "rust" || file !== "docs/rust.md";
      const blocks = blocksOf(await readFile(join(root, file), "utf8"), file).filter(isRun);
      const folder = join(project, `readme-${file.replaceAll(/\W+/g, "-")}`);
      await mkdir(folder, { recursive: true });
      await given(folder);
      for (const { name, code } of blocks) if (name) await writeFile(join(folder, name), code);
      for (const { at, line, language, code, name } of blocks) {
        const title = `${file}:${line} (${language || "no language"})`;
        const home = join(root, dirname(file));
        const place = { name: name ? pageOf(name) : `block-${at}`, language, folder, home, browser };
        all.push({ title, code, at: place, run: others[language] ?? runnerOf(language, code) });
      }
    }
    const files = all.map(({ at }) => fileOf(at));
    await check("no two blocks of a page have the same file", () =>
      same(
        files.filter((file, at) => files.indexOf(file) !== at),
        [],
        "files",
      ),
    );
    const programs = all.filter(({ at, code }) => runnerOf(at.language, code));
    for (const { code, at } of programs) await written(code, at);
    const wrong = await mistakes(programs);
    for (const { title, code, at, run } of all)
      await check(title, async () => {
        if (!run) throw new Error("nothing runs a block in this language");
        const errors = wrong.get(fileOf(at));
        if (errors) throw new Error(errors);
        await run(code, at);
        ran += 1;
      });
  } finally {
    await browser.close();
  }
  await check("blocks ran", () => {
    if (ran < 100) throw new Error(`only ${ran}`);
  });
  return results;
}

/**
 * Blocks with their line, except those that name a file of the matrix. A first line such as `// login.ts` is a file
 * name for the page's other blocks.
 */
function blocksOf(text, file) {
  const blocks = [...text.matchAll(/^```(\w*)[^\n]*\n(.*?)^```$/gms)];
  // A fence that is indented, or of tildes, would hide its block.
  if ((text.match(/^[ \t>]*(```|~~~)/gm) ?? []).length !== 2 * blocks.length)
    throw new Error(`${file} has a block without an end, or a fence other than three backticks at the start of a line`);
  const own = blocks.filter(({ index }) => !/<!-- tests\/matrix\/\S+ -->\n\n$/.test(text.slice(0, index)));
  return own.map((block, at) => {
    const [, language, code] = block;
    return {
      at,
      language,
      code,
      line: text.slice(0, block.index).split("\n").length,
      name: /^\/\/ ([\w-]+\.[jt]s)$/m.exec(code.split("\n")[0])?.[1],
    };
  });
}
