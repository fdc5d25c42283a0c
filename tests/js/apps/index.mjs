// The same app with oidc-wasm and with three other libraries, in Chromium, in the cases that single-page apps get wrong.
// results.json has what each one does. `node tests/js/apps/index.mjs --package <tarball>` runs all and writes it, with the table.
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

async function* measured() {
  const sizes = await bundle();
  const browser = await browsers.chromium();
  try {
    for (const library of Object.keys(libraries)) {
      yield [library, "lines", sizes[library].lines];
      yield [library, "bytes", sizes[library].bytes];
      yield [library, "signIn", sizes[library].signIn];
      for (const one of cases)
        if ((process.env.APPS_ONLY ?? one[0]).split(",").includes(one[0]))
          yield [library, one[0], await ran(browser, library, one).catch((error) => `${error.message}`)];
    }
  } finally {
    await browser.close();
  }
}

const digits = (bytes) => bytes.toLocaleString("en");

/** The table of the page, from the record. */
async function table(results) {
  const names = Object.keys(libraries);
  const versions = await Promise.all(
    Object.values(libraries).map(async (folder) =>
      JSON.parse(await readFile(join(root, folder, "package.json"), "utf8")),
    ),
  );
  const head = versions.map(({ name, version }) => (name === "oidc-wasm" ? name : `${name} ${version}`));
  const row = (title, key, shown = (value) => value) =>
    `| ${title} | ${names.map((name) => shown(results[name][key])).join(" | ")} |`;
  return `\n${[
    `| | ${head.join(" | ")} |`,
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

/** On a busy machine, the tabs of auth0-spa-js end like this at times. The record has the better end. */
const LOST = "several refreshes, some calls fail, the provider ends the session";

/** The page has the table of the record. Outside the everyday run, each library still does what the record says. */
export async function apps({ isEveryday }) {
  const { check, results } = createChecks("apps");
  const known = await read();
  await check("docs/compare-sessions.md has the table of the record", async () => {
    const text = await readFile(page, "utf8");
    if (renewed(text, await table(known)) !== text) throw new Error("run node tests/js/apps/index.mjs");
  });
  await check("the record has each case of each library", () => {
    const keys = ["lines", "bytes", "signIn", ...cases.map(([key]) => key)];
    for (const name of Object.keys(libraries)) same(Object.keys(known[name]), keys, name);
  });
  if (!isEveryday)
    for await (const [library, key, found] of measured())
      await check(`${library}: ${key}`, () => {
        const before = known[library][key];
        // Small changes of this package's code do not matter beside the others' bytes.
        const isNear = typeof found === "number" && Math.abs(found - before) < before / 50;
        if (!isNear && !(library === "auth0-spa-js" && key === "tabs" && found === LOST)) same(found, before, "result");
      });
  return results;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, tarball] = process.argv.slice(2);
  if (tarball) {
    await createProject(resolve(tarball));
    const found = await read().catch(() => ({}));
    for await (const [library, key, value] of measured()) {
      console.log(`${library} | ${key} | ${value}`);
      found[library] = { ...found[library], [key]: value };
    }
    const keys = ["lines", "bytes", "signIn", ...cases.map(([key]) => key)];
    const sorted = Object.fromEntries(
      Object.keys(libraries).map((name) => [name, Object.fromEntries(keys.map((key) => [key, found[name]?.[key]]))]),
    );
    await writeFile(record, `${JSON.stringify(sorted, null, 2)}\n`);
  }
  await writeFile(page, renewed(await readFile(page, "utf8"), await table(await read())));
}
