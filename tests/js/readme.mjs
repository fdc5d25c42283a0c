// Every code block of the READMEs: JavaScript and HTML are run, TypeScript is compiled, shell commands must exist.
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { createCannedProvider } from "./canned.mjs";
import { bin, createChecks, must, root } from "./lib.mjs";
import { installed, project } from "./project.mjs";
import { startWorker } from "./runtimes/workerd.mjs";

const files = ["README.md", "docs/providers.md", "pkg/README.md", "examples/worker/README.md"];
const folder = join(project, "readme");

export async function readme() {
  const { check, results } = createChecks("readme");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "given.js"), "export const finishedLogin = (rp) => globalThis.finishedLogin(rp);\n");
  await writeFile(join(folder, "given.d.ts"), given);
  await copyFile(join(root, "examples/worker/src/cookies.ts"), join(folder, "cookies.ts"));
  for (const file of files) {
    const text = await readFile(join(root, file), "utf8").catch(() => "");
    if (file === "README.md")
      await check("README.md is there, with code in it", () => {
        if (!text.includes("```js") || !text.includes("```sh")) throw new Error("no js block, or no sh block");
      });
    const blocks = [...text.matchAll(/^```(\w*)[^\n]*\n(.*?)^```$/gms)];
    for (const [at, [, language, code]] of blocks.entries()) {
      const line = text.slice(0, text.indexOf(code)).split("\n").length;
      const name = `${file.replaceAll(/\W+/g, "-").replace(/^-/, "")}-${at}`;
      await check(`${file}:${line} (${language || "no language"})`, () => runner(language)(code, name));
    }
  }
  return results;
}

function runner(language) {
  const known = {
    js: script,
    javascript: script,
    ts: typescript,
    typescript,
    html,
    sh: shell,
    bash: shell,
    console: shell,
  };
  // Documents and other languages: rust is compiled by cargo.
  const shown = ["", "text", "json", "toml", "http", "rust", "diff"];
  if (shown.includes(language)) return () => {};
  const run = known[language];
  if (!run) throw new Error(`nothing checks a block in ${language}`);
  return run;
}

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

async function script(code, name) {
  await writeFile(join(folder, `${name}.js`), whole(code));
  await compiles(`${name}.js`, { allowJs: true, checkJs: true, strict: false });
  await runs(`${name}.js`, code);
}

async function typescript(code, name) {
  await writeFile(join(folder, `${name}.ts`), whole(code));
  await compiles(`${name}.ts`, { strict: true });
  await build({ absWorkingDir: folder, entryPoints: [`${name}.ts`], outdir: ".", logLevel: "error" });
  await runs(`${name}.js`, code);
}

/** A module with a default export is a Worker, any other a page's script. */
const runs = (file, code) => (/\bexport default\b/.test(code) ? asWorker(file) : asPage(file));

async function html(code, name) {
  const [, source, body] = /<script type="module"(?: src="([^"]+)")?>(.*?)<\/script>/s.exec(code) ?? [];
  if (body === undefined) throw new Error("no module script in it");
  if (source) return;
  // A page without a bundler names a file of the package.
  const address = /from "([^"]*oidc-wasm\/[^"]+)"/.exec(body)?.[1];
  if (address) await readFile(join(installed, address.slice(address.indexOf("oidc-wasm/") + "oidc-wasm/".length)));
  await script(address ? body.replace(`"${address}"`, '"oidc-wasm"') : body, name);
}

/** Runs a page's script in Node at the canned provider: on a first visit, and where it sends the person away, once more when they are back. */
async function asPage(file) {
  const visits = `
    import { createCannedProvider } from ${JSON.stringify(new URL("canned.mjs", import.meta.url).href)};
    const provider = createCannedProvider();
    const kept = new Map();
    globalThis.fetch = async (input, init) => provider.answer(new Request(input, init));
    globalThis.sessionStorage = { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, String(value)), removeItem: (name) => kept.delete(name) };
    globalThis.history = { replaceState() {} };
    const element = { set textContent(_) {}, append() {}, replaceChildren() {}, addEventListener() {} };
    globalThis.document = { querySelector: () => element, getElementById: () => element, body: element, title: "" };
    globalThis.finishedLogin = async (rp) => {
      const { url, transaction } = rp.authorizationRequest({ scope: "openid email" });
      return { ...(await rp.callback(provider.signIn(url), transaction)), transaction };
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
      const again = await visit(provider.signIn(away));
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
  const provider = createCannedProvider();
  const bindings = {
    ISSUER: "https://op.example",
    CLIENT_ID: "app",
    COOKIE_SECRET: "32 random characters of the example",
    SECRET: "secret",
  };
  const outboundService = async (request) => {
    const body = request.method === "POST" ? await request.text() : undefined;
    return provider.answer(
      new Request(request.url, { method: request.method, headers: Object.fromEntries(request.headers), body }),
    );
  };
  const worker = await startWorker(out, "worker.js", bindings, { outboundService });
  try {
    const origin = "https://app.example";
    const go = async (address, cookie = "") => {
      const reply = await worker.fetch(address, { redirect: "manual", headers: { cookie } });
      if (reply.status >= 400) throw new Error(`${address}: ${reply.status} ${await reply.text()}`);
      return {
        location: reply.headers.get("location"),
        cookies: reply.headers
          .getSetCookie()
          .map((line) => line.split(";")[0])
          .join("; "),
      };
    };
    const { location, cookies } = await go(`${origin}/login`);
    if (!location?.includes("/authorize?")) throw new Error(`/login leads to ${location}`);
    await go(provider.signIn(location), cookies);
  } finally {
    await worker.close();
  }
}

// ── commands ──

/** Each line of a shell block starts a program of this repository or one that everybody has. */
async function shell(code) {
  const lines = code
    .replaceAll("\\\n", " ")
    .split("\n")
    .map((line) =>
      line
        .replace(/^\$ /, "")
        .replace(/\s#.*|^#.*/, "")
        .trim(),
    );
  const scripts = JSON.parse(await readFile(join(root, "package.json"), "utf8")).scripts ?? {};
  const tools = await readdir(join(root, "node_modules/.bin"));
  const xtask = await readFile(join(root, "xtask/src/main.rs"), "utf8");
  const checks = {
    cargo: ([verb, name]) =>
      verb === "xtask"
        ? xtask.includes(`"${name}"`)
        : ["add", "test", "doc", "build", "clippy", "fmt", "install"].includes(verb),
    npm: ([verb, name]) => ["install", "ci", "i"].includes(verb) || (verb === "run" && name in scripts),
    npx: ([name]) => tools.includes(name),
    node: ([file]) =>
      file?.startsWith("-") ||
      readFile(join(root, file)).then(
        () => true,
        () => false,
      ),
    git: ([verb]) => verb === "clone",
    cd: ([name]) => Boolean(name),
    openssl: ([verb]) => verb === "rand",
  };
  for (const line of lines.flatMap((one) => one.split("&&")).map((one) => one.trim())) {
    if (!line) continue;
    const [program, ...rest] = line.split(/\s+/);
    if (!checks[program] || !(await checks[program](rest))) throw new Error(`no such command: ${line}`);
  }
}
