/** The documentation of rules, relaxations and providers, for the site's scripts and pages. `cargo xtask build` writes docs/errors.md. */
import { readdir, readFile } from "node:fs/promises";
import { standardOf } from "./site/standard.js";

const root = new URL("../", import.meta.url);

/**
 * @typedef {{ sentence: string, cause: string, remedy?: string, spec: string, url?: string, source?: string, docs: string }} Known
 * @returns {Promise<Record<string, Known>>} by code
 */
export async function readRules() {
  const page = await readFile(new URL("docs/errors.md", root), "utf8");
  const sources = await readSources();
  const blocks = page.split(/^<a id="/m).slice(1);
  return Object.fromEntries(
    blocks.map((block) => {
      const code = block.slice(0, block.indexOf('"'));
      const line = (start) =>
        block
          .split("\n")
          .find((line) => line.startsWith(start))
          ?.slice(start.length);
      const rule = line("- Rule: ") ?? "";
      const [, spec = rule, url] = /^\[([^\]]+)\]\(([^)]+)\)/.exec(rule) ?? [];
      return [
        code,
        {
          sentence: line("> "),
          cause: line("- Cause: "),
          remedy: line("- What to do: "),
          spec,
          url: url ?? standardOf(spec),
          source: sources.get(code),
          docs: `docs/errors.md#L${page.slice(0, page.indexOf(`<a id="${code}"`)).split("\n").length}`,
        },
      ];
    }),
  );
}

/** The file and line in the engine that names each rule, outside the table itself. */
async function readSources() {
  const table = await readFile(new URL("src/rule.rs", root), "utf8");
  const codes = new Map([...table.matchAll(/^ {4}(\w+) "([\w.]+)",/gm)].map(([, name, code]) => [name, code]));
  const entries = await readdir(new URL("src/", root), { recursive: true });
  const files = await Promise.all(
    entries
      .map((entry) => entry.replaceAll("\\", "/"))
      .filter((entry) => entry.endsWith(".rs") && entry !== "rule.rs")
      .sort()
      .map(async (entry) => ({
        file: `src/${entry}`,
        lines: (await readFile(new URL(`src/${entry}`, root), "utf8")).split("\n"),
      })),
  );
  /** @type {Map<string, string>} */
  const sources = new Map();
  for (const { file, lines } of files) {
    for (const [index, line] of lines.entries()) {
      if (/^\s*(\/\/|use )/.test(line)) continue;
      for (const [, name] of line.matchAll(/Rule::(\w+)/g)) {
        const code = codes.get(name);
        if (code && !sources.has(code)) sources.set(code, `${file}#L${index + 1}`);
      }
    }
  }
  return sources;
}

/** The rows of a page's first table, without the head. @param {string} page */
const rowsOf = (page) =>
  [...page.matchAll(/^\| (.+) \|$/gm)].slice(1).map(([, row]) => row.split(/(?<!\\) \| ?/).map((cell) => cell.trim()));

/** @typedef {{ name: string, permits: string, givesUp: string }} Relaxing */

/** @returns {Promise<Relaxing[]>} */
export async function readRelaxations() {
  const page = await readFile(new URL("docs/relaxations.md", root), "utf8");
  return rowsOf(page).map(([name, permits, , givesUp]) => ({ name: name.replaceAll("`", ""), permits, givesUp }));
}

/** @typedef {{ name: string, page: string, pattern: string, needs: string }} Documented */

/** The providers with a page, and the pattern of their issuers. @returns {Promise<Documented[]>} */
export async function readProviders() {
  const table = await readFile(new URL("docs/providers/README.md", root), "utf8");
  const rows = rowsOf(table).map(async ([link, needs]) => {
    const [, name, file] = /^\[([^\]]+)\]\(([^)]+)\)/.exec(link) ?? [];
    if (!file) return undefined;
    const page = await readFile(new URL(`docs/providers/${file}`, root), "utf8");
    const issuer = /^Issuer:[^`]*`(https:[^`]+)`/m.exec(page)?.[1];
    return { name, page: `docs/providers/${file}`, pattern: issuer ? patternOf(issuer) : "", needs };
  });
  return (await Promise.all(rows)).filter((row) => row !== undefined);
}

/** A regular expression for an issuer such as `https://<tenant>.logto.app/oidc`. A host that is wholly free says too little. */
function patternOf(issuer) {
  if (/^https:\/\/<[^>]+>(:<[^>]+>)?\/(?!realms|application\/o|adfs|oidc\/endpoint)/.test(issuer)) return "";
  const escaped = issuer
    .replace(/\/$/, "")
    .replace(/<[^>]+>|[.*+?^${}()|[\]\\]/g, (part) => (part.startsWith("<") ? "[^/]+" : `\\${part}`));
  return `^${escaped}/?$`;
}

/** The files that the site shows: those that rules name, and the pages of the documentation. @returns {Promise<string[]>} */
export async function shownFiles() {
  const rules = Object.values(await readRules()).flatMap(({ source }) => (source ? [source.split("#")[0]] : []));
  const pages = await readdir(new URL("docs/", root), { recursive: true });
  const docs = pages.map((page) => `docs/${page.replaceAll("\\", "/")}`).filter((page) => page.endsWith(".md"));
  return [...new Set([...rules, "src/rule.rs", ...docs])].sort();
}

/** @param {string} file */
export const readShown = (file) => readFile(new URL(file, root), "utf8");
