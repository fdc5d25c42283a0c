// The middleware for Hono.
import { Hono } from "hono";
import { RelyingParty } from "oidc-wasm";
import { guard, login } from "oidc-wasm/hono";
import { isFull } from "../../build.js";
import { withGlobals } from "../fake.js";
import { ok, same, test, throws } from "../harness.js";
import { createBrowser } from "./browser.js";
import { createProvider } from "./provider.js";

const issuer = "https://op.test";
const home = "https://app.example";
const api = "https://api.example.com";
const cookieSecret = "a cookie secret of thirty-two characters";
const now = () => Math.floor(Date.now() / 1000);

test("hono: a guarded API", async () => {
  const op = await createProvider({ issuer });
  const token = await op.sign(
    { iss: issuer, sub: "alice", aud: api, client_id: "app", exp: now() + 300, scope: "read" },
    { typ: "at+jwt" },
  );
  let made = 0;
  const config = (/** @type {{ API?: string }} */ { API = api }) => {
    made++;
    return { issuer, audience: API, resource: api, fetch: op.fetch };
  };
  const app = new Hono()
    .use(guard(config))
    .get("/", (c) => c.json({ hello: c.get("claims").sub }))
    .get("/admin", guard(config, { scope: "admin" }), (c) => c.text("never"));
  const authorization = `Bearer ${token}`;
  const ask = (path, headers = {}) => app.request(api + path, { headers }, {});
  same(await (await ask("/", { authorization })).json(), { hello: "alice" }, "claims");
  const refused = await ask("/");
  const named = `Bearer realm="${api}", resource_metadata="${api}/.well-known/oauth-protected-resource"`;
  const either = isFull ? `, DPoP algs="${RelyingParty.dpopAlgorithms.join(" ")}"` : "";
  same([refused.status, refused.headers.get("www-authenticate")], [401, named + either], "no token");
  same((await ask("/admin", { authorization })).status, 403, "scope");
  same((await (await ask("/.well-known/oauth-protected-resource")).json()).resource, api, "metadata");
  await withGlobals({ Response: class extends Response {} }, async () => {
    same((await (await ask("/.well-known/oauth-protected-resource")).json()).resource, api, "another Response");
    same([(await ask("/")).status, (await ask("/", { authorization })).status], [401, 200], "another Response");
  });
  const typo = /** @type {any} */ ({ scopes: "admin" });
  const codes = [];
  const closed = new Hono()
    .get("/", guard(config({}), typo), (c) => c.text("never"))
    .onError((error, c) => c.text(`${codes.push(/** @type {any} */ (error).code)}`, 500));
  same((await closed.request(`${api}/`, { headers: { authorization } })).status, 500, "an unknown option");
  same(codes, ["argument.scopes"], "its code");
  same(made, 3, "each configuration is read once");
});

test("hono: login refuses options that it lacks, before any request", async () => {
  const config = { issuer, clientId: "app", cookieSecret, origins: [home] };
  for (const right of [undefined, {}, { optional: true }]) ok(login(config, right));
  await throws("argument.scope", async () => login(config, /** @type {any} */ ({ scope: "admin" })));
});

/** An application, and a browser that visits it. */
async function visited(options = {}, more = {}) {
  const op = await createProvider({ issuer });
  const config = () => ({ issuer, clientId: "app", cookieSecret, origins: [home], fetch: op.fetch, ...more });
  const app = new Hono()
    .use(login(config, options))
    .get("/", (c) => c.text(`Hello, ${c.get("user")?.sub}`, 200, { "set-cookie": "own=1; HttpOnly; Path=/" }))
    .get("/moved", () => Response.redirect(`${home}/`, 302))
    .get("/session", (c) => c.json(`${c.get("session")?.claims.sub}`))
    .post("/", (c) => c.text("changed"));
  const browser = createBrowser(home, async (request) => app.fetch(request, {}));
  return { op, browser };
}

test("hono: signed-in pages", async () => {
  const { op, browser } = await visited();
  same((await browser.call("/")).status, 401, "signed out");
  same((await browser.signIn(op, "/session")).location, `${home}/session`, "back");
  same((await browser.go("/session")).text, '"alice"', "session");
  const page = await browser.go("/");
  same([page.text, page.headers.get("cache-control")], ["Hello, alice", "private, no-store"], "page");
  ok(browser.names().includes("own"), "the application's own cookie");
  same((await browser.go("/moved")).headers.get("cache-control"), "private, no-store", "immutable headers");
  same((await browser.go("/", { method: "POST" })).text, "changed", "a form of this site");
  same((await browser.go("/", { method: "POST", site: "same-site" })).status, 403, "a sibling's");
  same((await browser.go("/nowhere")).status, 404, "not found");
  const out = await browser.go("/logout", { method: "POST" });
  ok(out.location.startsWith(`${issuer}/logout`), "signed out");
  same((await browser.call("/session")).status, 401, "signed out");
});

test("hono: an answer of the login has the headers of earlier middleware, and its own", async () => {
  const op = await createProvider({ issuer });
  let code = "";
  const app = new Hono()
    .use(async (c, next) => {
      // As hono/cors does.
      c.res.headers.set("access-control-allow-origin", home);
      c.header("vary", "Origin");
      c.header("cache-control", "public");
      for (const name of ["a", "b"]) c.header("set-cookie", `${name}=1; HttpOnly; Path=/`, { append: true });
      await next();
    })
    .use(login({ issuer, clientId: "app", cookieSecret, origins: [home], fetch: op.fetch }))
    .get("/", (c) => {
      if (code) throw Object.assign(new Error(code), { code });
      return c.text("in");
    })
    .onError((_error, c) => c.text("an error", 500, { "x-error": "1" }));
  const browser = createBrowser(home, async (request) => app.fetch(request, {}));
  const ask = async (how) => {
    const { status, headers, lines } = await browser.go("/", how);
    const own = ["access-control-allow-origin", "vary", "cache-control"].map((name) => headers.get(name));
    return [status, own, lines.map((line) => line.split("=")[0].replace(/-l-.*/, "-l")).sort()];
  };
  const own = [home, "Origin", "private, no-store"];
  same(await ask({ mode: "cors" }), [401, own, ["a", "b"]], "signed out");
  same(await ask({ method: "POST", site: "same-site" }), [403, own, ["a", "b"]], "a sibling's form");
  same(await ask({}), [303, own, ["__Host-oidc-l", "a", "b"]], "a navigation");
  await browser.signIn(op);
  same(await ask({ mode: "cors" }), [200, own, ["a", "b"]], "signed in");
  code = "session.expired";
  same(await ask({ mode: "cors" }), [401, own, ["a", "b"]], "an expired token");
  same((await browser.go("/", { mode: "cors" })).headers.has("x-error"), false, "an expired token");
  code = "another";
  same(await ask({ mode: "cors" }), [500, own, ["a", "b"]], "an error of the application");
});

test("hono: the answer to an upgrade stays the host's own, and its refusal has the headers of earlier middleware", async () => {
  const op = await createProvider({ issuer });
  // Only the host makes such a response, and nobody can copy it.
  const upgraded = Object.defineProperty(new Response(null), "status", { value: 101 });
  const config = { issuer, clientId: "app", cookieSecret, origins: [home], fetch: op.fetch };
  const app = new Hono().use(login(config)).get("/", (c) => (c.req.header("upgrade") ? upgraded : c.text("in")));
  const cors = new Hono()
    .use((c, next) => {
      c.header("access-control-allow-origin", home);
      return next();
    })
    .use(login(config));
  let answer;
  const browser = createBrowser(home, async (request) => {
    answer = await app.fetch(request, {});
    return answer === upgraded ? new Response("upgraded") : answer;
  });
  const headers = { upgrade: "websocket", origin: home };
  const refused = await cors.fetch(new Request(home, { headers }), {});
  same([refused.status, refused.headers.get("access-control-allow-origin")], [401, home], "signed out");
  await browser.signIn(op);
  same((await browser.go("/", { mode: "websocket", headers })).text, "upgraded", "signed in");
  ok(answer === upgraded, "the same response");
  same((await browser.go("/")).text, "in", "a page");
});

test("hono: an expired token leads to the login, and another error stays one", async () => {
  let ahead = 0;
  const real = Date.now;
  Date.now = () => real() + ahead;
  try {
    const op = await createProvider({ issuer, now: () => Math.floor(Date.now() / 1000) });
    const config = { issuer, clientId: "app", cookieSecret, origins: [home], fetch: op.fetch };
    const tokens = /** @type {any} */ ({ keep: "tokens", refresh: false, scope: "openid" });
    const app = new Hono()
      .use(login({ ...config, ...tokens }))
      .get("/", async (c) => c.text(`${await c.get("session").accessToken?.()}`))
      .get("/broken", () => {
        throw new Error("broken");
      })
      .onError((_error, c) => c.text("an error", 500));
    const browser = createBrowser(home, async (request) => app.fetch(request, {}));
    await browser.signIn(op);
    same([(await browser.call("/")).status, (await browser.go("/")).status], [200, 200], "alive");
    ahead = 301_000;
    same([(await browser.call("/")).status, (await browser.go("/")).status], [401, 303], "expired");
    const broken = await browser.go("/broken");
    same([broken.status, broken.text], [500, "an error"], "another error");
  } finally {
    Date.now = real;
  }
});

test("hono: anonymous requests pass if allowed", async () => {
  const { op, browser } = await visited({ optional: true });
  same((await browser.go("/session")).text, '"undefined"', "anonymous");
  await browser.signIn(op, "/login?returnTo=/session");
  same((await browser.go("/session")).text, '"alice"', "session");
});

test("hono: a session in use is written again, beside the application's own cookies", async () => {
  const { op, browser } = await visited({}, { idle: 600 });
  await browser.signIn(op);
  const real = Date.now;
  Date.now = () => real() + 61_000;
  try {
    const { lines } = await browser.go("/");
    same(lines.map((line) => line.split("=")[0]).sort(), ["__Host-oidc", "own"], "cookies");
  } finally {
    Date.now = real;
  }
});

test("hono: one Response for several people carries nobody else's cookies, also as the answer to an upgrade", async () => {
  const op = await createProvider({ issuer, users: { alice: {}, bob: {} } });
  const answer = new Response(null, { status: 204 });
  const config = { issuer, clientId: "app", cookieSecret, origins: [home], fetch: op.fetch, idle: 600 };
  const app = new Hono().use(login(config)).get("/", () => answer);
  const real = Date.now;
  for (const headers of [{}, { upgrade: "websocket" }]) {
    const people = ["alice", "bob"].map((user) => ({
      user,
      browser: createBrowser(home, async (request) => app.fetch(request, {})),
    }));
    for (const { user, browser } of people) await browser.signIn(op, "/", { user });
    Date.now = () => real() + 61_000;
    try {
      for (const { user, browser } of people) same((await browser.go("/", { headers })).lines.length, 1, user);
    } finally {
      Date.now = real;
    }
  }
});

test("hono: guard and login use the execution context", async () => {
  const { op } = await visited();
  const waited = [];
  const context = /** @type {any} */ ({ waitUntil: (work) => void waited.push(work), passThroughOnException() {} });
  const claims = { iss: issuer, sub: "alice", aud: api, client_id: "app", exp: now() + 300 };
  const authorization = `Bearer ${await op.sign(claims, { typ: "at+jwt" })}`;
  const keys = { get: () => null, put() {} };
  const guarded = new Hono().use(guard({ issuer, audience: api, keys, fetch: op.fetch })).get("/", (c) => c.text("in"));
  const page = new Hono()
    .use(login({ issuer, clientId: "app", cookieSecret, origins: [home], fetch: op.fetch }))
    .get("/", (c) => c.text("in"));
  same((await guarded.request(`${api}/`, { headers: { authorization } }, {}, context)).status, 200, "guard");
  // Metadata and keys.
  same(waited.splice(0).length, 2, "guard");
  same((await page.request(`${home}/`, {}, {}, context)).status, 401, "login");
  same(waited.length, 1, "login");
});
