// The same app with oidc-wasm and with three other libraries, in Chromium, in the cases that single-page apps get wrong.
// results.json has what each one does. `node tests/js/apps/index.mjs --package <tarball>` runs all and writes it, with the table.
// The test command runs oidc-wasm alone: how a race between the tabs of another library ends is no promise of this package.
import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { createChecks, root, same } from "../lib.mjs";
import { createProject } from "../project.mjs";
import { browsers, tabsAt } from "../session/tabs.mjs";
import { cases } from "./cases.mjs";
import { bundle, libraries, startSite } from "./site.mjs";

const record = join(root, "tests/js/apps/results.json");
const page = join(root, "docs/compare-sessions.md");
const [begin, end] = ["<!-- tests/js/apps/results.json -->\n", "<!-- /tests/js/apps/results.json -->"];

/** What one library does in one case. @param {any} browser @param {string} library @param {any} one */
async function ran(browser, library, [key, , body, how]) {
  const site = await startSite(library, how);
  const tabs = tabsAt(browser, site.origin);
  const tab = (path = "/") => tabs.open(path);
  try {
    const words = await body({ site, tab });
    const problems = [];
    for (const one of tabs.opened)
      problems.push(...(await one.run(() => globalThis.app?.problems ?? []).catch(() => [])));
    return problems.length ? `${words}; an unhandled rejection` : words;
  } catch (error) {
    throw new Error(`${library}, ${key}: ${error.message}`, { cause: error });
  } finally {
    await tabs.close();
    await site.close();
  }
}

/** @param {string[]} run the libraries whose cases run */
async function* measured(run) {
  const sizes = await bundle();
  const browser = await browsers.chromium();
  try {
    for (const library of Object.keys(libraries)) {
      yield [library, "title", await titleOf(library)];
      yield [library, "lines", sizes[library].lines];
      yield [library, "bytes", sizes[library].bytes];
      yield [library, "signIn", sizes[library].signIn];
      for (const one of run.includes(library) ? cases : [])
        if ((process.env.APPS_ONLY ?? one[0]).split(",").includes(one[0]))
          yield [library, one[0], await ran(browser, library, one).catch((error) => `${error.message}`)];
    }
  } finally {
    await browser.close();
  }
}

/** The head of a column: the package, for another library with the version that ran. @param {string} library */
async function titleOf(library) {
  const { name, version } = JSON.parse(await readFile(join(root, libraries[library], "package.json"), "utf8"));
  return library === "oidc-wasm" ? name : `${name} ${version}`;
}

const keys = ["title", "lines", "bytes", "signIn", ...cases.map(([key]) => key)];

const digits = (bytes) => bytes.toLocaleString("en");

/** The table of the page, from the record. */
function table(results) {
  const names = Object.keys(libraries);
  const row = (title, key, shown = (value) => value) =>
    `| ${title} | ${names.map((name) => shown(results[name][key])).join(" | ")} |`;
  return `\n${[
    `| | ${names.map((name) => results[name].title).join(" | ")} |`,
    `|---|${"---|".repeat(names.length)}`,
    row("lines of the app", "lines"),
    row("bytes of the first load, brotli", "bytes", digits),
    row("with what loads to sign in", "signIn", digits),
    ...cases.map(([key, title]) => row(title, key)),
  ].join("\n")}\n\n`;
}

function renewed(text, table) {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from)
    throw new Error(`docs/compare-sessions.md has no place between ${begin.trim()} and ${end}`);
  return text.slice(0, from + begin.length) + table + text.slice(to);
}

const read = async () => JSON.parse(await readFile(record, "utf8"));

/** The page has the table of the record. Outside the everyday run, oidc-wasm still does what the record says. */
export async function apps({ isEveryday }) {
  const { check, results } = createChecks("apps");
  const known = await read();
  await check("docs/compare-sessions.md has the table of the record", async () => {
    const text = await readFile(page, "utf8");
    if (renewed(text, table(known)) !== text) throw new Error("run node tests/js/apps/index.mjs");
  });
  await check("the record has each case of each library", () => {
    for (const name of Object.keys(libraries)) same(Object.keys(known[name]), keys, name);
  });
  if (!isEveryday)
    for await (const [library, key, found] of measured(["oidc-wasm"]))
      await check(`${library}: ${key}`, () => {
        const before = known[library][key];
        // Small changes of this package's code do not matter beside the others' bytes.
        const isNear = typeof found === "number" && Math.abs(found - before) < before / 50;
        if (!isNear) same(found, before, "result");
      });
  return results;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, tarball] = process.argv.slice(2);
  if (tarball) {
    await createProject(resolve(tarball));
    const found = await read().catch(() => ({}));
    for await (const [library, key, value] of measured(Object.keys(libraries))) {
      console.log(`${library} | ${key} | ${value}`);
      found[library] = { ...found[library], [key]: value };
    }
    const sorted = Object.fromEntries(
      Object.keys(libraries).map((name) => [name, Object.fromEntries(keys.map((key) => [key, found[name]?.[key]]))]),
    );
    await writeFile(record, `${JSON.stringify(sorted, null, 2)}\n`);
  }
  await writeFile(page, renewed(await readFile(page, "utf8"), table(await read())));
}
