// The table of docs/providers/interop.md.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../js/lib.mjs";
import { steps } from "./steps.mjs";

const file = join(root, "docs/providers/interop.md");
const [begin, end] = ["<!-- cargo xtask interop --record -->", "<!-- as recorded -->"];

export async function record(tried) {
  const page = await readFile(file, "utf8");
  const [before, rest] = page.split(begin);
  const [, after] = rest.split(end);
  await writeFile(file, `${before}${begin}\n\n${text(tried)}\n${end}${after}`);
}

const signs = { yes: "✓", "–": "–", refused: "refused" };
const sign = (result) => signs[result] ?? "✗";

function text(tried) {
  const servers = tried.filter(({ rows }) => rows);
  const notes = [];
  const cell = ({ name, rows, lacks = {}, faults = {} }, step) => {
    const { results } = rows.find((row) => row.step === step);
    const [ours, theirs] = [results["oidc-wasm"], results.oauth4webapi];
    if (faults[step])
      notes.push(`${name}, ${step}: refused (\`${faults[step].code}\`), because ${faults[step].reason}`);
    if (lacks[step]) notes.push(`${name}, ${step}: ${lacks[step]}`);
    for (const [library, result] of Object.entries(results))
      if (!(result in signs)) notes.push(`${name}, ${step}, ${library}: ${result.replaceAll("|", "\\|")}`);
    return ours === "–" && theirs === "–" ? "–" : `${sign(ours)} ${sign(theirs)}`;
  };
  const head = `| | ${servers.map(({ name, version }) => `${name} ${version}`).join(" | ")} |`;
  const lines = steps.map((step) => `| ${step} | ${servers.map((server) => cell(server, step)).join(" | ")} |`);
  const missing = tried
    .filter(({ reason }) => reason)
    .map(({ name, reason }) => `- ${name}: not run, because ${reason}`);
  const date = new Date().toISOString().slice(0, 10);
  return [
    `Recorded ${date}. In each cell: this package, then oauth4webapi. – is what the server, or the library, does not have;`,
    "refused is an answer of the server that the standards forbid.",
    "",
    head,
    `|---|${servers.map(() => "---|").join("")}`,
    ...lines,
    ...(missing.length ? ["", ...missing] : []),
    ...(notes.length ? ["", ...notes.map((note) => `- ${note}`)] : []),
    "",
  ].join("\n");
}
