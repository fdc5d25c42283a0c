// Functions that the runner's parts share.
import { spawn } from "node:child_process";
import { createReadStream } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, extname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { listening } from "../support/listening.mjs";

export const here = dirname(fileURLToPath(import.meta.url));
export const root = join(here, "../..");
export const bin = (name) => join(root, "node_modules/.bin", name);
/** A relative path with the separators of URLs and bundlers, also on Windows. */
export const inside = (folder, path) => relative(folder, path).replaceAll("\\", "/");

/** On Windows, npm's programs are scripts that a shell starts. The shell splits unquoted arguments. */
function started(command, args, options) {
  if (process.platform !== "win32" || command.endsWith(".exe")) return spawn(command, args, options);
  const quoted = [command, ...args].map((word) => `"${word.replaceAll('"', '""')}"`);
  return spawn(quoted.join(" "), { ...options, shell: true });
}

/** Runs a program. Resolves to its output and its exit code, or the signal that ended it. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = started(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
    let output = "";
    const keep = (chunk) => {
      output += chunk;
      if (options.echo) process.stdout.write(chunk);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, output }));
  });
}

/** The same for a program that must succeed. */
export async function must(command, args, options) {
  const { code, output } = await run(command, args, options);
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${output}`);
  return output;
}

/** Every vector file by name. */
export async function readVectors() {
  const folder = join(root, "tests/vectors");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".json")).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, JSON.parse(await readFile(join(folder, name), "utf8"))])),
  );
}

/** `"code|section|sentence"` of each rule of the engine, as `cargo xtask build` writes them. */
export async function ruleRows() {
  const folder = join(root, "pkg/src/generated");
  const files = (await readdir(folder)).filter((name) => name.endsWith("rules.ts"));
  const tables = await Promise.all(files.map((name) => readFile(join(folder, name), "utf8")));
  return tables.flatMap((table) => [...table.matchAll(/^ {2}("[^|"]+\|.*"),$/gm)].map(([, row]) => JSON.parse(row)));
}
/** The code of each rule of the engine. */
export const ruleCodes = async () => (await ruleRows()).map((row) => row.split("|")[0]);

/** A test's own assertion has failed. Any other error may be a problem of a browser or of its driver. */
export class Unequal extends Error {}

export function same(actual, expected, what) {
  if (JSON.stringify(actual) !== JSON.stringify(expected))
    throw new Unequal(`${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
}

/** Named checks outside the suite. Each is one line of the summary. */
export function createChecks(part) {
  const results = [];
  return {
    results,
    async check(name, body) {
      try {
        await body();
        results.push({ name: `${part}: ${name}`, ok: true });
      } catch (error) {
        results.push({ name: `${part}: ${name}`, ok: false, message: String(error?.stack ?? error) });
      }
    },
  };
}

const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/** The policy that the README recommends: only 'self' and WebAssembly. */
export const policy = (connect = "") =>
  `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' http://127.0.0.1:9 ${connect}; base-uri 'none'`;

/** Serves a folder on loopback under a strict policy. */
export async function serve(folder, { connect = "", headers = { "content-security-policy": policy(connect) } } = {}) {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://x").pathname);
    const file = join(folder, normalize(path.endsWith("/") ? `${path}index.html` : path));
    if (!(await stat(file).catch(() => undefined))?.isFile()) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream", ...headers });
    createReadStream(file).pipe(response);
  });
  return { ...(await listening(server)), server };
}
