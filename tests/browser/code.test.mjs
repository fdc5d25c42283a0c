/** The code beside each message: three programs of a whole login. The Rust one is a native test. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { programs, readCode } from "../../www/code.mjs";
import { loginCode } from "../../www/site/code/provider.js";
import { createTestProvider } from "../support/provider/index.js";
import { serveProviders } from "../support/provider/serve.mjs";
import { packageFiles } from "./package.mjs";

const root = new URL("../../", import.meta.url);
const AsyncFunction = /** @type {any} */ (Object.getPrototypeOf(async () => {}).constructor);
const twelve =
  "discovery authorization person redirect token_request token_response keys id_token report userinfo refresh sign_out".split(
    " ",
  );

/** Runs a program whose person signs in at once. */
async function run(text, provider) {
  const { default: init, RelyingParty } = await import(`${packageFiles}index.js`);
  await init();
  const kept = new Map();
  const location = { href: "", assigned: "", assign: (url) => Object.assign(location, { assigned: url }) };
  const given = {
    RelyingParty,
    location,
    sessionStorage: { getItem: (name) => kept.get(name), setItem: (name, value) => kept.set(name, value) },
    console: { log() {} },
    arrives: async () => Object.assign(location, { href: (await provider.authorize(location.assigned)).url }),
    leaves: async () => {
      const reply = await provider.fetch(location.assigned);
      location.href = reply.headers.get("location");
    },
  };
  const present = globalThis.fetch;
  globalThis.fetch = provider.fetch;
  try {
    return await new AsyncFunction(...Object.keys(given), text)(...Object.values(given));
  } finally {
    globalThis.fetch = present;
  }
}

test("the JavaScript program logs in, renews and signs out", async () => {
  const provider = await createTestProvider({ issuer: "https://op.example" });
  const text = (await readFile(new URL(programs.javascript, root), "utf8"))
    .replace(/^import .*$/m, "")
    .replace("// step: redirect", "await arrives();")
    .replace("// step: signed_out", "await leaves();")
    .replace(/^export \{(.*)\};$/m, "return {$1};");
  const { claims, isOurs, person, renewed, report } = await run(text, provider);
  assert.equal(claims.sub, "alice");
  assert.equal(person.email, "alice@example.com");
  assert.equal(report.valid, true);
  assert.equal(typeof renewed.tokens.access_token, "string");
  assert.equal(isOurs, true);
});

// Windows has no such shell.
const shellTest = process.platform === "win32" ? () => {} : test;
shellTest("the shell program logs in and renews, with curl, openssl and jq", async () => {
  const { origin, close } = await serveProviders(async (issuer) => [await createTestProvider({ issuer })]);
  const directory = await mkdtemp(join(tmpdir(), "oidc-wasm-code-"));
  const text = (await readFile(new URL(programs.curl, root), "utf8"))
    .replaceAll("https://op.example", origin)
    .replace(/^read -r .*$/m, "back=$(curl --silent --output /dev/null --write-out '%{redirect_url}' \"$url\")");
  try {
    const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", text], { cwd: directory });
    const read = async (name) => JSON.parse(await readFile(join(directory, name), "utf8"));
    assert.match(stdout, /"sub": ?"alice"/);
    assert.doesNotMatch(stdout, /another login/);
    assert.equal((await read("userinfo.json")).sub, "alice");
    for (const file of ["tokens.json", "api.json", "renewed.json"]) assert.ok((await read(file)).access_token, file);
    assert.ok(stdout.includes(`${origin}/logout?id_token_hint=`));
  } finally {
    await rm(directory, { recursive: true });
    await close();
  }
});

test("each of the twelve messages has code in each language", async () => {
  for (const [language, steps] of Object.entries(await readCode()))
    for (const step of twelve) assert.ok(steps[step]?.trim(), `${language}, ${step}`);
});

test("the code for any provider logs in there, with its settings", async () => {
  const provider = await createTestProvider({ issuer: "https://op.example" });
  const settings = { issuer: "https://op.example", clientId: "app", scope: "openid email", relax: ["content-type"] };
  const text = loginCode(settings)
    .replace(/^import .*$/m, "")
    .replace(
      "const { tokens, claims }",
      "location.assign(url); await arrives(); const back = location.href;\nconst { tokens, claims }",
    );
  const { tokens, claims } = await run(`${text}\nreturn { tokens, claims };`, provider);
  assert.deepEqual([claims.sub, tokens.scope], ["alice", "openid email"]);
});
