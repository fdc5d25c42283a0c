// Finds the places where the package's own JavaScript names a rule. Removing one must fail a test (removed.mjs).
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ruleCodes, ruleRows } from "./lib.mjs";

/** `"code|section|sentence"`, or a code alone. */
const NAME = /"([a-z_]+(?:\.[a-z_0-9]+)?)(\|[^"|\n]+\|[^"\n]+)?"/g;

/** A comment names no rule. Its letters become spaces, so that the places stay. */
const withoutComments = (text) =>
  text.replace(/\/\*\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, (comment) => comment.replace(/\S/g, " "));

/**
 * Every naming: `"code"` or its row `"code|section|sentence"`, or a call that rejects an argument by its name.
 * @typedef {object} Naming
 * @property {string} file in dist/
 * @property {string} code `argument.name` for an argument, or `argument` if the call does not show its name
 * @property {number} at the place of the name in the file
 * @property {number} length of the name
 * @property {string} other what names another rule, in its place
 * @property {boolean} isOfPages whether its source is part of oidc-wasm/browser
 * @property {boolean} isOfEdge whether it is part of oidc-wasm/edge
 * @property {boolean} isOfNode whether it is part of oidc-wasm/node
 * @param {string} dist
 * @returns {Promise<Naming[]>}
 */
export async function namings(dist) {
  const rows = new Set((await ruleRows()).map((row) => `"${row}"`));
  const read = (name) => readFile(join(dist, name), "utf8");
  const found = [];
  const names = (await readdir(dist)).filter((name) => name.endsWith(".js.map")).map((name) => name.slice(0, -4));
  // The test provider of oidc-wasm/testing names rules to break them.
  for (const file of names.filter((name) => name !== "testing.js")) {
    const text = withoutComments(await read(file));
    const sources = JSON.parse(await read(`${file}.map`)).sources.join();
    const entries = [/src\/(browser|react|token_worker)/, /src\/(edge|hono)/, /src\/node/];
    const [isOfPages, isOfEdge, isOfNode] = entries.map((one) => one.test(sources));
    const add = (naming) => found.push({ file, isOfPages, isOfEdge, isOfNode, ...naming });
    // A module raises a generated rule by its number. These two are raised by those that lack the rest.
    for (const { 0: whole, 1: code, 2: row, index } of text.matchAll(NAME))
      if (!rows.has(whole) || /^build\./.test(code))
        add({ code, isRow: Boolean(row), at: index + 1, length: code.length, other: "removed" });
    for (const { 0: call, 1: name, index } of text.matchAll(
      /(?<!function )\b(?:wrongArgument|wrongConfig)\((?:"(\w+)")?/g,
    )) {
      const at = index + call.indexOf("(") + 1;
      const other = text.startsWith("...", at) ? '"removed", ' : '"removed" + ';
      add({ code: name ? `argument.${name}` : "argument", isRow: true, at, length: 0, other });
    }
  }
  // Other words look like codes too.
  const codes = new Set([...(await ruleCodes()), ...found.filter(({ isRow }) => isRow).map(({ code }) => code)]);
  return found.filter(({ code }) => codes.has(code));
}
