// Blocks other than programs: commands, headers, JSON, lists of paths.
import { access, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { policy, root } from "../lib.mjs";

/** Each line of a shell block starts a program of this repository or a common one. */
export async function shell(code, { home }) {
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
  /** @type {Record<string, (words: string[]) => unknown>} */
  const cargo = {
    xtask: ([name]) => xtask.includes(`"${name}" =>`),
    add: ([name]) => name === "oidc-wasm",
    run: ([option, file]) => option === "--manifest-path" && isThere(file),
    fuzz: (words) => words[0] === "run" && isThere(`fuzz/fuzz_targets/${words.at(-1)}.rs`),
  };
  let folder = home;
  const scripts = async () => JSON.parse(await readFile(join(folder, "package.json"), "utf8")).scripts;
  /** @type {typeof cargo} */
  const npm = {
    install: () => true,
    pack: () => true,
    start: async () => (await scripts()).start,
    run: async ([name]) => (await scripts())[name ?? ""],
  };
  const checks = {
    cargo: ([verb, ...rest]) => cargo[verb]?.(rest),
    npm: ([verb, ...rest]) => npm[verb]?.(rest),
    npx: ([name]) => tools.includes(name),
    // A page says that its program is saved as `server.mjs`.
    node: (words) => words.at(-1) === "server.mjs" || isThere(words[0]),
    cd: ([name]) => {
      folder = join(root, name);
      return isThere(name);
    },
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
