// Every code block of the documentation: JavaScript and TypeScript are compiled and run, shell commands and paths must exist.
import { access, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { build, transform } from "esbuild";
import { createTestProvider } from "../support/provider/index.js";
import { ask } from "./ask.mjs";
import { bin, createChecks, must, policy, root } from "./lib.mjs";
import { installed, project } from "./project.mjs";
import { startWorker } from "./runtimes/workerd.mjs";

/** What there is, and in which languages it must have code. */
const files = {
  "README.md": ["js", "ts", "sh"],
  "docs/spa.md": ["js", "jsx"],
  "docs/device.md": ["ts"],
  "docs/guard.md": ["ts"],
  "docs/dpop.md": ["ts"],
  "docs/worker.md": ["ts"],
  "docs/certification.md": ["sh"],
  "docs/providers/interop.md": ["sh"],
  "tests/README.md": ["js", "sh"],
  "benches/README.md": ["text"],
};
const folder = join(project, "readme");

export async function readme() {
  const { check, results } = createChecks("readme");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "given.js"), "export const finishedLogin = (rp) => globalThis.finishedLogin(rp);\n");
  await writeFile(join(folder, "given.d.ts"), given);
  for (const [file, languages] of Object.entries(files)) {
    const text = await readFile(join(root, file), "utf8");
    const blocks = [...text.matchAll(/^```(\w*)[^\n]*\n(.*?)^```$/gms)];
    await check(`${file} has code in ${languages}`, () => {
      const missing = languages.filter((language) => !blocks.some(([, one]) => one === language));
      if (missing.length) throw new Error(`no block in ${missing}`);
    });
    for (const [at, [block, language, code]] of blocks.entries()) {
      const line = text.slice(0, text.indexOf(block)).split("\n").length;
      const name = `${file.replaceAll(/\W+/g, "-")}-${at}`;
      // cargo compiles and runs it, as a test of the crate's documentation.
      if (language === "rust") continue;
      await check(`${file}:${line} (${language || "no language"})`, () => {
        const run = runners[language];
        if (!run) throw new Error("nothing checks a block in this language");
        return run(code, { name, folder: join(root, dirname(file)) });
      });
    }
  }
  return results;
}

/** The provider that the examples speak of, and its person. */
const op = {
  issuer: "https://op.example",
  algorithms: ["ES256"],
  users: { mara: { name: "Mara Lindqvist", email: "mara@example.com" } },
};

const runners = { js: script, jsx, ts: typescript, html, sh: shell, http: header, text: layout };

// ── scripts ──

/** What a fragment may speak of without having made it. */
const context = {
  rp: 'await RelyingParty.discover("https://op.example", { clientId: "app", redirectUri: "https://app.example/cb" })',
  login: "await finishedLogin(rp)",
  tokens: "login.tokens",
  claims: "login.claims",
  transaction: "login.transaction",
};

const given = `import type { Login, RelyingParty } from "oidc-wasm";
export function finishedLogin(rp: RelyingParty): Promise<Required<Login> & { transaction: string }>;
`;

const declares = (code, name) =>
  new RegExp(`\\b(const|let|var|function|class|import)\\b[^=;(]*\\b${name}\\b`).test(code);

/** A fragment has no import of its own: it gets a finished login around it. */
function whole(code) {
  if (/\bfrom "oidc-wasm|import\("oidc-wasm/.test(code)) return code;
  const given = Object.entries(context).filter(([name]) => !declares(code, name));
  const declared = given.map(([name, value]) => `const ${name} = ${value};\n`).join("");
  return `import init, { codeChallenge, createPkce, downscope, OidcError, parseChallenges, RelyingParty } from "oidc-wasm";\nimport { finishedLogin } from "./given.js";\nawait init();\n${declared}{\n${code}}\n`;
}

async function compiles(file, options) {
  const config = join(folder, `${file}.tsconfig.json`);
  const common = {
    target: "es2022",
    module: "esnext",
    moduleResolution: "bundler",
    lib: ["es2022", "dom", "dom.iterable"],
    types: [],
    noEmit: true,
    skipLibCheck: true,
  };
  await writeFile(config, JSON.stringify({ compilerOptions: { ...common, ...options }, files: [file] }));
  await must(bin("tsc"), ["-p", config], { cwd: folder });
}

async function script(code, { name }) {
  await writeFile(join(folder, `${name}.js`), whole(code));
  await compiles(`${name}.js`, { allowJs: true, checkJs: true, strict: false });
  await runs(`${name}.js`, code);
}

async function typescript(code, { name }) {
  await writeFile(join(folder, `${name}.ts`), whole(code));
  await compiles(`${name}.ts`, { strict: true });
  await build({ absWorkingDir: folder, entryPoints: [`${name}.ts`], outdir: ".", logLevel: "error" });
  await runs(`${name}.js`, code);
}

/** A module with a default export is a Worker, any other a page's script. A session takes a browser: `session/` runs it there. */
async function runs(file, code) {
  if (/"oidc-wasm\/(browser|worker)"/.test(code)) return;
  await (/\bexport default\b/.test(code) ? asWorker(file) : asPage(file));
}

/** Of frameworks with a syntax of their own: it must be JavaScript. */
async function jsx(code) {
  await transform(code, { loader: "tsx", tsconfigRaw: { compilerOptions: { experimentalDecorators: true } } });
}

async function html(code, { name }) {
  const body = /<script type="module">(.*?)<\/script>/s.exec(code)?.[1];
  if (body === undefined) throw new Error("no module script in it");
  // A page without a bundler names a file of the package.
  const address = /from "([^"]*oidc-wasm\/[^"]+)"/.exec(body)?.[1];
  if (address) await access(join(installed, address.slice(address.indexOf("oidc-wasm/") + "oidc-wasm/".length)));
  await script(address ? body.replace(`"${address}"`, '"oidc-wasm"') : body, { name });
}

/** Runs a page's script in Node at the test provider: on a first visit, and where it sends the person away, once more when they are back. */
async function asPage(file) {
  const visits = `
    import { createTestProvider } from ${JSON.stringify(new URL("../support/provider/index.js", import.meta.url).href)};
    const provider = await createTestProvider(${JSON.stringify(op)});
    const kept = new Map();
    globalThis.fetch = provider.fetch;
    globalThis.sessionStorage = { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, String(value)), removeItem: (name) => kept.delete(name) };
    globalThis.history = { replaceState() {} };
    const element = { set textContent(_) {}, append() {}, replaceChildren() {}, addEventListener() {} };
    globalThis.document = { querySelector: () => element, getElementById: () => element, body: element, title: "" };
    globalThis.finishedLogin = async (rp) => {
      const { url, transaction } = rp.authorizationRequest({ scope: "openid email" });
      return { ...(await rp.callback((await provider.authorize(url)).url, transaction)), transaction };
    };
    const visit = async (address) => {
      let left;
      const at = new URL(address);
      const assign = (to) => { left = String(to); };
      globalThis.location = { href: at.href, origin: at.origin, pathname: at.pathname, search: at.search, hash: at.hash, assign, replace: assign };
      await import(${JSON.stringify(`./${file}`)} + "?" + encodeURIComponent(address));
      await new Promise((done) => setTimeout(done, 50));
      return left;
    };
    process.on("unhandledRejection", (error) => { throw error; });
    const away = await visit("https://app.example/");
    if (away?.includes("/authorize?")) {
      const again = await visit((await provider.authorize(away)).url);
      if (again?.includes("/authorize?")) throw new Error("back from the provider, it sends the person there again");
    }`;
  await writeFile(join(folder, `${file}.run.mjs`), visits);
  await must(process.execPath, ["--no-warnings", `${file}.run.mjs`], { cwd: folder });
}

/** Runs a Worker in workerd: every path that its text names must be answered, and /login must lead to the provider and back. */
async function asWorker(file) {
  const out = join(folder, `${file}.out`);
  await build({
    absWorkingDir: folder,
    entryPoints: { worker: file },
    bundle: true,
    format: "esm",
    conditions: ["workerd", "worker"],
    loader: { ".wasm": "copy" },
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
    // A browser's navigation: fetch would say that a script asks.
    const origin = "http://localhost:8787";
    const go = async (address, cookie = "") => {
      const { host, pathname, search } = new URL(address);
      const headers = { host, cookie, accept: "text/html" };
      const reply = await ask(new URL(pathname + search, await worker.address()), { headers });
      if (reply.status >= 400) throw new Error(`${address}: ${reply.status} ${reply.text}`);
      const cookies = reply.lines.map((line) => line.split(";")[0]).join("; ");
      return { location: reply.headers.location, cookies };
    };
    const { location, cookies } = await go(`${origin}/login`);
    if (!location?.includes("/authorize?")) throw new Error(`/login leads to ${location}`);
    await go((await provider.authorize(location)).url, cookies);
  } finally {
    await worker.close();
  }
}

// ── commands, headers, paths ──

/** Each line of a shell block starts a program of this repository or one that everybody has. */
async function shell(code) {
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
        : ["add", "test", "doc", "build", "run", "install", "+nightly"].includes(verb),
    npm: ([verb]) => ["install", "ci"].includes(verb),
    npx: ([name]) => tools.includes(name),
    node: ([file]) => isThere(file),
    cd: ([name]) => isThere(name),
  };
  for (const line of lines.flatMap((one) => one.split(/&&|[()]/)).map((one) => one.trim())) {
    if (!line) continue;
    const [program, ...rest] = line.split(/\s+/);
    if (!(await checks[program]?.(rest))) throw new Error(`no such command: ${line}`);
  }
}

/** A header that pages are told to send: the suite's own pages are sent with the same directive. */
function header(code) {
  const [, name, value] = /^([\w-]+): (.+)\n$/.exec(code) ?? [];
  if (name !== "Content-Security-Policy") throw new Error(`no test sends the header ${name}`);
  const scripts = (text) => text.split("; ").find((directive) => directive.startsWith("script-src "));
  if (scripts(value) !== scripts(policy())) throw new Error(`the tests' pages are sent with ${scripts(policy())}`);
}

/** A list of files and folders, at the start of each line. */
async function layout(code, { folder }) {
  for (const line of code.trimEnd().split("\n"))
    for (const path of /^[^\s,]+(, [^\s,]+)*/.exec(line)[0].split(", ")) await access(join(folder, path));
}
