// Blocks other than programs: commands, headers, JSON, lists of paths.
import { access, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { policy, root } from "../lib.mjs";

/** Each line of a shell block starts a program of this repository or a common one. */
export async function shell(code) {
  const lines = code
    .replaceAll("\\\n", " ")
    .split("\n")
    .map((line) => line.replace(/\s#.*|^#.*/, "").trim());
  const tools = await readdir(join(root, "node_modules/.bin"));
  const xtask = await readFile(join(root, "xtask/src/main.rs"), "utf8");
  const isThere = (path) =>
    access(join(root, path)).then(
      () => true,
      () => false,
    );
  const checks = {
    cargo: ([verb, name]) =>
      verb === "xtask"
        ? xtask.includes(`"${name}" =>`)
        : ["add", "test", "doc", "build", "run", "install", "fuzz"].includes(verb),
    npm: ([verb]) => ["install", "ci", "pack", "audit", "run", "start"].includes(verb),
    npx: ([name]) => tools.includes(name),
    node: ([file]) => isThere(file),
    cd: ([name]) => isThere(name),
    echo: () => true,
    sha256sum: () => true,
  };
  for (const line of lines.flatMap((one) => one.split(/&&|(?<!\$)[(]|[)](?!")/)).map((one) => one.trim())) {
    if (!line) continue;
    const [program, ...rest] = line.replace(/^(\w+=\S+\s+)+/, "").split(/\s+/);
    if (!(await checks[program]?.(rest))) throw new Error(`no such command: ${line}`);
  }
}

/** A header that pages should send. The suite's own pages use the same directive. */
export function header(code) {
  const [, name, value] = /^([\w-]+): (.+)\n$/.exec(code) ?? [];
  if (name !== "Content-Security-Policy") throw new Error(`no test sends the header ${name}`);
  const scripts = (text) => text.split("; ").find((directive) => directive.startsWith("script-src "));
  if (scripts(value) !== scripts(policy())) throw new Error(`the tests' pages are sent with ${scripts(policy())}`);
}

export const json = (code) => {
  JSON.parse(code);
};

/** A list of files and folders, one at the start of each line. A comment marks files that `cargo xtask pack` adds. */
export async function layout(code, { home }) {
  if (code === "<!-- sha256 -->\n") return;
  for (const line of code.trimEnd().split("\n"))
    for (const path of /^[^\s,]+(, [^\s,]+)*/.exec(line)[0].split(", "))
      await access(join(home, path)).catch(() => access(join(root, path)));
}
