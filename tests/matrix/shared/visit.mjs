// Starts a server, and signs in to it like a browser: node visit.mjs "<command>" [path…]
// /api is an API, called with and without a token. Any other path shows the signed-in person.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, request } from "node:http";
import { createTestProvider } from "oidc-wasm/testing";
import { api, app, issuer, served } from "./provider.js";

const [command, ...paths] = process.argv.slice(2);
const { port } = new URL(app);
const op = await createTestProvider({ issuer });

// ── the provider ──

const provider = createServer(async (asked, reply) => {
  let form = "";
  for await (const chunk of asked) form += chunk;
  const { method, headers, url } = asked;
  const answer = await op.fetch(issuer + url, { method, headers, body: method === "POST" ? form : undefined });
  reply.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
});
await once(provider.listen(new URL(served).port), "listening");

// ── the project's server ──

const env = { ...process.env, PORT: port, HOST: "localhost", ORIGIN: app };
const server = spawn(command, { shell: true, detached: true, stdio: ["ignore", "inherit", "inherit"], env });
let hasEnded = false;
server.once("exit", () => {
  hasEnded = true;
});

/** One request with a browser's headers. */
function ask(address, { method = "GET", headers = {}, body = "" } = {}) {
  return new Promise((resolve, reject) => {
    const asked = request(new URL(address, app), { method, headers }, async (reply) => {
      let text = "";
      for await (const chunk of reply) text += chunk;
      resolve({ status: reply.statusCode, headers: reply.headers, text });
    });
    asked.once("error", reject).end(body);
  });
}

async function listens() {
  for (;;) {
    const isThere = await ask("/favicon.ico").catch(() => false);
    if (isThere) return;
    if (hasEnded) throw new Error("the server has ended");
    await new Promise((next) => setTimeout(next, 200));
  }
}

// ── the person ──

const cookies = new Map();
const fetched = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document", accept: "text/html" };

/** Opens an address and follows its redirects. At the provider, the person agrees. */
async function go(address, from = "none", more = {}) {
  assert(more.steps !== 0, "the visit does not end");
  const { origin } = new URL(address, app);
  if (origin === issuer) return go((await op.authorize(String(address))).url, "cross-site");
  assert.equal(origin, app, `the visit leads to ${address}`);
  const cookie = [...cookies].map((pair) => pair.join("=")).join("; ");
  const reply = await ask(address, {
    ...more,
    headers: { ...fetched, "sec-fetch-site": from, cookie, ...more.headers },
  });
  for (const line of reply.headers["set-cookie"] ?? []) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
    if (/max-age=0/i.test(line)) cookies.delete(name);
    else cookies.set(name, value);
  }
  if (more.stays || ![302, 303, 307].includes(reply.status)) return reply;
  return go(new URL(reply.headers.location, app).href, from, { steps: (more.steps ?? 9) - 1 });
}

try {
  await listens();
  const page = await go("/?a=1");
  assert.match(page.text, /Hello, (<!--.*?-->)*alice/, `${page.status}: ${page.text.slice(0, 2000)}`);
  for (const path of paths) {
    if (path === "/api") {
      const claims = {
        iss: issuer,
        sub: "alice",
        aud: api,
        client_id: "app",
        exp: Math.floor(Date.now() / 1000) + 300,
      };
      const authorization = `Bearer ${await op.sign(claims, { typ: "at+jwt" })}`;
      const answer = await ask(path, { headers: { authorization } });
      assert.deepEqual([answer.status, JSON.parse(answer.text)], [200, { hello: "alice" }]);
      assert.equal((await ask(path)).status, 401);
    } else assert.match((await go(path)).text, /signed in: alice/, path);
  }
  const out = await go("/logout", "same-origin", { method: "POST", headers: { origin: app }, stays: true });
  assert.equal(out.status, 303, `signing out: ${out.text.slice(0, 2000)}`);
  const again = await go("/", "none", { stays: true });
  assert.match(String(again.headers.location), /^https:\/\/op\.example|\/login/, "the person is signed out");
  console.log("signed in: alice");
} finally {
  provider.close();
  provider.closeAllConnections();
  if (!hasEnded) process.kill(-server.pid);
}
