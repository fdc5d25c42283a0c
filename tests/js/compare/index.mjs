// Each cell of the table in docs/compare.md is the result of this run. `node tests/js/compare/index.mjs --record` writes the table.
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createChecks, must, root } from "../lib.mjs";
import { project } from "../project.mjs";
import { libraries } from "./libraries.mjs";
import { better, faults } from "./points.mjs";

const page = join(root, "docs/compare.md");
const [begin, end] = ["<!-- node tests/js/compare/index.mjs --record -->\n", "<!-- as run -->"];
const sent = { state: "`state`", nonce: "`nonce`", code_challenge: "PKCE" };

/** Here `oidc-wasm` is the packed package. The other libraries come from the repository. */
async function measured() {
  await cp(join(root, "tests/js/compare"), join(project, "js/compare"), { recursive: true });
  const found = {};
  for (const name of Object.keys(libraries)) {
    const output = await must(process.execPath, ["--no-warnings", "js/compare/measure.mjs", name], { cwd: project });
    found[name] = JSON.parse(output.trim().split("\n").at(-1));
  }
  return found;
}

async function table(found) {
  const versions = await Promise.all(
    Object.keys(found).map(async (name) => {
      const folder = name === "oidc-wasm" ? "pkg" : `node_modules/${name}`;
      return JSON.parse(await readFile(join(root, folder, "package.json"), "utf8")).version;
    }),
  );
  const names = Object.keys(found).map((name, at) => (name === "oidc-wasm" ? "oidc-wasm" : `${name} ${versions[at]}`));
  const row = (title, key) =>
    `| ${title} | ${Object.values(found)
      .map(({ result }) => result[key])
      .join(" | ")} |`;
  const head = `| the provider sends | ${names.join(" | ")} |\n|---|${"---|".repeat(names.length)}`;
  const second = `| the request has | ${names.join(" | ")} |\n|---|${"---|".repeat(names.length)}`;
  const marked = (text) => text.replaceAll("| accepts", "| **accepts**").replaceAll("| omits", "| **omits**");
  const rows = faults.map(([fault, title]) => row(title, fault));
  const requests = Object.entries(sent).map(([key, title]) => row(title, key));
  return `\n${head}\n${marked(rows.join("\n"))}\n\n${second}\n${marked(requests.join("\n"))}\n\n`;
}

function renewed(text, table) {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/compare.md has no place between ${begin.trim()} and ${end}`);
  return text.slice(0, from + begin.length) + table + text.slice(to);
}

export async function compare() {
  const { check, results } = createChecks("compare");
  const found = await measured();
  for (const [fault, title] of faults)
    await check(`oidc-wasm rejects ${title}`, () => {
      if (found["oidc-wasm"].result[fault] !== "rejects") throw new Error("it accepts");
    });
  for (const [name, words] of better)
    await check(`${name} ${words}`, async () => {
      if (!found[name].features[words]) throw new Error("it does not");
      if (!(await readFile(page, "utf8")).includes(words)) throw new Error("docs/compare.md lacks it");
    });
  await check("docs/compare.md has the table of this run", async () => {
    const text = await readFile(page, "utf8");
    if (renewed(text, await table(found)) !== text) throw new Error("run node tests/js/compare/index.mjs --record");
  });
  return results;
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv.includes("--record"))
  await writeFile(page, renewed(await readFile(page, "utf8"), await table(await measured())));
