// Pages, comments and error sentences use the words of docs/words.md, and no phrase of its second table.
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { createChecks, root, same } from "./lib.mjs";

/** The files and folders to check. */
const places = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "CHANGELOG.md",
  "docs",
  "src",
  "pkg/src",
  "pkg/build.mjs",
  "pkg/pack.mjs",
  "www",
  "xtask",
  "examples",
  "benches/js",
  "benches/native",
  "benches/README.md",
  "tests",
  "fuzz",
  "reference",
];
const skipped = /(^|\/)(node_modules|generated|target|dist)(\/|$)|^docs\/words\.md$|^tests\/js\/words\.mjs$/;
/** Pages with a limit of words per sentence. */
const counted = /^(README|SECURITY|CONTRIBUTING|CHANGELOG)\.md$|^(docs|benches|tests|examples)\/([\w-]+\/)?[\w-]+\.md$/;
const LONGEST = 20;

/** The phrases to replace, and their replacements. */
export function forbidden(page) {
  const table = page.split("## Words to replace")[1] ?? "";
  const rows = [...table.matchAll(/^\| ([^|]+) \| ([^|]+) \|$/gm)].slice(1);
  return rows.flatMap(([, not, but]) => not.split(", ").map((phrase) => ({ phrase, but: but.trim() })));
}

const pattern = ({ phrase }) => new RegExp(`(?<![\\w-])${phrase.replaceAll(" ", "\\s+")}(?![\\w-])`, "gi");

/** The lines of a file. Lines other than prose are empty. */
export function prose(path, text) {
  if (path.endsWith(".md")) return withoutCode(text);
  if (path.endsWith(".txt")) return text.split("\n").map((line) => line.replaceAll(/`[^`]*`/g, "`"));
  return comments(path, text).map((line) => line.replaceAll(/`[^`]*`/g, "`"));
}

function withoutCode(text) {
  let isCode = false;
  return text.split("\n").map((line) => {
    if (/^\s*```/.test(line)) {
      isCode = !isCode;
      return "";
    }
    if (isCode) return "";
    return line
      .replaceAll(/`[^`]*`/g, "`")
      .replaceAll(/\]\([^)]*\)/g, "]")
      .replaceAll(/<[^>]*>/g, "");
  });
}

/** Comments without their examples, and string literals that are sentences. */
function comments(path, text) {
  let [isCode, isBlock] = [false, false];
  const hasSentences = /rule\.rs|relaxation\.rs|^pkg\/src|www\/site/.test(path);
  return text.split("\n").map((line) => {
    const sentence = hasSentences
      ? [...line.matchAll(/"([^"]*(?: [^"]*){3,})"/g)].map(([, words]) => words).join(" ")
      : "";
    let comment =
      /^\s*(?:\/\/[/!]?|\*(?!\/)|\/\*\*?)(.*)$/.exec(line)?.[1] ?? /(?:^|[;,{})\]]\s+)\/\/ (.*)$/.exec(line)?.[1] ?? "";
    if (/^\s*\/\*/.test(line)) isBlock = true;
    if (/\*\//.test(line)) isBlock = false;
    comment = comment.replace(/\*\/\s*$/, "");
    if (/^\s*```/.test(comment)) {
      isCode = !isCode;
      return sentence;
    }
    if (!comment && !isBlock) isCode = false;
    return isCode ? sentence : `${comment} ${sentence}`.trim();
  });
}

/** The forbidden phrases in these lines. */
export function found(lines, words) {
  const whole = lines.join("\n");
  return words.flatMap((word) =>
    [...whole.matchAll(pattern(word))].map((match) => {
      const line = whole.slice(0, match.index).split("\n").length;
      return `${line}: "${match[0].replaceAll(/\s+/g, " ")}", write ${word.but}`;
    }),
  );
}

/** Sentences of a page with too many words. Tables and lists of links are no sentences. */
export function long(text) {
  const paragraphs = withoutCode(text)
    .join("\n")
    .replaceAll(/^(\||#|\s*$).*$/gm, "\n")
    .split(/\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )/);
  return paragraphs
    .flatMap((paragraph) => paragraph.replaceAll(/\s+/g, " ").split(/(?<=[.!?:;])\s+/))
    .map((sentence) => ({ sentence, count: sentence.split(" ").filter((word) => /[\p{L}\p{N}`]/u.test(word)).length }))
    .filter(({ count }) => count > LONGEST)
    .map(({ sentence, count }) => `${count} words: ${sentence.slice(0, 90)}…`);
}

/** Every file at or under a path. A missing path is an error: a typo or a moved file. */
async function files(path) {
  if ((await stat(join(root, path))).isFile()) return [path];
  const entries = await readdir(join(root, path), { withFileTypes: true });
  // Fuzzing adds and removes files of its corpus meanwhile, and its build those of its target.
  const kept = entries.filter(({ name }) => !["corpus", "target"].includes(name));
  const inside = await Promise.all(kept.map(({ name }) => files(`${path}/${name}`)));
  return inside.flat();
}

export async function words() {
  const { check, results } = createChecks("words");
  const list = forbidden(await readFile(join(root, "docs/words.md"), "utf8"));
  const all = (await Promise.all(places.map(files))).flat();
  const read = all.filter((path) => /\.(md|rs|ts|tsx|js|mjs|txt)$/.test(path) && !skipped.test(path)).sort();
  for (const path of read)
    await check(path, async () => {
      const text = await readFile(join(root, path), "utf8");
      const wrong = found(prose(path, text), list);
      if (counted.test(path)) wrong.push(...long(text));
      if (wrong.length) throw new Error(wrong.join("\n"));
    });
  await check("planted words and sentences are found", () => {
    const planted = "Whoever vouches\nfor it gives a text back.\n\n```js\nwhoever();\n```\n";
    const seen = found(prose("planted.md", planted), list).map((line) => line.split('"')[1]);
    same(seen.sort(), ["Whoever", "a text", "vouches"], "in a page");
    same(found(prose("a.rs", "/// As text.\nlet party = 1; // whoever it is\n"), list).length, 2, "in comments");
    same(found(prose("a.ts", 'const text = "whoever"; // fine\n'), list).length, 0, "in code");
    same(
      found(prose("src/rule.rs", '    A "a.b", "x", "The token must suit whoever asks.";\n'), list).length,
      1,
      "in a sentence of an error",
    );
    same(long(`${"word ".repeat(21)}end.`).length, 1, "a sentence of 22 words");
    same(long(`${"word ".repeat(19)}end.`).length, 0, "a sentence of 20 words");
  });
  await check("the list is read", () => {
    if (list.length < 30 || read.length < 100) throw new Error(`${list.length} phrases, ${read.length} files`);
  });
  return results;
}
