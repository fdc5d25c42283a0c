// The adapters for Node's http, Express and Fastify, over sockets.
import { createServer } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import expressOf from "express";
import fastifyOf from "fastify";
import { listening } from "../support/listening.mjs";
import { createTestProvider } from "../support/provider/index.js";
import { ask } from "./ask.mjs";
import { createChecks, same } from "./lib.mjs";
import { installed } from "./project.mjs";

const issuer = "https://op.test";
const cookieSecret = "a cookie secret of thirty-two characters";
const api = "https://api.example.com";

function createBrowser(origin) {
  const cookies = new Map();
  return {
    cookies,
    /** @param {string} path @param {any} [asked] */
    async go(path, { headers = {}, ...how } = {}) {
      const cookie = [...cookies].map((pair) => pair.join("=")).join("; ");
      const fetched = { "sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
      const reply = await ask(new URL(path, origin), { ...how, headers: { cookie, ...fetched, ...headers } });
      for (const line of reply.lines) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
        if (/Max-Age=0/.test(line)) cookies.delete(name);
        else cookies.set(name, value);
      }
      return reply;
    },
  };
}

/**
 * Each framework has two servers: a page behind `part` that shows the person, and a page that reads a form.
 * @type {Record<string, (node: any, part: any) => any>}
 */
const frameworks = {
  "plain http": ({ express }, part) => {
    const pass = express(part);
    return createServer((/** @type {any} */ incoming, outgoing) =>
      pass(incoming, outgoing, async (error) => {
        if (error) return outgoing.writeHead(500).end(error.code);
        let body = "";
        for await (const chunk of incoming) body += chunk;
        outgoing.end(JSON.stringify({ sub: incoming.oidc.claims.sub, body }));
      }),
    );
  },
  "Express 5": ({ express }, part) => {
    const app = expressOf();
    app.use(express(part));
    app.use(expressOf.text({ type: "*/*" }));
    app.use((/** @type {any} */ incoming, outgoing) => {
      outgoing.json({ sub: incoming.oidc.claims.sub, body: typeof incoming.body === "string" ? incoming.body : "" });
    });
    app.use((error, _incoming, outgoing, _next) => outgoing.status(500).end(error.code));
    return createServer(app);
  },
  "Express 5, the body parsed before": ({ express }, part) => {
    const app = expressOf();
    app.use(expressOf.urlencoded({ extended: false }), expressOf.text({ type: "text/*" }));
    app.use(express(part));
    app.use((/** @type {any} */ incoming, outgoing) => {
      outgoing.json({ sub: incoming.oidc.claims.sub, body: typeof incoming.body === "string" ? incoming.body : "" });
    });
    app.use((error, _incoming, outgoing, _next) => outgoing.status(500).end(error.code));
    return createServer(app);
  },
  Fastify: async ({ express }, part) => {
    const pass = express(part);
    let server;
    /** @type {any} */
    const app = fastifyOf({
      serverFactory(handler) {
        server = createServer(handler);
        return server;
      },
    });
    app.addHook("onRequest", (asked, reply, done) => pass(asked.raw, reply.raw, done));
    app.addContentTypeParser("*", { parseAs: "string" }, (_asked, body, done) => done(null, body));
    app.setErrorHandler((error, _asked, reply) => reply.code(500).send(error.code));
    app.all("/*", (asked) => ({ sub: asked.raw.oidc.claims.sub, body: asked.body ?? "" }));
    await app.ready();
    return server;
  },
};

export async function adapters() {
  const { check, results } = createChecks("adapters");
  const load = (name) => import(pathToFileURL(join(installed, `dist/${name}.js`)).href);
  const node = await load("node");
  const { createGuard, createLogin } = await load("edge");

  for (const [name, serverOf] of Object.entries(frameworks)) {
    await check(`${name}: sign in by redirect and by form_post, a page, a form, sign out`, async () => {
      for (const responseMode of ["query", "form_post"]) {
        const op = await createTestProvider({ issuer });
        let origin = "";
        const config = () => ({ issuer, clientId: "app", cookieSecret, origins: [origin], fetch: op.fetch });
        const login = createLogin(config);
        const { signIn } = login;
        login.signIn = (asked, params) => signIn(asked, { ...params, responseMode });
        const server = await serverOf(node, login);
        const at = await listening(server);
        // A POST from another site needs a Secure cookie. Loopback may set one only by the name `localhost`.
        origin = at.origin;
        const browser = createBrowser(origin);
        const asked = await browser.go("/inbox?a=1");
        same(asked.status, 303, "sent away");
        const { url, body } = await op.authorize(asked.headers.location);
        const headers = { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "cross-site" };
        const back = await browser.go(url, body ? { method: "POST", headers, body: `${body}` } : {});
        same([back.status, back.headers.location], [303, `${origin}/inbox?a=1`], "back");
        const page = await browser.go("/inbox");
        same(JSON.parse(page.text), { sub: "alice", body: "" }, "page");
        same(page.headers["cache-control"], "private, no-store", "cache");
        const posted = { method: "POST", headers: { "content-type": "text/plain" }, body: "hello" };
        same(JSON.parse((await browser.go("/", posted)).text), { sub: "alice", body: "hello" }, "form");
        const foreign = { ...posted, headers: { ...posted.headers, "sec-fetch-site": "same-site" } };
        same((await browser.go("/", foreign)).status, 403, "a sibling's form");
        const out = await browser.go("/logout", { method: "POST" });
        same([out.status, browser.cookies.size], [303, 0], "signed out");
        await at.close();
      }
    });
    await check(`${name}: a guard`, async () => {
      const op = await createTestProvider({ issuer });
      const guard = createGuard({ issuer, audience: api, resource: api, fetch: op.fetch });
      const server = await serverOf(node, guard);
      const at = await listening(server);
      const claims = { iss: issuer, sub: "alice", aud: api, client_id: "app", exp: Date.now() / 1000 + 300 };
      const authorization = `Bearer ${await op.sign(claims, { typ: "at+jwt" })}`;
      same(JSON.parse((await ask(`${at.origin}/`, { headers: { authorization } })).text).sub, "alice", "claims");
      const refused = await ask(`${at.origin}/`);
      same(refused.status, 401, "no token");
      same(/^Bearer realm=/.test(refused.headers["www-authenticate"]), true, "challenge");
      const metadata = await ask(`${at.origin}/.well-known/oauth-protected-resource`);
      same(JSON.parse(metadata.text).resource, api, "metadata");
      await at.close();
    });
    await check(`${name}: the Host header chooses no redirect address`, async () => {
      const op = await createTestProvider({ issuer });
      const common = { issuer, clientId: "app", cookieSecret, fetch: op.fetch };
      const rows = [
        [{ redirectUri: "https://app.example/callback" }, [303, "https://app.example/callback"]],
        [{ origins: ["https://app.example"] }, [400, "Signing in failed: session.origin"]],
        [{}, [500, "argument.origins"]],
      ];
      for (const [config, expected] of rows) {
        const server = await serverOf(node, createLogin({ ...common, ...config }));
        const at = await listening(server);
        for (const host of ["evil.example", "evil.example/../app.example", "app.example@evil.example"]) {
          const headers = { host, accept: "text/html" };
          const { status, headers: answered, text } = await ask(`${at.origin}/`, { headers });
          const chosen = answered.location && new URL(answered.location).searchParams.get("redirect_uri");
          same([status, chosen ?? text], expected, host);
        }
        await at.close();
      }
    });
  }

  await check("a token that is renewed in a handler sets its cookies", async () => {
    let time = Date.now();
    const real = Date.now;
    Date.now = () => time;
    const op = await createTestProvider({ issuer, now: () => Math.floor(time / 1000), resources: { [api]: ["read"] } });
    let origin = "";
    const config = { issuer, clientId: "app", cookieSecret, keep: "tokens", scope: "openid offline_access" };
    const login = createLogin(() => ({ ...config, origins: [origin], fetch: op.fetch }));
    const pass = node.express(login);
    const server = createServer((/** @type {any} */ incoming, outgoing) =>
      pass(incoming, outgoing, async () => {
        outgoing.setHeader("set-cookie", [outgoing.getHeader("set-cookie") ?? [], "own=1"].flat().map(String));
        outgoing.end(await incoming.oidc.accessToken({ resource: api }));
      }),
    );
    const at = await listening(server);
    origin = at.origin;
    const browser = createBrowser(origin);
    const { url } = await op.authorize((await browser.go("/")).headers.location);
    await browser.go(url);
    const first = await browser.go("/");
    same(
      first.lines.map((line) => line.split("=")[0]),
      ["own", "oidc"],
      "cookies",
    );
    same((await browser.go("/")).text, first.text, "kept");
    time += 290_000;
    const later = await browser.go("/");
    same(later.text === first.text, false, "renewed");
    same(
      later.lines.map((line) => line.split("=")[0]),
      ["own", "oidc"],
      "one cookie of each name",
    );
    Date.now = real;
    await at.close();
  });
  await check("a large body is streamed, and an answer too", async () => {
    const size = 3_000_000;
    const server = createServer(async (incoming, outgoing) => {
      const asked = node.toRequest(incoming);
      await node.send(new Response(asked.body, { headers: { "x-path": new URL(asked.url).pathname } }), outgoing);
    });
    const at = await listening(server);
    const reply = await ask(`${at.origin}//evil.example/x`, { method: "POST", body: "b".repeat(size) });
    same([reply.status, reply.text.length, reply.headers["x-path"]], [200, size, "//evil.example/x"], "echo");
    await at.close();
  });
  await check("addresses as proxies forward them", async () => {
    const headers = {
      host: "inner",
      "x-forwarded-host": "evil.example, app.example",
      "x-forwarded-proto": "http, https",
    };
    const incoming = { method: "GET", url: "/a?b", headers };
    same(node.toRequest(incoming).url, "http://inner/a?b", "not trusted");
    same(node.toRequest(incoming, { trustProxy: true }).url, "https://app.example/a?b", "trusted");
    same(node.toRequest({ ...incoming, socket: { encrypted: true } }).url, "https://inner/a?b", "TLS");
    same(node.toRequest({ headers: { ":authority": "h2.example", ":path": "/" } }).url, "http://h2.example/", "HTTP/2");
  });
  return results;
}
