// Scripts of the documentation: compiled together, then run in Node, in workerd or in Chromium.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { createTestProvider } from "../../support/provider/index.js";
import { ask } from "../ask.mjs";
import { bin, here, inside, must, run } from "../lib.mjs";
import { project } from "../project.mjs";
import { startWorker } from "../runtimes/workerd.mjs";
import { declarations, stubbed } from "./stubs.mjs";

/** The provider and the person of the examples. */
export const op = {
  issuer: "https://op.example",
  algorithms: ["ES256"],
  users: { mara: { name: "Mara Lindqvist", email: "mara@example.com" } },
};

/** Turns a file's name into a block's name. */
export const pageOf = (name) => name.replace(/\.\w+$/, "");

/** The runtime of a block. */
export function runnerOf(language, code) {
  if (!["js", "jsx", "ts"].includes(language)) return undefined;
  if (/"oidc-wasm\/browser"/.test(code)) return inPage;
  if (/^export default (app;|\{)/m.test(code)) return inWorker;
  return inNode;
}

// ── names that a fragment may use without creating them ──

const context = {
  rp: 'await RelyingParty.discover("https://op.example", { clientId: "app", redirectUri: "https://app.example/cb" })',
  login: "await finishedLogin(rp)",
  tokens: "login.tokens",
  claims: "login.claims",
  transaction: "login.transaction",
};

/** The files that every page's folder has. */
export async function given(folder) {
  await writeFile(join(folder, "given.js"), "export const finishedLogin = (rp) => globalThis.finishedLogin(rp);\n");
  await writeFile(
    join(folder, "given.d.ts"),
    `import type { Login, RelyingParty } from "oidc-wasm";
export function finishedLogin(rp: RelyingParty): Promise<Required<Login> & { transaction: string }>;
`,
  );
  await writeFile(join(folder, "stubs.d.ts"), declarations);
}

/** A fragment has no import, so the runner puts a finished login around it. */
function whole(code) {
  if (/^(import|export) /m.test(code) || /\brequire\(/.test(code)) return code;
  const isFull = /\b(dpop|authorize|createDpopKey)\b/.test(code);
  const declared = Object.entries(context)
    .map(([name, value]) => `const ${name} = ${value};\n`)
    .join("");
  return `import init, { codeChallenge, createPkce, downscope, OidcError, parseChallenges, RelyingParty } from "oidc-wasm${isFull ? "/full" : ""}";\nimport { finishedLogin } from "./given.js";\nawait init();\n${declared}{\n${code}}\n`;
}

/** The file of a program's block. */
const nameOf = ({ name, language }) => `${name}.${language === "jsx" ? "tsx" : language}`;
export const fileOf = (at) => join(at.folder, nameOf(at));

/** Writes a program's block as a module. */
export const written = (code, at) => writeFile(fileOf(at), whole(code));

/**
 * Checks the types of all written programs. One compiler reads all programs with the same options, because each start reads the
 * libraries again. JSX of frameworks has no types here.
 * @param {{ code: string, at: any }[]} programs
 * @returns {Promise<Map<string, string>>} the errors of each file that has some
 */
export async function mistakes(programs) {
  const groups = new Map();
  for (const { code, at } of programs.filter(({ at }) => at.language !== "jsx")) {
    const group = `${at.language} ${/\brequire\(|"node:/.test(code) ? "with" : "without"} Node`;
    groups.set(group, [...(groups.get(group) ?? []), at]);
  }
  const found = await Promise.all([...groups].map(([group, blocks]) => compiled(group, blocks)));
  return new Map(found.flatMap((errors) => [...errors]));
}

/** The errors of programs with the same options. @param {string} group @param {any[]} blocks */
async function compiled(group, blocks) {
  const compilerOptions = {
    target: "es2022",
    module: "esnext",
    moduleResolution: "bundler",
    lib: ["es2022", "dom", "dom.iterable"],
    types: group.includes("without") ? [] : ["node"],
    noEmit: true,
    skipLibCheck: true,
    ...(group.startsWith("ts")
      ? { strict: true, noImplicitAny: false }
      : { allowJs: true, checkJs: true, strict: false }),
  };
  const files = blocks.map((at) => inside(project, fileOf(at)));
  const config = join(project, `readme-${group.replaceAll(" ", "-")}.json`);
  const stubs = inside(project, join(blocks[0].folder, "stubs.d.ts"));
  await writeFile(config, JSON.stringify({ compilerOptions, files: [...files, stubs] }));
  const { code, output } = await run(bin("tsc"), ["--pretty", "false", "-p", config], { cwd: project });
  const errors = new Map();
  // The lines after an error's first line belong to it.
  for (const error of output.split(/\n(?=\S)/).filter((text) => text.trim())) {
    const [, file = ""] = /^(.+?)\(\d+,\d+\): error /.exec(error) ?? [];
    if (!files.includes(file)) throw new Error(`the types of ${group}: ${output}`);
    errors.set(file, `${errors.get(file) ?? ""}${error}\n`);
  }
  if (code !== 0 && !errors.size) throw new Error(`tsc ended with ${code}: ${output}`);
  return new Map([...errors].map(([file, text]) => [join(project, file), text]));
}

async function inPage(code, at) {
  await at.browser.run(nameOf(at), at.folder, code);
}

/** Runs a page's script or a server's module at the test provider: on a first visit, and again after the person's return. */
async function inNode(code, at) {
  const out = `${at.name}.run.mjs`;
  const isRequire = /\brequire\(/.test(code);
  await build({
    absWorkingDir: at.folder,
    entryPoints: { [`${at.name}.out`]: nameOf(at) },
    bundle: true,
    platform: "node",
    packages: "external",
    plugins: [stubbed],
    format: isRequire ? "cjs" : "esm",
    outExtension: { ".js": isRequire ? ".cjs" : ".mjs" },
    outdir: ".",
    logLevel: "error",
  });
  const support = (path) => JSON.stringify(new URL(path, import.meta.url).href);
  await writeFile(
    join(at.folder, out),
    `import { visited } from ${support("./visit.mjs")};
await visited((query) => import("./${at.name}.out.${isRequire ? "cjs" : "mjs"}" + query), ${JSON.stringify(op)}, await import("oidc-wasm${code.includes("oidc-wasm/full") ? "/full" : ""}"));\n`,
  );
  await must(process.execPath, ["--no-warnings", out], { cwd: at.folder });
}

/** Runs a Worker in workerd. /login must lead to the provider and back. */
async function inWorker(code, at) {
  const out = join(at.folder, `${at.name}.out`);
  await build({
    absWorkingDir: at.folder,
    entryPoints: { worker: nameOf(at) },
    bundle: true,
    format: "esm",
    conditions: ["workerd", "worker"],
    define: { "process.env.COOKIE_SECRET": '"32 random characters of the example"' },
    loader: { ".wasm": "copy" },
    nodePaths: [join(here, "../../node_modules")],
    outdir: out,
    logLevel: "error",
  });
  const provider = await createTestProvider(op);
  const bindings = {
    ISSUER: "https://op.example",
    CLIENT_ID: "app",
    COOKIE_SECRET: "32 random characters of the example",
    SECRET: "secret",
  };
  const outboundService = async (request) => {
    const { url, method, headers } = request;
    const body = method === "POST" ? await request.text() : undefined;
    return provider.fetch(url, { method, headers: Object.fromEntries(headers), body });
  };
  const worker = await startWorker(out, "worker.js", bindings, { outboundService });
  try {
    // The headers of a browser's navigation. `fetch` would send those of a script.
    const origin = /app\.example/.test(code) ? "https://app.example" : "http://localhost:8787";
    const go = async (address, cookie = "") => {
      const { host, pathname, search } = new URL(address);
      const headers = { host, cookie, accept: "text/html", "mf-original-url": address };
      const reply = await ask(new URL(pathname + search, await worker.address()), { headers });
      if (reply.status >= 400) throw new Error(`${address}: ${reply.status} ${reply.text}`);
      const cookies = reply.lines.map((line) => line.split(";")[0]).join("; ");
      return { location: reply.headers.location, cookies, text: reply.text };
    };
    const { location, cookies } = await go(`${origin}/login`);
    if (!location?.includes("/authorize?")) throw new Error(`/login leads to ${location}`);
    const back = await go((await provider.authorize(location)).url, cookies);
    const { text } = await go(`${origin}/`, back.cookies);
    if (!text) throw new Error("the page is empty");
  } finally {
    await worker.close();
  }
}
