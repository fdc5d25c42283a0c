// Checks the links of every page: the files and anchors exist. Each picture matches its source in draw.mjs.
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pictures } from "../../docs/pictures/draw.mjs";
import { createChecks, inside, readVectors, root, ruleCodes, same } from "./lib.mjs";

const skipped = /^xtask\/src|(^|\/)(node_modules|target|dist|\.git|\.wrangler)(\/|$)/;

/** Every page. @returns {Promise<string[]>} */
export async function pages(folder = root) {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = await Promise.all(
    entries.map((entry) => {
      const path = join(folder, entry.name);
      if (skipped.test(inside(root, path))) return [];
      if (entry.isDirectory()) return pages(path);
      return entry.name.endsWith(".md") ? [path] : [];
    }),
  );
  return found.flat().sort();
}

/** The page without code blocks and code spans, where brackets are no links. */
const prose = (text) => text.replaceAll(/^```.*?^```$/gms, "").replaceAll(/`[^`\n]*`/g, "");

/** The fragments of a page: its headings in GitHub's form, and its anchors. */
export function anchors(text) {
  const counts = new Map();
  const headings = [...text.replaceAll(/^```.*?^```$/gms, "").matchAll(/^#{1,6} (.+)$/gm)].map(([, heading]) => {
    const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll("`", "");
    const slug = plain
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-");
    const count = counts.get(slug) ?? 0;
    counts.set(slug, count + 1);
    return count ? `${slug}-${count}` : slug;
  });
  return new Set([...headings, ...[...text.matchAll(/<a id="([^"]+)"/g)].map(([, id]) => id)]);
}

/** The wrong links of a page. */
export async function dead(path, text, read = (file) => readFile(file, "utf8")) {
  const links = [...prose(text).matchAll(/\]\(([^()\s]+(?:\([^()\s]*\))?)\)|^\[[^\]]+\]: (\S+)/gm)];
  const wrong = [];
  for (const [, inline, reference] of links) {
    const link = inline ?? reference;
    if (/^(https?|mailto):/.test(link)) continue;
    const [address, fragment] = link.split("#");
    const target = address ? join(dirname(path), decodeURIComponent(address)) : path;
    const found = address ? await stat(target).catch(() => undefined) : { isDirectory: () => false };
    if (!found) wrong.push(`${link}: no such file`);
    else if (fragment && !found.isDirectory() && target.endsWith(".md")) {
      const page = target === path ? text : await read(target);
      if (!anchors(page).has(decodeURIComponent(fragment))) wrong.push(`${link}: no such heading`);
    }
  }
  return wrong;
}

export async function links() {
  const { check, results } = createChecks("links");
  const all = await pages();
  await check("there are pages", () => {
    if (all.length < 60) throw new Error(`only ${all.length}`);
  });
  for (const path of all)
    await check(inside(root, path), async () => {
      const wrong = await dead(path, await readFile(path, "utf8"));
      if (wrong.length) throw new Error(wrong.join("\n"));
    });
  await check("a dead link and a dead anchor are found", async () => {
    const page = "# Here\n\n[a](nowhere.md) [b](#there) [c](#here) [d](README.md#nothing)\n";
    const wrong = await dead(join(root, "planted.md"), page);
    same(
      wrong,
      ["nowhere.md: no such file", "#there: no such heading", "README.md#nothing: no such heading"],
      "dead links",
    );
  });
  for (const [name, svg] of Object.entries(pictures))
    await check(`docs/pictures/${name}.svg`, async () => {
      const drawn = await readFile(join(root, `docs/pictures/${name}.svg`), "utf8");
      if (drawn !== svg) throw new Error("it differs from the output of node docs/pictures/draw.mjs");
    });
  await check("the tooling has at most 1,300 lines, and its page lists each file", async () => {
    const page = await readFile(join(root, "xtask/README.md"), "utf8");
    const listed = [...page.matchAll(/^\| \[`([^`]+)`\]/gm)].map(([, file]) => file);
    const files = await Promise.all(
      ["xtask/src", "benches/size"].map(async (folder) =>
        (await readdir(join(root, folder), { recursive: true }))
          .filter((name) => /\.(rs|mjs)$/.test(name))
          .map((name) => inside(".", `${folder}/${name}`)),
      ),
    );
    same(listed.sort(), files.flat().sort(), "files");
    const texts = await Promise.all(listed.map((file) => readFile(join(root, file), "utf8")));
    const lines = texts.map((text) => text.split("\n").length - 1).reduce((sum, one) => sum + one);
    if (lines > 1300) throw new Error(`${lines} lines`);
  });
  await check("tests/README.md lists each step, and marks the long ones", async () => {
    const [page, source] = await Promise.all(
      ["tests/README.md", "xtask/src/test.rs"].map((file) => readFile(join(root, file), "utf8")),
    );
    const [, stages = ""] = /const STAGES(.*?)\n\];/s.exec(source) ?? [];
    const [, long = ""] = /const LONG[^=]*= \[(.*?)\]/s.exec(source) ?? [];
    same(
      [...page.matchAll(/^\| `(\w+)`( \*)? \|/gm)].map(([, step, star = ""]) => step + star),
      [...stages.matchAll(/\("(\w+)", /g)].map(([, step]) => step + (long.includes(`"${step}"`) ? " *" : "")),
      "steps",
    );
  });
  await check("published vectors have their licences", async () => {
    const files = Object.values(await readVectors());
    const named = files.flatMap(({ source = "" }) => [...source.matchAll(/licences\/(\w+)/g)].map(([, name]) => name));
    same([...new Set(named)].sort(), (await readdir(join(root, "tests/vectors/licences"))).sort(), "licences");
  });
  await check("each file of the suite is imported", async () => {
    const folder = join(root, "tests/js");
    const names = (await readdir(folder, { recursive: true })).filter((name) =>
      /^(suite|entries)\b.*\.m?js$/.test(name),
    );
    const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
    const lost = names
      .filter((name) => name.startsWith("suite") && basename(name) !== "index.js")
      .filter((name) => !texts.some((text) => text.includes(`/${basename(name)}";`)));
    same(lost, [], "files that no other file imports");
  });
  await check("each part runs by default", async () => {
    const folder = join(root, "tests/js");
    const run = await readFile(join(folder, "run.mjs"), "utf8");
    const entries = (await readdir(folder)).filter((name) => !/\.(ts|json)$|^(entries|run\.mjs)$/.test(name));
    const isPart = async (entry) => {
      const name = basename(entry, ".mjs");
      const file = entry === name ? `${entry}/index.mjs` : entry;
      const text = await readFile(join(folder, file), "utf8").catch(() => "");
      return text.includes(`export async function ${name}(`) && !new RegExp(`[ "]${name}/?[ "]`).test(run);
    };
    const lost = [];
    for (const entry of entries) if (await isPart(entry)) lost.push(entry);
    same(lost, ["namings.mjs", "starting.mjs"], "those that other parts use");
  });
  await check("each file of the demo's tests runs", async () => {
    const folder = join(root, "tests/browser");
    const names = (await readdir(folder)).sort();
    const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
    const lost = names.filter((name, at) =>
      /\.(test|long)\.mjs$/.test(name)
        ? !/^ *(await )?(test|it)\(/m.test(texts[at] ?? "")
        : !texts.some((text) => text.includes(`/${name}"`)),
    );
    // A person runs this one, for the figures in docs/demo.md.
    same(lost, ["measure.mjs"], "files that no other file imports, or without a test");
  });
  await check("every error code has its paragraph", async () => {
    const ids = anchors(await readFile(join(root, "docs/errors.md"), "utf8"));
    const codes = await ruleCodes();
    if (codes.length < 100) throw new Error(`only ${codes.length} codes`);
    same(
      codes.filter((code) => !ids.has(code)),
      [],
      "codes without a paragraph",
    );
  });
  return results;
}
