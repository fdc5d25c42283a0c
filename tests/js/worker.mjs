// The examples in workerd, bundled by wrangler from the installed package. examples/worker uses oidc-provider, the
// guarded ones use the test provider.
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { startProvider } from "../../www/provider/index.mjs";
import { createVisitor } from "../../www/provider/visitor.mjs";
import { createTestProvider } from "../support/provider/index.js";
import { serveProviders } from "../support/provider/serve.mjs";
import { ask } from "./ask.mjs";
import { createChecks, root } from "./lib.mjs";
import { bundleWithWrangler } from "./loads.mjs";
import { project } from "./project.mjs";
import { startWorker } from "./runtimes/workerd.mjs";

const origin = "http://127.0.0.1:45872";
const redirect_uris = [`${origin}/callback`];
const post_logout_redirect_uris = [`${origin}/`];
const secret = "the secret of the Worker, long enough";

const asPerson = { "sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };

/** A browser that visits the Worker. It keeps cookies and follows no redirect. */
function createBrowser(worker) {
  const cookies = new Map();
  return {
    cookies,
    async go(path, init = {}) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
      const { pathname, search } = new URL(path, origin);
      const headers = { cookie, host: new URL(origin).host, ...asPerson, ...init.headers };
      const reply = await ask(new URL(pathname + search, await worker.address()), { ...init, headers });
      for (const line of reply.lines) {
        const [, name, value, attributes] = /^([^=]+)=([^;]*)(.*)$/.exec(line);
        if (!/HttpOnly/.test(attributes) || !/SameSite=lax/.test(attributes))
          throw new Error(`a cookie without protection: ${line}`);
        if (/Max-Age=0(;|$)/.test(attributes)) cookies.delete(name);
        else cookies.set(name, value);
      }
      return { status: reply.status, location: reply.headers.location, text: reply.text };
    },
  };
}

/** An example that wrangler bundles from the installed package. */
async function bundled(example) {
  const source = join(project, `examples-${example}`);
  await rm(source, { recursive: true, force: true });
  await cp(join(root, "examples", example), source, {
    recursive: true,
    filter: (path) => !path.includes("node_modules"),
  });
  return bundleWithWrangler(source);
}

export async function worker() {
  const { check, results } = createChecks("worker");
  const folder = await bundled("worker");
  const op = await startProvider({
    clients: [
      { client_id: "edge", token_endpoint_auth_method: "none", redirect_uris, post_logout_redirect_uris },
      { client_id: "edge-secret", client_secret: secret, redirect_uris, post_logout_redirect_uris },
    ],
  });
  const vars = { ISSUER: op.issuer, CLIENT_ID: "edge", COOKIE_SECRET: "a cookie secret of 32 characters or more" };

  const expect = (actual, expected, what) => {
    if (actual !== expected) throw new Error(`${what}: expected ${expected}, got ${actual}`);
  };
  const includes = (text, part) => {
    if (!text.includes(part)) throw new Error(`expected ${part} in ${text}`);
  };

  for (const [name, bindings] of Object.entries({
    "a public client": vars,
    "a client with a secret": { ...vars, CLIENT_ID: "edge-secret", CLIENT_SECRET: secret },
  })) {
    const worker = await startWorker(folder, "index.js", bindings);
    const signIn = async (browser, visitor) => visitor.signIn((await browser.go("/login")).location);

    await check(`${name}: sign in, session, sign out`, async () => {
      const browser = createBrowser(worker);
      const visitor = createVisitor();
      includes((await browser.go("/")).text, "Sign in");
      const back = await signIn(browser, visitor);
      const done = await browser.go(back);
      expect(done.status, 303, done.text);
      expect(done.location, `${origin}/`, "location");
      includes((await browser.go("/")).text, "Hello, Mara Lindqvist");
      expect([...browser.cookies.keys()].join(), "oidc", "cookies");

      // The same redirect again: its login has ended.
      expect((await browser.go(back)).status, 400, "second callback");

      const end = await browser.go("/logout", { method: "POST" });
      expect(await visitor.signOut(end.location), `${origin}/`, "signed out at");
      includes((await browser.go("/")).text, "Sign in");
    });
    await check(`${name}: two logins at once don't disturb each other`, async () => {
      const browser = createBrowser(worker);
      const [one, two] = [await browser.go("/login"), await browser.go("/login")];
      const visitor = createVisitor();
      const backs = [await visitor.signIn(one.location), await visitor.signIn(two.location)];
      for (const back of backs) expect((await browser.go(back)).status, 303, "callback");
    });
    await check(`${name}: consent refused`, async () => {
      const browser = createBrowser(worker);
      const done = await browser.go(await signIn(browser, createVisitor({ allow: false })));
      expect(done.status, 403, done.text);
      includes(done.text, "redirect.oauth_error");
    });
    await check(`${name}: somebody else's redirect, a forged one, a code used twice`, async () => {
      const [victim, attacker] = [createBrowser(worker), createBrowser(worker)];
      const back = await signIn(attacker, createVisitor());
      expect((await victim.go(back)).status, 400, "a login that another browser began");
      expect(
        (await attacker.go(back.replace(/iss=[^&]+/, "iss=https%3A%2F%2Fevil.example"))).text.includes("redirect.iss"),
        true,
        "another issuer",
      );
      // The attacker keeps the login's cookie, so only the provider can reject the code.
      const kept = new Map(attacker.cookies);
      expect((await attacker.go(back)).status, 303, "the first time");
      for (const [name, value] of kept) attacker.cookies.set(name, value);
      const again = await attacker.go(back);
      expect(again.status, 400, again.text);
      includes(again.text, "token.oauth_error");
    });
    await check(`${name}: an altered cookie, and one under another name, are no session`, async () => {
      const browser = createBrowser(worker);
      await browser.go(await signIn(browser, createVisitor()));
      const session = browser.cookies.get("oidc");
      browser.cookies.set("oidc", `${session.slice(0, -2)}${session.endsWith("AA") ? "BB" : "AA"}`);
      includes((await browser.go("/")).text, "Sign in");
      const other = createBrowser(worker);
      await other.go("/login");
      const [[, transaction]] = other.cookies;
      browser.cookies.set("oidc", `1.${transaction}`);
      includes((await browser.go("/")).text, "Sign in");
      browser.cookies.set("oidc", session);
      includes((await browser.go("/")).text, "Hello, Mara");
    });
    await worker.close();
  }

  await check("the provider is down", async () => {
    const worker = await startWorker(folder, "index.js", { ...vars, ISSUER: "http://127.0.0.1:9" });
    const browser = createBrowser(worker);
    expect((await browser.go("/")).status, 200, "a page without login");
    const reply = await browser.go("/login");
    await worker.close();
    expect(reply.status, 502, reply.text);
    includes(reply.text, "http.failed");
  });
  await check("another path", async () => {
    const worker = await startWorker(folder, "index.js", vars);
    const reply = await createBrowser(worker).go("/nothing");
    await worker.close();
    expect(reply.status, 404, "status");
  });
  await op.close();

  const { providers, close } = await serveProviders(async (issuer) => [await createTestProvider({ issuer })]);
  const [signer] = providers;
  const { issuer } = signer;
  const bearer = async (aud, scope) => {
    const claims = { iss: issuer, sub: "alice", aud, client_id: "app", exp: Date.now() / 1000 + 300, scope };
    return { authorization: `Bearer ${await signer.sign(claims, { typ: "at+jwt" })}` };
  };

  await check("examples/hono-api", async () => {
    const api = "https://api.example.com";
    const worker = await startWorker(await bundled("hono-api"), "index.js", { ISSUER: issuer, AUDIENCE: api });
    const ask = async (path, init = {}) => {
      const reply = await worker.fetch(api + path, init);
      return [reply.status, await reply.text()].join(" ");
    };
    expect(await ask("/"), "401 ", "no token");
    expect(await ask("/", { headers: await bearer(api, "read") }), '200 {"hello":"alice"}', "a token");
    expect(await ask("/notes", { method: "POST", headers: await bearer(api, "read") }), "403 ", "no scope");
    expect(
      await ask("/notes", { method: "POST", headers: await bearer(api, "write") }),
      '201 {"written":true}',
      "scope",
    );
    expect(await ask("/", { headers: await bearer("https://other.example", "read") }), "401 ", "another API's");
    await worker.close();
  });
  await check("examples/mcp", async () => {
    const resource = "https://mcp.example.com/";
    const worker = await startWorker(await bundled("mcp"), "index.js", { ISSUER: issuer, RESOURCE: resource });
    const refused = await worker.fetch(resource, { method: "POST", body: "{}" });
    const challenge = refused.headers.get("www-authenticate");
    const [, address] = /resource_metadata="([^"]+)"/.exec(challenge) ?? [];
    expect(refused.status, 401, challenge);
    /** @type {any} */
    const { authorization_servers } = await (await worker.fetch(address)).json();
    expect(authorization_servers.join(), issuer, "the authorization server");
    const headers = await bearer(resource, "mcp");
    /** @param {string} method @param {any} [params] @param {number | undefined} [id] @returns {Promise<any>} */
    const call = async (method, params = {}, id = 1) => {
      const body = JSON.stringify({ jsonrpc: "2.0", ...(id && { id }), method, params });
      const reply = await worker.fetch(resource, { method: "POST", headers, body });
      return reply.status === 200 ? reply.json() : reply.status;
    };
    expect(
      (await call("initialize", { protocolVersion: "2025-06-18" })).result.protocolVersion,
      "2025-06-18",
      "version",
    );
    expect(await call("notifications/initialized", {}, 0), 202, "a notification");
    expect((await call("tools/list")).result.tools[0].name, "whoami", "tools");
    expect((await call("tools/call", { name: "whoami" })).result.content[0].text, "alice", "a call");
    expect((await call("tools/call", { name: "other" })).error.code, -32602, "no such tool");
    expect((await call("other")).error.code, -32601, "no such method");
    await worker.close();
  });
  await close();
  return results;
}
