// Logins at a server: signing in, cookies, signing out, and attacks.
import { createLogin, open, seal } from "oidc-wasm/edge";
import { isFull } from "../../build.js";
import { counting, signal, withGlobals } from "../fake.js";
import { fail, ok, outcome, same, test, throws, withClock } from "../harness.js";
import { createBrowser } from "./browser.js";
import { createProvider } from "./provider.js";

const home = "https://app.example";
const issuer = "https://op.test";
const secret = "a cookie secret of thirty-two characters";
const seconds = 1_900_000_000;
const api = "https://api.example.com";

const provider = (more = {}) => createProvider({ issuer, ...more });

/** A server with a page for signed-in people, and one browser. @param {any} [config] @param {any} [options] */
export function serverOf(op, config = {}, options = undefined) {
  const whole = { issuer, clientId: "app", cookieSecret: secret, origins: [home], fetch: op.fetch, ...config };
  const login = createLogin(whole);
  const serve = login.protect(
    async (request, session) =>
      Response.json({
        path: new URL(request.url).pathname,
        sub: session?.claims.sub,
        claims: session?.claims,
        token: session?.accessToken && (await session.accessToken()),
      }),
    options,
  );
  return { login, serve, browser: createBrowser(home, serve), again: () => serverOf(op, config, options) };
}

/** The page of a failed login. */
const failure = (code) =>
  '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">' +
  `<meta name="color-scheme" content="light dark"><title>Signing in failed: ${code}</title>` +
  `<p>Signing in failed: ${code}</p><p><a href="/">Back to the start page</a></p></html>`;

/** The person for whom the server takes the browser. */
const whoIs = async (browser, path = "/") => {
  const { status, text } = await browser.call(path);
  return status === 200 ? JSON.parse(text).sub : status;
};

test("login: a page that needs a session leads to the provider, and the person returns to it", async () => {
  const op = await provider();
  const { browser } = serverOf(op);
  const asked = await browser.go("/inbox?unread=1");
  same(asked.status, 303, "sent away");
  const { origin, pathname, searchParams } = new URL(asked.location);
  same([origin + pathname, searchParams.get("redirect_uri")], [`${issuer}/authorize`, `${home}/callback`], "request");
  const name = `__Host-oidc-l-${searchParams.get("state").slice(0, 16)}`;
  same(browser.names(), [name], "the login's cookie");
  ok(/; Max-Age=600; HttpOnly; Path=\/; SameSite=lax; Secure$/.test(asked.lines[0]), asked.lines[0]);
  const { url } = await op.authorize(asked.location);
  const back = await browser.go(url, { site: "cross-site" });
  same([back.status, back.location], [303, `${home}/inbox?unread=1`], "back");
  same(browser.names(), ["__Host-oidc"], "the session's cookie");
  ok(
    back.lines.some((line) =>
      /^__Host-oidc=1\.[\w-]+; Max-Age=28[78]\d\d; HttpOnly; Path=\/; SameSite=lax; Secure$/.test(line),
    ),
    `${back.lines}`,
  );
  ok(browser.cookies.get("__Host-oidc").value.length < 700, "small");
  const page = await browser.go("/inbox");
  same([page.status, JSON.parse(page.text).sub], [200, "alice"], "the page");
  same(page.headers.get("cache-control"), "private, no-store", "no cache keeps it");
});

test("login: without WebCrypto the code is not sent, and with it the same address signs in", async () => {
  const op = await provider();
  const { browser } = serverOf(op);
  const { location } = await browser.go("/inbox");
  const { url } = await op.authorize(location);
  const known = op.requests.length;
  const { status } = await withGlobals({ crypto: undefined }, () => browser.go(url, { site: "cross-site" }));
  same([status, op.requests.length], [400, known], "without");
  same((await browser.go(url, { site: "cross-site" })).location, `${home}/inbox`, "with");
});

test("login: no cache keeps a response, with any headers of the handler", async () => {
  const op = await provider();
  const given = {
    "cache-control": "public, max-age=60",
    "cdn-cache-control": "max-age=60",
    "vercel-cdn-cache-control": "max-age=60",
    "surrogate-control": "max-age=60",
    "x-cdn": "1",
  };
  const { login } = serverOf(op);
  for (const headers of [given, { "x-cdn": "1" }]) {
    const serve = login.protect(() => new Response(null, { headers }), { optional: true });
    const browser = createBrowser(home, serve);
    for (const person of ["nobody", "alice"]) {
      if (person === "alice") await browser.signIn(op, "/login");
      const reply = await browser.go("/");
      same(Object.fromEntries(reply.headers), { "cache-control": "private, no-store", "x-cdn": "1" }, person);
    }
  }
});

test("login: requests without a session", async () => {
  const op = await provider();
  const { browser } = serverOf(op);
  /** @type {any[][]} */
  const rows = [
    ["a navigation", {}, 303],
    ["a script", { mode: "cors" }, 401],
    ["an image", { mode: "no-cors", dest: "image" }, 401],
    ["a frame", { dest: "iframe" }, 401],
    ["a prefetch", { headers: { "sec-purpose": "prefetch" } }, 401],
    ["a form", { method: "POST" }, 401],
    ["another site's form", { method: "POST", site: "cross-site" }, 403],
  ];
  for (const [name, how, status] of rows) {
    const reply = await browser.go("/", how);
    same(reply.status, status, name);
    if (status === 401) same(JSON.parse(reply.text), { error: "login_required" }, name);
  }
  const old = new Request(home, { headers: { accept: "text/html,*/*" } });
  const { serve } = serverOf(op);
  same((await serve(old)).status, 303, "an old browser's navigation");
  same((await serve(new Request(home, { headers: { accept: "*/*" } }))).status, 401, "an old browser's script");
  const { browser: anonymous } = serverOf(op, {}, { optional: true });
  same(JSON.parse((await anonymous.go("/")).text), { path: "/" }, "optional");
});

test("login: a server that replaces the global Response opens no page, and shows each answer", async () => {
  const op = await provider();
  // As @hono/node-server 1: `Response.json()` is no instance of it.
  await withGlobals({ Response: class extends Response {} }, async () => {
    const { browser, login } = serverOf(op);
    same(await whoIs(browser), 401, "no session");
    same((await browser.go("/", { method: "POST", site: "cross-site" })).status, 403, "another site");
    await browser.signIn(op);
    same(await whoIs(browser), "alice", "signed in");
    const onSignIn = () => Response.json("not you", { status: 451 });
    const refusing = serverOf(op, { onSignIn });
    same((await refusing.browser.signIn(op)).status, 451, "refused");
    same(await whoIs(refusing.browser), 401, "refused");
    const own = createBrowser(home, (request) =>
      new URL(request.url).pathname === "/callback" ? login.callback(request, undefined, { onSignIn }) : serve(request),
    );
    const { serve } = serverOf(op);
    same((await own.signIn(op)).status, 451, "a page of your own");
  });
});

test("login: one Response for several people carries nobody else's cookies", async () => {
  const op = await provider({ users: { alice: {}, bob: {} } });
  const answer = new Response(null, { status: 204, headers: { "x-own": "1" } });
  const welcome = new Response(null, { status: 303, headers: { location: "/welcome" } });
  const { login } = serverOf(op, { idle: 600 });
  const serve = login.protect(() => answer);
  const onSignIn = () => welcome;
  const whole = async (request) =>
    new URL(request.url).pathname === "/callback" ? login.callback(request, undefined, { onSignIn }) : serve(request);
  await withClock(seconds, async (clock) => {
    const people = ["alice", "bob"].map((user) => ({ user, browser: createBrowser(home, whole) }));
    const own = ({ lines }) => lines.filter((line) => line.startsWith("__Host-oidc=")).length;
    for (const { user, browser } of people) {
      const back = await browser.signIn(op, "/", { user });
      same([back.status, back.location, own(back)], [303, "/welcome", 1], `${user} signs in`);
    }
    // A session in use is written again.
    clock.advance(61);
    for (const { user, browser } of people) {
      const page = await browser.go("/");
      same([page.status, page.headers.get("x-own"), own(page)], [204, "1", 1], user);
      same((await browser.go("/")).lines, [], `${user} again`);
    }
  });
});

test("login: two tabs do not disturb each other, and a response works once", async () => {
  const op = await provider();
  const { browser } = serverOf(op);
  const asked = [await browser.go("/one"), await browser.go("/two")];
  const backs = [];
  for (const { location } of asked) backs.push((await op.authorize(location)).url);
  same((await browser.go(backs[1], { site: "cross-site" })).location, `${home}/two`, "the second");
  same((await browser.go(backs[0], { site: "cross-site" })).location, `${home}/one`, "the first");
  same((await browser.go(backs[0], { site: "cross-site" })).status, 400, "the first again");
  same(await whoIs(browser), "alice", "still signed in");
});

test("login: at most five logins at a time, the oldest is dropped; images drop none", async () => {
  const op = await provider();
  const { browser } = serverOf(op);
  const first = await browser.go("/login?returnTo=/first");
  for (let times = 0; times < 5; times++) {
    same((await browser.go("/login", { mode: "no-cors", dest: "image" })).status, 403, "an image");
    same((await browser.go("/login", { site: "cross-site", dest: "iframe" })).status, 403, "a frame");
  }
  same(browser.names().length, 1, "no login was dropped");
  for (let times = 0; times < 4; times++) await browser.go("/login");
  const { url } = await op.authorize(first.location);
  same((await browser.copy().go(url, { site: "cross-site" })).location, `${home}/first`, "the fifth last");
  await browser.go("/login");
  same(browser.names().length, 5, "five");
  same((await browser.go(url, { site: "cross-site" })).status, 400, "the oldest was dropped");
});

/** @type {Record<string, any[]>} */
const answers = {
  "an unrequested response": [(url) => url.replace(/state=[^&]+/, "state=another"), 400, "transaction.missing"],
  "a response without state": [(url) => url.replace(/state=[^&]+/, "x=y"), 400, "transaction.missing"],
  "another issuer's answer": [(url) => url.replace(/iss=[^&]+/, "iss=https%3A%2F%2Fevil.example"), 400, "redirect.iss"],
  "a truncated response": [(url) => url.replace(/code=[^&]+&?/, ""), 400, "redirect.missing_parameter"],
};
for (const [name, [change, status, code]] of Object.entries(answers))
  test(`login: ${name} is rejected, and the login continues`, async () => {
    const op = await provider();
    const { browser } = serverOf(op);
    const { url } = await op.authorize((await browser.go("/")).location);
    const forged = await browser.go(change(url), { site: "cross-site" });
    same([forged.status, forged.text], [status, failure(code)], name);
    same((await browser.go(url, { site: "cross-site" })).status, 303, "the real one");
  });

/** @type {Record<string, any[]>} */
const faults = {
  "redirect.oauth_error": [403, "redirect.oauth_error"],
  "token.oauth_error": [400, "token.oauth_error"],
  "token.status": [502, "token.status"],
  "id_token.nonce": [400, "id_token.nonce"],
  "token.down": [502, "http.failed"],
};
for (const [fault, [status, code]] of Object.entries(faults))
  test(`login: ${fault} at the callback`, async () => {
    const op = await provider();
    const refused = [];
    const { browser } = serverOf(op, { onRefused: ({ code }) => refused.push(code) });
    const asked = await browser.go("/");
    op.break(fault);
    const { url } = await op.authorize(asked.location);
    same(refused, [], "before");
    const reply = await browser.go(url, { site: "cross-site" });
    same([reply.status, reply.text], [status, failure(code)], fault);
    same(refused, [code], "the log");
    // The same response may work later, if the network failed.
    same(browser.names().length, code === "http.failed" ? 1 : 0, "the login's cookie");
    same(await whoIs(browser), 401, "signed out");
  });

test("login: the provider is down", async () => {
  const op = await provider();
  const refused = [];
  const onRefused = ({ code, endpoint }, request) => refused.push([code, endpoint, new URL(request.url).pathname]);
  const { browser, login } = serverOf(op, { onRefused });
  op.break("discovery.down");
  const away = await browser.go("/");
  same([away.status, away.text], [502, failure("http.failed")], "asked to sign in");
  same(away.headers.get("content-type"), "text/html;charset=utf-8", "a page");
  same(away.headers.get("content-security-policy"), "default-src 'none'", "without scripts");
  same(away.headers.get("cache-control"), "private, no-store", "for one person");
  same(refused, [["http.failed", `${op.issuer}/.well-known/openid-configuration`, "/"]], "the log");
  op.mend();
  same((await browser.signIn(op)).status, 303, "and back");
  op.break("discovery.down");
  op.break("jwks.down");
  same(await whoIs(browser), "alice", "a session needs no provider");
  const onProblem = ({ code }) => new Response(code, { status: 418 });
  const lost = await login.callback(new Request(`${home}/callback?state=x&code=y`), undefined, { onProblem });
  const later = { onProblem: async (problem) => onProblem(problem) };
  const slow = await login.callback(new Request(`${home}/callback?state=x&code=y`), undefined, later);
  same([slow.status, await slow.text()], [418, "transaction.missing"], "a page that takes time");
  same([lost.status, await lost.text()], [418, "transaction.missing"], "a custom error page");
});

test("login: the status of a failed login tells whose fault it is", async () => {
  const op = await provider();
  const [error, headers] = ["temporarily_unavailable", { "content-type": "application/json" }];
  for (const [sent, status] of [
    [503, 502],
    [500, 502],
    [400, 400],
  ]) {
    const { browser } = serverOf(op);
    const asked = await browser.go("/");
    const { url } = await op.authorize(asked.location);
    op.change({
      answer(endpoint, reply) {
        if (endpoint === "token") Object.assign(reply, { status: sent, headers, body: JSON.stringify({ error }) });
      },
    });
    const page = await browser.go(url, { site: "cross-site" });
    same([page.status, page.text], [status, failure("token.oauth_error")], `${sent}`);
    op.mend();
  }
});

// ── cookies ──

test("cookies: a broken cookie means no session, with one error for all", async () => {
  const op = await provider();
  const { browser } = serverOf(op);
  const other = serverOf(op, { clientId: "other" }).browser;
  const asked = await browser.go("/");
  const under = { ...browser.cookies.get(browser.names()[0]) };
  const [loginName] = browser.names();
  const { url } = await op.authorize(asked.location);
  await browser.go(url, { site: "cross-site" });
  await other.signIn(op);
  const { value } = browser.cookies.get("__Host-oidc");
  const flip = (text, at) => text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);
  const foreign = await seal({ claims: { sub: "mallory" }, until: 9e9 }, "__Host-oidc", `${secret} of another`, 60);
  const renamed = await seal({ claims: { sub: "mallory" }, until: 9e9 }, "another", secret, 60);
  const broken = {
    empty: "",
    "no sealed value": "hello",
    "cut short": value.slice(0, -10),
    "its first half": value.slice(0, value.length / 2),
    "too long": `${value}AAAA`,
    "no count": value.slice(2),
    "another count": value.replace(/^1/, "2"),
    "a count of none": value.replace(/^1/, "0"),
    "a huge count": value.replace(/^1/, "99999999999"),
    "an altered initialisation vector": flip(value, 4),
    "an altered end": flip(value, value.length - 3),
    "the login's": `1.${under.value}`,
    "under another secret": `1.${foreign}`,
    "under another name": `1.${renamed}`,
    "no base64url": `1.${"%".repeat(40)}`,
    "thousands of characters": `1.${"A".repeat(3000)}`,
  };
  for (const [name, text] of Object.entries(broken)) {
    browser.cookies.set("__Host-oidc", { ...under, value: text });
    same(await whoIs(browser), 401, name);
    same((await browser.copy().go("/")).status, 303, `${name}: signs in again`);
  }
  browser.cookies.set("__Host-oidc", { ...under, value });
  same(await whoIs(browser), "alice", "the good one");
  for (const text of ["", "hello", flip(under.value, 4), value, value.slice(2)]) {
    browser.cookies.set(loginName, { ...under, value: text });
    const reply = await browser.go(url, { site: "cross-site" });
    same([reply.status, reply.text], [400, failure("transaction.missing")], `a login's: ${text.slice(0, 9)}`);
  }
});

test("cookies: a login accepts no session of another issuer or client, even with the same secret", async () => {
  const op = await provider();
  const { store } = createShared();
  for (const kept of [{}, { store }]) {
    const { browser } = serverOf(op, kept);
    await browser.signIn(op);
    const at = (config) => {
      const other = createBrowser(home, serverOf(op, { ...kept, ...config }).serve);
      for (const [name, cookie] of browser.cookies) other.cookies.set(name, cookie);
      return whoIs(other);
    };
    same(await at({}), "alice", "the same login");
    same(await at({ scope: "openid email" }), "alice", "another scope");
    same(await at({ clientId: "other" }), 401, "another client");
    same(await at({ issuer: "https://other.example.com" }), 401, "another issuer");
    same(await at({ issuer: undefined, provider: op.metadata }), "alice", "the same issuer by its metadata");
    const others = { ...op.metadata, issuer: "https://other.example.com" };
    same(await at({ issuer: undefined, provider: others }), 401, "another issuer by its metadata");
  }
});

test("cookies: a subdomain's cookie without the prefix is ignored", async () => {
  const op = await provider();
  const { browser } = serverOf(op);
  await browser.signIn(op);
  const good = browser.cookies.get("__Host-oidc");
  browser.cookies.delete("__Host-oidc");
  browser.cookies.set("oidc", good);
  browser.cookies.set("__Secure-oidc", good);
  same(await whoIs(browser), 401, "the prefix is part of the name");
});

test("cookies: secrets can change while people are signed in", async () => {
  const op = await provider();
  const [old, fresh] = [secret, `${secret}, the new one`];
  const one = serverOf(op, { cookieSecret: old });
  await one.browser.signIn(op);
  const at = (cookieSecret) => {
    const browser = createBrowser(home, serverOf(op, { cookieSecret }).serve);
    for (const [name, cookie] of one.browser.cookies) browser.cookies.set(name, cookie);
    return browser;
  };
  same(await whoIs(at([fresh, old])), "alice", "both open");
  same(await whoIs(at([fresh])), 401, "the old secret was dropped");
  const renewed = at([fresh, old]);
  await renewed.signIn(op, "/login");
  one.browser.cookies.set("__Host-oidc", renewed.cookies.get("__Host-oidc"));
  same(await whoIs(at([fresh])), "alice", "the first one seals");
  for (const cookieSecret of ["short", "", [], [old, "short"], undefined])
    await throws("argument.cookieSecret", () => serverOf(op, { cookieSecret }));
});

test("cookies: names and attributes as configured", async () => {
  const op = await provider();
  const local = "http://localhost:8787";
  /** @type {any[][]} */
  const rows = [
    [{ cookie: { name: "s" } }, home, /^s=1\..*; Path=\/; SameSite=lax; Secure$/],
    [
      { cookie: { domain: "app.example" } },
      home,
      /^__Secure-oidc=.*; Path=\/; Domain=app\.example; SameSite=lax; Secure$/,
    ],
    [
      { cookie: { path: "/callback" }, paths: { logout: "/callback/out" } },
      home,
      /^__Secure-oidc=.*; Path=\/callback; SameSite=lax; Secure$/,
    ],
    [
      { cookie: { path: "/app" }, paths: { callback: "/app/cb", logout: "/app" } },
      home,
      /^__Secure-oidc=.*; Path=\/app; SameSite=lax; Secure$/,
    ],
    [{ cookie: { sameSite: "strict" } }, home, /^__Host-oidc=.*; SameSite=strict; Secure$/],
    [{ origins: [local] }, local, /^oidc=.*; Path=\/; SameSite=lax$/],
    [{ origins: [local], cookie: { name: "_s" } }, local, /^_s=.*; Path=\/; SameSite=lax$/],
    [{ origins: [local], cookie: { name: "__Host-s" } }, local, /^__Host-s=.*; Path=\/; SameSite=lax; Secure$/],
    [{ origins: [local], cookie: { name: "__secure-s" } }, local, /^__secure-s=.*; Path=\/; SameSite=lax; Secure$/],
  ];
  for (const [config, at, expected] of rows) {
    const { serve } = serverOf(op, config);
    const browser = createBrowser(at, serve);
    const { lines } = await browser.signIn(op);
    ok(
      lines.some((line) => expected.test(line)),
      `${expected}: ${lines.map((line) => line.replace(/=1\.[^;]*/, "=…"))}`,
    );
  }
});

test("cookies: a strict session survives the return from the provider", async () => {
  const op = await provider();
  const { browser } = serverOf(op, { cookie: { sameSite: "strict" } });
  const back = await browser.signIn(op, '/inbox?a=1&b="2"');
  same([back.status, back.location], [200, null], "a page");
  const [, address] = /http-equiv="refresh" content="0;url=([^"]+)"/.exec(back.text) ?? [];
  same(address, `${home}/inbox?a=1&amp;b=%222%22`, "continues from this page");
  same(JSON.parse((await browser.go("/inbox")).text).sub, "alice", "a navigation of this site");
  same((await browser.go("/inbox", { site: "cross-site" })).status, 303, "a link from another site has no session");
});

test("cookies: large sessions come in chunks, and too large ones fail at sign-in", async () => {
  const op = await provider({ users: { alice: { name: "Alice" } } });
  const long = (count) => "n".repeat(count);
  const claimed = (count) => ({ onSignIn: ({ claims }) => ({ ...claims, note: long(count) }) });
  for (const [count, chunks] of [
    [100, 1],
    [3_000, 2],
    [6_000, 3],
    [9_000, 4],
  ]) {
    const { browser } = serverOf(op, claimed(count));
    await browser.signIn(op);
    same(browser.names().length, chunks, `${count} characters`);
    same(JSON.parse((await browser.call("/")).text).claims.note.length, count, "whole");
  }
  let told;
  const { browser, login } = serverOf(op, claimed(11_500));
  const asked = await browser.go("/");
  const { url } = await op.authorize(asked.location);
  const onProblem = (problem) => {
    told = problem;
    return new Response(null, { status: 500 });
  };
  const cookie = browser
    .names()
    .map((name) => `${name}=${browser.cookies.get(name).value}`)
    .join("; ");
  same(
    (await login.callback(new Request(url, { headers: { cookie } }), undefined, { onProblem })).status,
    500,
    "status",
  );
  same(told.code, "session.too_large", "code");
  ok(/claims: 11\d{3}/.test(told.error_description), told.error_description);

  // A smaller session leaves no old chunk behind. Chunks of two sessions do not form a session.
  const before = serverOf(op, claimed(6_000));
  await before.browser.signIn(op);
  const chunk = { ...before.browser.cookies.get("__Host-oidc.1") };
  const after = createBrowser(home, serverOf(op).serve);
  for (const [name, one] of before.browser.cookies) after.cookies.set(name, one);
  await after.signIn(op, "/login");
  same(after.names(), ["__Host-oidc"], "left over");
  await before.browser.signIn(op, "/login");
  before.browser.cookies.set("__Host-oidc.1", chunk);
  same(await whoIs(before.browser), 401, "chunks of two sessions");
  before.browser.cookies.delete("__Host-oidc.1");
  same(await whoIs(before.browser), 401, "a chunk is missing");
});

test("cookies: a session ends at maxAge, and at idle", async () => {
  const op = await provider({ now: () => Math.floor(Date.now() / 1000) });
  await withClock(seconds, async (clock) => {
    const { browser } = serverOf(op, { maxAge: 1000 });
    await browser.signIn(op);
    clock.advance(999);
    same(await whoIs(browser), "alice", "a second before maxAge");
    clock.advance(1);
    same(await whoIs(browser), 401, "maxAge");
    const { browser: idler } = serverOf(op, { maxAge: 1000, idle: 200 });
    await idler.signIn(op);
    clock.advance(59);
    same((await idler.call("/")).lines, [], "not written again within a minute");
    clock.advance(1);
    same((await idler.call("/")).lines.length, 1, "written again");
    clock.advance(199);
    same(await whoIs(idler), "alice", "a second before idle");
    clock.advance(200);
    same(await whoIs(idler), 401, "idle");
    await idler.signIn(op);
    for (let times = 0; times < 9; times++) {
      clock.advance(110);
      same(await whoIs(idler), "alice", "active");
    }
    clock.advance(10);
    same(await whoIs(idler), 401, "maxAge, however active");
    for (const idle of [20, 60, 90]) {
      const { browser: short } = serverOf(op, { idle });
      await short.signIn(op);
      for (let times = 0; times < 5; times++) {
        clock.advance(idle / 2);
        same(await whoIs(short), "alice", `active, idle: ${idle}`);
      }
      clock.advance(idle);
      same(await whoIs(short), 401, `idle: ${idle}`);
    }
  });
});

test("cookies: seal and open, for other uses", async () => {
  await withClock(seconds, async (clock) => {
    const sealed = await seal({ a: ["ä"] }, "one", secret, 60);
    same(await open(sealed, "one", secret), { a: ["ä"] }, "opened");
    same(await open(sealed, "one", [`${secret} of another`, secret]), { a: ["ä"] }, "by the second secret");
    same(await open(sealed, "two", secret), undefined, "another name");
    same(await open(sealed, "one", `${secret} of another`), undefined, "another secret");
    same(await open(undefined, "one", secret), undefined, "nothing");
    const twice = await Promise.all([seal(1, "one", secret, 60), seal(1, "one", secret, 60)]);
    ok(twice[0] !== twice[1], "a new value each time");
    clock.advance(60);
    same(await open(sealed, "one", secret), undefined, "over");
  });
});

test("cookies: seal and open need a secret and a time", async () => {
  const shortest = "x".repeat(32);
  same(await open(await seal(1, "one", shortest, 60), "one", shortest), 1, "32 characters");
  const sealed = await seal(1, "one", secret, 60);
  for (const wrong of ["", "x".repeat(31), [], [secret, ""], undefined, null, 5]) {
    const given = /** @type {any} */ (wrong);
    await throws("argument.secret", () => seal(1, "one", given, 60));
    await throws("argument.secret", () => open(sealed, "one", given));
    await throws("argument.secret", () => open(undefined, "one", given));
  }
  for (const wrong of [undefined, Number.NaN, Number.POSITIVE_INFINITY, "60"])
    await throws("argument.seconds", () => seal(1, "one", secret, /** @type {any} */ (wrong)));
});

test("cookies: each of few secrets is derived once, and many do not fill the memory", async () => {
  await counting("deriveKey", async (count) => {
    const use = async (name) => {
      const before = count();
      await seal(1, "one", `${secret} of ${name}`, 60);
      return count() - before;
    };
    // Other cases have used secrets, so one of two rounds may begin anew.
    const rounds = [];
    for (const round of [1, 2])
      rounds.push((await use(`a${round}`)) + (await use(`b${round}`)) + (await use(`a${round}`)));
    same(Math.min(...rounds), 2, "two secrets");
    same([await use("first"), await use("first")], [1, 0], "one");
    for (let at = 0; at < 32; at++) await use(at);
    same(await use("first"), 1, "after 32 others");
  });
});

/** Options that a sign-in checks, and members of `cookie`. @type {Record<string, [right: any[], wrong: any[]]>} */
const options = {
  keep: [
    ["claims", "id_token", "tokens", undefined],
    ["token", true, "", null],
  ],
  refresh: [
    ["navigation", "always", false, undefined],
    ["Always", true, "", null],
  ],
  userInfo: [
    [true, false, undefined],
    ["yes", 1, null],
  ],
  claims: [
    [[], ["email"], undefined],
    ["email", [5], {}, null],
  ],
  onSignIn: [
    [() => {}, undefined],
    ["x", {}, true, null],
  ],
  onRefused: [
    [() => {}, undefined],
    ["x", {}, true, null],
  ],
  lock: [
    [(_name, run) => run(), undefined],
    ["x", {}, null],
  ],
  fetch: [[], ["x", {}, null]],
  grace: [
    [0, 60, undefined],
    ["60", -1, Number.NaN, true, null],
  ],
  postLogoutRedirectUri: [
    [`${home}/bye`, "app.example:/bye", undefined],
    ["", "/bye", "app.example", 5, null],
  ],
  store: [
    [{ get() {}, put() {}, delete() {} }, undefined],
    [{}, new Map(), "kv", null],
  ],
  paths: [
    [{}, { callback: "/cb" }, { callback: "/cb?a=b" }, { login: "/%C3%A9%20" }, { login: undefined }, undefined],
    [
      ...[
        { callback: "cb" },
        { callback: ":x" },
        { login: "enter" },
        { logout: "" },
        { callback: `${home}/cb` },
        { logOut: "/bye" },
      ],
      ...[{ login: "/é" }, { login: "/ " }, { logout: "/bye?a=b" }, { logout: "/bye#a" }, { logout: "/./bye" }],
      ...[{ callback: "/cb#a" }, { callback: "/a b" }, "/", null],
    ],
  ],
  cookie: [
    [{}, { name: undefined }, undefined],
    ["s", true, null],
  ],
};
/** @type {Record<string, [right: any[], wrong: any[]]>} */
const ofCookie = {
  sameSite: [
    ["lax", "strict", undefined],
    ["Strict", "none", "", true, null],
  ],
  name: [
    ["s", "__Host-a.b"],
    ["", "a b", "a=b", "a;b", "é", 5, null],
  ],
  domain: [
    ["app.example", ""],
    ["app.example; Secure", "é.example", 5, null],
  ],
  path: [
    ["/", undefined],
    ["/app", "/call", "/callback", "/callback/x", "/logout", "app", "/; Secure", "/é", "", 5, null],
  ],
  samesite: [[], ["strict"]],
};

test("login: a handler without a Response is refused by name", async () => {
  const op = await provider();
  for (const [given, code] of /** @type {any[]} */ ([
    [new Response("a page")],
    [undefined, "argument.response"],
    [null, "argument.response"],
    ["a page", "argument.response"],
  ])) {
    const login = createLogin({ issuer, clientId: "app", cookieSecret: secret, origins: [home], fetch: op.fetch });
    const browser = createBrowser(
      home,
      login.protect(() => given),
    );
    await browser.signIn(op);
    if (code) await throws(code, () => browser.go("/"), `${given}`);
    else same((await browser.go("/")).text, "a page", "the neighbour");
  }
});

test("sign in: a wrong option is refused by its name", async () => {
  const op = await provider();
  const check = async (name, [right, wrong], configOf) => {
    const ask = (value) => serverOf(op, configOf({ [name]: value })).browser.go("/login");
    for (const value of right) same((await ask(value)).status, 303, `${name}: ${JSON.stringify(value)}`);
    for (const value of wrong) await throws(`argument.${name}`, () => ask(value), `${name}: ${JSON.stringify(value)}`);
  };
  // `refresh: "always"` needs a lock and a store, or the provider's grace period.
  for (const [name, values] of Object.entries(options))
    await check(name, values, (option) => ({ grace: 30, ...option }));
  for (const [name, values] of Object.entries(ofCookie)) await check(name, values, (cookie) => ({ cookie }));
  const paths = { callback: "/app/cb", logout: "/app/out" };
  for (const more of [{ domain: "app.example" }, { path: "/app" }])
    await check(
      "name",
      [
        ["__Secure-s", "s"],
        ["__Host-s", "__host-s"],
      ],
      (cookie) => ({ cookie: { ...cookie, ...more }, paths }),
    );
  // Signing out needs the session's cookie.
  for (const [path, logout, code] of [
    ["/app", "/app/out"],
    ["/app/", "/app/out"],
    ["/app", "/app"],
    ["/app", "/application", "argument.path"],
    ["/app", undefined, "argument.path"],
  ]) {
    const ask = () => serverOf(op, { cookie: { path }, paths: { ...paths, logout } }).browser.go("/login");
    if (code) await throws(code, ask, `${path} and ${logout}`);
    else same((await ask()).status, 303, `${path} and ${logout}`);
  }
  await throws(
    "argument.claims",
    () => serverOf(op, { claims: "email" }).browser.go("/callback?state=x"),
    "a callback",
  );
  const local = "http://localhost:3000";
  for (const [callback, code] of [["/cb"], ["cb", "argument.paths"]]) {
    const { serve } = serverOf(op, { origins: [local], paths: { callback } });
    const headers = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
    const ask = async () => serve(new Request(`${local}/login`, { headers }));
    if (code) await throws(code, ask, "beside a port");
    else same((await ask()).status, 303, "beside a port");
  }
});

test("login: a wrong option is refused at the start", async () => {
  const op = await provider();
  const good = { issuer, clientId: "app", cookieSecret: secret, origins: [home] };
  /** @type {Record<string, [right: any[], wrong: any[]]>} */
  const values = {
    maxAge: [
      [3600, 0.5, undefined],
      ["3600", 0, -1, Number.NaN, Number.POSITIVE_INFINITY, null, true],
    ],
    idle: [
      [600, undefined],
      ["600", 0, -1, Number.NaN, null],
    ],
    trustProxy: [
      [0, 1, undefined],
      ["loopback", -1, true, 1.5, Number.NaN, Number.POSITIVE_INFINITY],
    ],
    origins: [
      [[home], [home, "http://localhost:3000"], undefined],
      [["app.example"], ["localhost:3000"], [`${home}/`], [`${home}:443`], [home, undefined], [], home, {}],
    ],
    redirectUri: [
      [`${home}/callback`, undefined],
      ["app.example/callback", "/callback", "app.example:/callback", "urn:callback", "https://"],
    ],
    issuer: [[issuer], ["", undefined]],
    cookieSecret: [[secret], ["", undefined]],
  };
  for (const [name, [right, wrong]] of Object.entries(values)) {
    for (const value of right) ok(createLogin({ ...good, [name]: value }), `${name}: ${value}`);
    for (const value of wrong)
      await throws(`argument.${name}`, async () => createLogin({ ...good, [name]: value }), `${name}: ${value}`);
  }
  const { message } = await throws("argument.origins", async () => createLogin({ ...good, origins: ["app.example"] }));
  ok(message.includes("https://app.example"), message);
  for (const nothing of [undefined, null])
    await throws("argument.cookieSecret", async () => createLogin(/** @type {any} */ (nothing)));
  const unset = serverOf(op, { paths: { login: undefined, logout: undefined, callback: undefined } });
  await unset.browser.signIn(op, "/login");
  same((await unset.browser.go("/logout", { method: "POST" })).status, 303, "the usual paths");
  const { browser } = serverOf(op, { maxAge: 3600, idle: 600 });
  await browser.signIn(op);
  same(await whoIs(browser), "alice", "signed in");
});

if (!isFull)
  test("login: an option that needs oidc-wasm/full throws, and is no page", async () => {
    const op = await provider();
    same((await serverOf(op).browser.go("/")).status, 303, "without it");
    const { browser } = serverOf(op, { idTokenEncryptedResponseAlg: "RSA-OAEP-256" });
    await throws("build.full", () => browser.go("/"));
  });

/** A provider whose requests must be pushed (RFC 9126), with the answer of that endpoint. */
async function pushing(answer) {
  const op = await provider();
  const endpoint = `${issuer}/par`;
  const pushed = [];
  const fetch = async (url, init) => {
    if (`${url}` === endpoint) {
      pushed.push(new URLSearchParams(`${init.body}`));
      return answer(pushed.length);
    }
    const reply = await op.fetch(url, init);
    if (!`${url}`.endsWith("/openid-configuration")) return reply;
    const required = { pushed_authorization_request_endpoint: endpoint, require_pushed_authorization_requests: true };
    return Response.json({ ...(await reply.json()), ...required });
  };
  return { ...op, fetch, pushed };
}

test("login: a provider that requires pushed requests gets one from oidc-wasm/full", async () => {
  const request_uri = "urn:example:request";
  const op = await pushing(() => Response.json({ request_uri, expires_in: 60 }, { status: 201 }));
  const { browser } = serverOf(op);
  if (!isFull) {
    await throws("request.pushed", () => browser.go("/inbox"));
    return;
  }
  const { location } = await browser.go("/inbox");
  same([...new URL(location).searchParams], Object.entries({ client_id: "app", request_uri }), "the address");
  const { url } = await op.authorize(`${issuer}/authorize?${op.pushed[0]}`);
  same((await browser.go(url, { site: "cross-site" })).location, `${home}/inbox`, "back");
  same(await whoIs(browser), "alice", "the session");
});

if (isFull)
  test("login: a provider that refuses a pushed request", async () => {
    for (const [answer, code, status] of /** @type {[Response, string, number][]} */ ([
      [Response.json({ error: "invalid_request" }, { status: 400 }), "par.oauth_error", 400],
      [new Response("away", { status: 503 }), "par.status", 502],
    ])) {
      const { browser } = serverOf(await pushing(() => answer));
      const reply = await browser.go("/inbox");
      same([reply.status, reply.text], [status, failure(code)], code);
      same(browser.names(), [], `${code}: no login has started`);
    }
  });

if (isFull)
  test("login: a profile that the configuration does not keep is a mistake of the application", async () => {
    const op = await provider();
    const auth = { method: "client_secret_basic", secret };
    for (const [profile, code] of [
      ["fapi2", "profile.client_auth"],
      // A signed response hides the state that names the cookie.
      ["fapi2-message-signing", "argument.responseMode"],
    ])
      await throws(code, () => serverOf(op, { profile, auth }).browser.go("/"), profile);
  });

test("login: protect refuses options that it lacks", async () => {
  const op = await provider();
  const { login } = serverOf(op);
  const handler = () => new Response("in");
  for (const right of [undefined, {}, { optional: true }, { optional: false }]) ok(login.protect(handler, right));
  for (const name of ["scope", "Optional", "role"]) {
    const wrong = /** @type {any} */ ({ [name]: "admin" });
    const { message } = await throws(`argument.${name}`, async () => login.protect(handler, wrong));
    ok(message.includes("`optional`"), message);
  }
});

// ── cross-site requests ──

/** @type {Record<string, any[]>} */
const origins = {
  "from here": [{ site: "same-origin" }, 200],
  "by the person": [{ site: "none" }, 200],
  "from a sibling": [{ site: "same-site" }, 403],
  "from elsewhere": [{ site: "cross-site" }, 403],
  "from a site of an unknown kind": [{ site: "almost-same-origin" }, 403],
  "from two sites": [{ site: "same-origin, cross-site" }, 403],
  "from here, by Origin alone": [{ headers: { "sec-fetch-site": "" } }, 200],
  "from a sibling, by Origin alone": [{ headers: { "sec-fetch-site": "" }, origin: "https://other.app.example" }, 403],
  "from an unknown origin": [{ headers: { "sec-fetch-site": "", origin: "null" } }, 403],
};
for (const [name, [how, status]] of Object.entries(origins))
  test(`login: a request that changes something, ${name}`, async () => {
    const op = await provider();
    const { browser } = serverOf(op);
    await browser.signIn(op);
    for (const cookie of browser.cookies.values()) cookie.samesite = "none";
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "PROPFIND"])
      same((await browser.call("/", { method, ...how })).status, status, method);
    for (const method of ["GET", "HEAD", "OPTIONS"])
      same((await browser.call("/", { method, ...how })).status, 200, `${method}, which changes nothing`);
    same((await browser.go("/logout", { method: "POST", ...how })).status, status === 200 ? 303 : 403, "signing out");
  });

/** @type {Record<string, any[]>} */
const sockets = {
  "from here": [{ site: "same-origin" }, 200],
  "from here, by Origin alone": [{ origin: home }, 200],
  "from a sibling": [{ site: "same-site" }, 403],
  "from a sibling, by Origin alone": [{ origin: "https://other.app.example" }, 403],
  "of no page": [{}, 403],
};
for (const [name, [{ site = "", origin }, status]] of Object.entries(sockets))
  test(`login: a WebSocket ${name}`, async () => {
    const op = await provider();
    const { browser } = serverOf(op);
    await browser.signIn(op);
    const headers = { "sec-fetch-site": site, ...(origin && { origin }) };
    for (const upgrade of ["websocket", "WebSocket"])
      same((await browser.go("/", { mode: "websocket", headers: { ...headers, upgrade } })).status, status, upgrade);
    same((await browser.go("/", { headers })).status, 200, "the page");
    same((await browser.go("/", { headers: { ...headers, upgrade: "h2c" } })).status, 200, "another protocol");
  });

const returns = {
  "/inbox?a=1#b": "/inbox?a=1#b",
  inbox: "/inbox",
  "https://app.example/inbox": "/inbox",
  "https://evil.example/": "/",
  "//evil.example/": "/",
  "/\\evil.example/": "/",
  "\\\\evil.example": "/",
  "/.//evil.example": "//evil.example",
  "javascript:alert(1)": "/",
  "http://app.example/inbox": "/",
  "https://app.example@evil.example/": "/",
  "/callback?code=x": "/",
  "/login": "/",
  "/logout": "/",
  "\thttps://evil.example": "/",
  "blob:https://app.example/x": "/",
  "https:/x": "/x",
  "": "/",
  [`/${"x".repeat(1023)}`]: `/${"x".repeat(1023)}`,
  [`/${"x".repeat(1024)}`]: "/",
};
for (const [given, path] of Object.entries(returns))
  test(`login: returnTo ${given.slice(0, 40)}`, async () => {
    const op = await provider();
    const { browser } = serverOf(op);
    const { location } = await browser.signIn(op, `/login?returnTo=${encodeURIComponent(given)}`);
    same(location, home + path, "location");
  });

for (const page of ["/inbox", "/a//b", "//evil.example/x?a=//b", "///x", "/.well-known/x", "/..x"])
  test(`login: the person returns to the page ${page}`, async () => {
    const op = await provider();
    const { serve } = serverOf(op);
    const browser = createBrowser(home, (request) =>
      serve(request.url.startsWith(`${home}/callback`) ? request : new Request(home + page, request)),
    );
    same((await browser.signIn(op)).location, home + page, "location");
  });

test("login: signIn refuses a returnTo of a wrong kind, and responses that a server does not get", async () => {
  const op = await provider();
  const { login, serve } = serverOf(op);
  const ask = async (params) => {
    const browser = createBrowser(home, (request) =>
      new URL(request.url).pathname === "/enter" ? login.signIn(request, params) : serve(request),
    );
    const { location } = await browser.signIn(op, "/enter");
    return [location, await whoIs(browser)];
  };
  for (const returnTo of [undefined, null, "/", ""])
    same(await ask({ returnTo }), [`${home}/`, "alice"], `${returnTo}`);
  for (const returnTo of [5, {}, true, new URL(home)])
    await throws("argument.returnTo", () => ask({ returnTo }), `${returnTo}`);
  const hybrid = { responseType: "code id_token" };
  for (const right of [
    {},
    { responseMode: "query" },
    { responseMode: "form_post" },
    { ...hybrid, responseMode: "form_post" },
  ])
    same(await ask(right), [`${home}/`, "alice"], JSON.stringify(right));
  for (const responseMode of ["fragment", "jwt", "form_post.jwt", "web_message"])
    for (const more of [{}, hybrid])
      await throws("argument.responseMode", () => ask({ ...more, responseMode }), responseMode);
  await throws("argument.responseMode", () => ask(hybrid), "the fragment by default");
});

test("login: the redirect address has a configured origin, with any Host header", async () => {
  const op = await provider();
  const isWorker = globalThis.navigator?.userAgent === "Cloudflare-Workers";
  const ask = async (config, address, headers = {}) => {
    const { serve } = serverOf(op, { origins: undefined, ...config });
    const reply = await serve(new Request(address, { headers: { accept: "text/html", ...headers } }));
    return reply.status === 303
      ? new URL(reply.headers.get("location")).searchParams.get("redirect_uri")
      : `${reply.status} ${await reply.text()}`;
  };
  const refused = `400 ${failure("session.origin")}`;
  const previews = { origins: [home, "https://preview.example"] };
  same(await ask({ redirectUri: `${home}/cb` }, "http://evil.example/"), `${home}/cb`, "redirectUri");
  same(await ask(previews, "https://preview.example/"), "https://preview.example/callback", "of several");
  same(await ask(previews, "http://app.example/"), `${home}/callback`, "behind a proxy that ends TLS");
  for (const host of ["evil.example", "pp.example", "evil.app.example", "app.example:8443"])
    same(await ask(previews, `https://${host}/`), refused, host);
  const both = { ...previews, redirectUri: `${home}/cb` };
  same(
    await ask(both, "https://preview.example/"),
    "https://preview.example/cb",
    "of several, with redirectUri's path",
  );
  same(
    await ask({ ...both, paths: { callback: "/back" } }, "https://preview.example/"),
    "https://preview.example/back",
    "of several, with a path for all",
  );
  const tenant = `${home}/cb?tenant=a`;
  same(await ask({ redirectUri: tenant }, home), tenant, "redirectUri as it is");
  const forwarded = { "x-forwarded-host": "evil.example, preview.example", "x-forwarded-proto": "https" };
  same(await ask(previews, "http://10.0.0.1/", forwarded), refused, "no proxy is trusted");
  same(
    await ask({ ...previews, trustProxy: 1 }, "http://10.0.0.1/", forwarded),
    "https://preview.example/callback",
    "one proxy",
  );
  same(await ask({ ...previews, trustProxy: 2 }, "http://10.0.0.1/", forwarded), refused, "one proxy too many");
  const named = (host) => ask({ ...previews, trustProxy: 1 }, "http://10.0.0.1/", { "x-forwarded-host": host });
  for (const host of ["app.example", "app.example:443", "App.Example"])
    same(await named(host), `${home}/callback`, host);
  for (const host of ["app.example:80", "app.example:8443", "app.example.evil.example", "app example", ":443", "["])
    same(await named(host), refused, host);
  if (isWorker) {
    same(await ask({}, `${home}/`), `${home}/callback`, "a Worker's own address");
    const behind = { "x-forwarded-host": "app.example", "x-forwarded-proto": "https" };
    same(await ask({ trustProxy: 1 }, "http://10.0.0.1/", behind), `${home}/callback`, "a Worker behind a proxy");
    same(await ask({}, "http://127.0.0.1/", behind), "http://127.0.0.1/callback", "a Worker that trusts no proxy");
  } else await throws("argument.origins", () => ask({}, `${home}/`));
});

test("login: with form_post, the provider's page sends the login's cookie", async () => {
  const op = await provider();
  for (const [at, name] of [
    [home, "__Host-oidc"],
    // Browsers accept SameSite=None with Secure alone, which they do on http://localhost too.
    ["http://localhost:8787", "oidc"],
  ]) {
    const { login, serve } = serverOf(op, { origins: [at] });
    const browser = createBrowser(at, (request) =>
      new URL(request.url).pathname === "/enter"
        ? login.signIn(request, { responseMode: "form_post" })
        : serve(request),
    );
    const back = await browser.signIn(op, "/enter");
    same([back.status, back.location], [303, `${at}/`], "back");
    same(await whoIs(browser), "alice", "signed in");
    same(browser.names(), [name], "the login's cookie is deleted");
  }
});

test("login: an endless form is read only up to the size limit", async () => {
  const op = await provider();
  const { store } = createShared();
  const { serve } = serverOf(op, { store, paths: { backChannelLogout: "/backchannel" } });
  for (const path of ["/callback", "/backchannel"]) {
    let parts = 0;
    const body = new ReadableStream({
      pull(controller) {
        parts += 1;
        controller.enqueue(new TextEncoder().encode("&state=".padEnd(65_536, "x")));
        if (parts > 100) controller.close();
      },
    });
    const init = /** @type {RequestInit} */ ({ method: "POST", body, duplex: "half" });
    const reply = await serve(new Request(home + path, init));
    same([reply.status, parts < 30], [400, true], path);
  }
});

test("login: a form of any size gets an answer", async () => {
  const op = await provider();
  const { browser, serve } = serverOf(op);
  const { location } = await browser.go("/");
  const state = new URL(location).searchParams.get("state");
  const [[name, { value }]] = browser.cookies;
  for (const [character, count, code] of /** @type {[string, number, string][]} */ ([
    ["x", 1_000, "token.oauth_error"],
    ["x", 250_000, "token.oauth_error"],
    ["é", 130_000, "token.oauth_error"],
    ["x", 1_048_400, "transaction.missing"],
    ["é", 520_000, "transaction.missing"],
  ])) {
    const body = `state=${state}&iss=${encodeURIComponent(issuer)}&code=${character.repeat(count)}`;
    const headers = { cookie: `${name}=${value}`, "content-type": "application/x-www-form-urlencoded" };
    const reply = await serve(new Request(`${home}/callback`, { method: "POST", headers, body }));
    same([reply.status, await reply.text()], [400, `Signing in failed: ${code}`], `${count} × ${character}`);
  }
});

test("login: onSignIn rejects people, and replaces claims", async () => {
  const op = await provider();
  /** @type {any[][]} */
  const rows = [
    [() => new Response("not you", { status: 451 }), 451, 401],
    [
      () => {
        throw new Error("not you");
      },
      403,
      401,
    ],
    [async () => {}, 303, "alice"],
    [() => ({ sub: "employee 7", role: "admin" }), 303, "employee 7"],
  ];
  for (const [onSignIn, status, sub] of rows) {
    const { browser } = serverOf(op, { onSignIn });
    const reply = await browser.signIn(op);
    same(reply.status, status, `${sub}`);
    same(browser.names(), status === 303 ? ["__Host-oidc"] : [], `${sub}: the login's cookie is deleted`);
    if (status === 403) same(reply.text, failure("session.refused"), `${sub}`);
    same(await whoIs(browser), sub, `${sub}`);
  }
  for (const nothing of [undefined, null]) {
    const { browser } = serverOf(op, { onSignIn: () => nothing });
    await browser.signIn(op);
    same(await whoIs(browser), "alice", `${nothing}`);
  }
  for (const wrong of /** @type {any[]} */ ([false, true, 0, "", "no", [], () => {}])) {
    const { browser } = serverOf(op, { onSignIn: async () => wrong });
    await throws("argument.onSignIn", () => browser.signIn(op), `${wrong}`);
    same(await whoIs(browser), 401, `${wrong}`);
    const { login, serve } = serverOf(op);
    const own = createBrowser(home, (request) =>
      new URL(request.url).pathname === "/callback"
        ? login.callback(request, undefined, { onSignIn: () => wrong })
        : serve(request),
    );
    await throws("argument.onSignIn", () => own.signIn(op), `callback: ${wrong}`);
    same(await whoIs(own), 401, `callback: ${wrong}`);
  }
  const { browser } = serverOf(op, { scope: "read" });
  const reply = await browser.signIn(op);
  same([reply.status, reply.text], [500, failure("session.claims")], "without openid");
  const oauth = serverOf(op, {
    scope: "read",
    keep: "tokens",
    onSignIn: ({ tokens }) => ({ sub: `of ${tokens.scope}` }),
  });
  await oauth.browser.signIn(op);
  same(await whoIs(oauth.browser), "of read", "without openid, by onSignIn");
});

test("login: the stored claims", async () => {
  const op = await provider({ users: { alice: { name: "Alice", role: "admin" } } });
  op.change({ idToken: ({ claims }) => Object.assign(claims, { name: "Alice", role: "admin", address: {} }) });
  const kept = async (config) => {
    const { browser } = serverOf(op, config);
    await browser.signIn(op);
    return Object.keys(JSON.parse((await browser.call("/")).text).claims)
      .filter((name) => !/^(iss|aud|exp|iat|nonce)$/.test(name))
      .sort();
  };
  same(await kept({}), ["name", "sid", "sub"], "by default");
  same(await kept({ claims: ["role"] }), ["role", "sid", "sub"], "as named");
});

test("login: userinfo adds claims, and replaces none of the ID token", async () => {
  const op = await provider({ users: { alice: { name: "Alice of userinfo", email: "alice@example.com" } } });
  op.change({ idToken: ({ claims }) => Object.assign(claims, { name: "Alice" }) });
  for (const [userInfo, email] of [[true, "alice@example.com"], [false]]) {
    const { browser } = serverOf(op, { userInfo, scope: "openid profile email" });
    await browser.signIn(op);
    const { claims } = JSON.parse((await browser.call("/")).text);
    same([claims.name, claims.email], ["Alice", email], `userInfo: ${userInfo}`);
  }
});

// ── sign-out ──

test("login: signing out ends the session here and at the provider", async () => {
  const op = await provider();
  for (const keep of ["claims", "id_token", "tokens"]) {
    const { browser } = serverOf(op, { keep });
    await browser.signIn(op);
    same((await browser.go("/logout")).status, 405, "GET");
    op.requests.length = 0;
    const { status, location } = await browser.go("/logout", { method: "POST" });
    const { origin, pathname, searchParams } = new URL(location);
    same([status, origin + pathname], [303, `${issuer}/logout`], "to the provider");
    same(searchParams.get("post_logout_redirect_uri"), `${home}/`, "and back");
    same(searchParams.has("id_token_hint"), keep !== "claims", "hint");
    same(
      op.requests.map(({ endpoint }) => endpoint),
      keep === "tokens" ? ["revoke"] : [],
      "revoked",
    );
    same([browser.names(), await whoIs(browser)], [[], 401], "signed out");
  }
});

test("login: signing out waits three seconds for a slow revocation", async () => {
  const op = await provider();
  let asked = 0;
  const fetch = async (input, init) => {
    if (!`${input}`.endsWith("/revoke")) return op.fetch(input, init);
    asked += 1;
    return new Promise((_, reject) => init.signal.addEventListener("abort", () => reject(init.signal.reason)));
  };
  const { browser } = serverOf(op, { keep: "tokens", fetch });
  await browser.signIn(op);
  const { timeout } = AbortSignal;
  const waits = [];
  AbortSignal.timeout = (time) => timeout.call(AbortSignal, waits.push(time) && 1);
  try {
    const { location } = await browser.go("/logout", { method: "POST" });
    same([asked, location.startsWith(`${issuer}/logout`)], [1, true], "signed out");
    ok(waits.includes(3_000), `${waits}`);
  } finally {
    AbortSignal.timeout = timeout;
  }
});

test("login: signing out if the provider is down, has no such endpoint, or without a session", async () => {
  const op = await provider();
  const { browser } = serverOf(op, { keep: "tokens", postLogoutRedirectUri: `${home}/bye` });
  same((await browser.go("/logout", { method: "POST" })).location, `${home}/bye`, "signed out");
  await browser.signIn(op);
  op.break("revoke.down");
  ok((await browser.go("/logout", { method: "POST" })).location.startsWith(`${issuer}/logout`), "revocation is down");
  same(browser.names(), [], "signed out");
  const bare = await provider();
  bare.change({ metadata: (it) => delete it.end_session_endpoint });
  const other = serverOf(bare);
  await other.browser.signIn(bare);
  same((await other.browser.go("/logout", { method: "POST" })).location, `${home}/`, "no endpoint");
  const wrong = serverOf(op, { auth: /** @type {any} */ ({ method: "password" }) });
  await throws("argument.method", () => wrong.browser.go("/logout", { method: "POST" }), "a wrong configuration");
});

// ── tokens ──

const tokens = { keep: "tokens", scope: "openid offline_access" };
const clocked = (more = {}) => provider({ now: () => Math.floor(Date.now() / 1000), accessTokenSeconds: 400, ...more });
const refreshes = (op) =>
  op.requests.filter(({ endpoint, body }) => endpoint === "token" && /grant_type=refresh/.test(body)).length;

test("refresh: a navigation at 3/4 of the token's life; scripts, images and prefetches never", async () => {
  const op = await clocked();
  await withClock(seconds, async (clock) => {
    const { browser } = serverOf(op, tokens);
    await browser.signIn(op);
    const token = async () => JSON.parse((await browser.go("/")).text).token;
    const first = await token();
    clock.advance(299);
    same(await token(), first, "a second before");
    clock.advance(1);
    for (const how of [
      { mode: "cors" },
      { mode: "no-cors", dest: "image" },
      { headers: { "sec-purpose": "prefetch;prerender" } },
      { method: "POST" },
    ])
      same(JSON.parse((await browser.go("/", how)).text).token, first, JSON.stringify(how));
    same(refreshes(op), 0, "none yet");
    ok((await token()) !== first, "a navigation");
    same(refreshes(op), 1, "one");
    clock.advance(400);
    same(await whoIs(browser), 401, "a script with an expired token");
    same((await browser.go("/")).status, 200, "a navigation renews it");
    same(await whoIs(browser), "alice", "a script afterwards");
  });
});

test("refresh: one navigation and 49 subrequests at expiry lose no session", async () => {
  const op = await clocked();
  await withClock(seconds, async (clock) => {
    const { browser } = serverOf(op, tokens);
    await browser.signIn(op);
    for (let times = 0; times < 4; times++) {
      clock.advance(310);
      const before = browser.copy();
      const subrequests = Array.from({ length: 49 }, () => before.call("/"));
      const replies = await Promise.all([browser.go("/"), ...subrequests]);
      same(replies.filter(({ status }) => status !== 200).length, 0, "refused");
      same(refreshes(op), times + 1, "refreshes");
    }
    same(await whoIs(browser), "alice", "signed in");
  });
});

test("refresh: concurrent navigations in one isolate share one refresh, and a late one gets it too", async () => {
  const op = await clocked();
  await withClock(seconds, async (clock) => {
    const { browser } = serverOf(op, tokens);
    await browser.signIn(op);
    clock.advance(310);
    const before = browser.copy();
    const replies = await Promise.all(Array.from({ length: 8 }, () => browser.copy().go("/")));
    same(new Set(replies.map(({ text }) => JSON.parse(text).token)).size, 1, "tokens");
    clock.advance(59);
    same((await before.go("/")).status, 200, "a minute later, with the old cookie");
    same(refreshes(op), 1, "refreshes");
    clock.advance(400);
    same((await before.go("/")).status, 200, "a new token");
    same(refreshes(op), 2, "refreshes");
  });
});

test("refresh: an ID token of another person changes no session, and one of the same person no claims of onSignIn", async () => {
  for (const sub of ["alice", "employee 7"]) {
    const op = await clocked();
    await withClock(seconds, async (clock) => {
      const { browser } = serverOf(op, { ...tokens, ...(sub !== "alice" && { onSignIn: () => ({ sub }) }) });
      await browser.signIn(op);
      clock.advance(310);
      same([(await browser.go("/")).status, refreshes(op), await whoIs(browser)], [200, 1, sub], "the same person");
      op.change(/** @type {any} */ ({ "idToken.refresh": ({ claims }) => Object.assign(claims, { sub: "bob" }) }));
      clock.advance(310);
      same([(await browser.go("/")).status, refreshes(op), await whoIs(browser)], [200, 2, sub], "another person");
      clock.advance(90);
      same([(await browser.go("/")).status, await whoIs(browser)], [303, 401], "the old token is over");
    });
  }
});

test("refresh: after a sign-out the isolate forgets the tokens of a refresh", async () => {
  for (const isOut of [false, true]) {
    const op = await clocked();
    await withClock(seconds, async (clock) => {
      const { browser } = serverOf(op, tokens);
      await browser.signIn(op);
      const [other, late] = [browser.copy(), browser.copy()];
      clock.advance(390);
      same((await browser.go("/")).status, 200, "renewed");
      if (isOut) await other.go("/logout", { method: "POST" });
      clock.advance(20);
      same((await late.go("/")).status, isOut ? 303 : 200, `the old cookie, signed out: ${isOut}`);
    });
  }
});

test("refresh: two navigations in two isolates without a lock can collide, as documented", async () => {
  const op = await clocked();
  await withClock(seconds, async (clock) => {
    const one = serverOf(op, tokens);
    await one.browser.signIn(op);
    clock.advance(310);
    const other = createBrowser(home, one.again().serve);
    for (const [name, cookie] of one.browser.cookies) other.cookies.set(name, cookie);
    same((await one.browser.go("/")).status, 200, "the first isolate");
    same((await other.go("/")).status, 200, "the second uses its token until it expires");
    clock.advance(400);
    same((await one.browser.go("/")).status, 303, "the provider ended the session: sign in again");
  });
});

/** A store and a lock that isolates share. */
export function createShared() {
  const kept = new Map();
  let last = Promise.resolve();
  return {
    kept,
    store: {
      get: async (id) => kept.get(id) ?? null,
      put: async (id, value, life) => {
        if (!(life > 0 && Number.isInteger(life))) fail(`an entry for ${life} seconds`);
        kept.set(id, value);
      },
      delete: async (id) => void kept.delete(id),
      async deleteBy({ sub, sid }) {
        for (const [id, value] of kept) {
          const entry = JSON.parse(value);
          if (sid ? entry.sid === sid : entry.sub === sub) kept.delete(id);
        }
      },
    },
    lock(_name, run) {
      const turn = last.then(run);
      last = turn.catch(() => {});
      return turn;
    },
  };
}

test("refresh: with a lock and a store any request refreshes, in any isolate, and no session is lost", async () => {
  const op = await clocked();
  await withClock(seconds, async (clock) => {
    const { store, lock } = createShared();
    const config = { ...tokens, store, lock, refresh: "always" };
    const one = serverOf(op, config);
    await one.browser.signIn(op);
    const isolates = [one, one.again(), one.again()].map(({ serve }) => {
      const browser = createBrowser(home, serve);
      for (const [name, cookie] of one.browser.cookies) browser.cookies.set(name, cookie);
      return browser;
    });
    for (let times = 0; times < 3; times++) {
      clock.advance(500);
      const calls = isolates.flatMap((browser) => Array.from({ length: 10 }, () => browser.call("/")));
      const replies = await Promise.all(calls);
      same(
        new Set(replies.map(({ status, text }) => (status === 200 ? JSON.parse(text).token : status))).size,
        1,
        "tokens",
      );
      same(refreshes(op), times + 1, "refreshes");
    }
  });
  for (const wrong of [{}, { lock: createShared().lock }, { store: createShared().store }])
    await throws("argument.lock", () => serverOf(op, { ...tokens, refresh: "always", ...wrong }));
  serverOf(op, { ...tokens, refresh: "always", grace: 30 });
});

/** A browser at a server that answers with the token for the resource in the query. @param {any} op @param {string[]} others */
function buyerAt(op, ...others) {
  const { login } = serverOf(op, { ...tokens, resource: [api, ...others] });
  const serve = login.protect(async (request, session) => {
    const resource = new URL(request.url).searchParams.get("resource") ?? undefined;
    return new Response(await session.accessToken({ resource }));
  });
  return createBrowser(home, serve);
}

test("refresh: a token of any life is renewed once, with and without rotation", async () => {
  const second = "https://second.example";
  for (const rotateRefreshTokens of [true, false])
    for (const accessTokenSeconds of [0, 1, 20]) {
      const name = JSON.stringify({ rotateRefreshTokens, accessTokenSeconds });
      const resources = { [api]: ["read"], [second]: ["read"] };
      const op = await clocked({ rotateRefreshTokens, accessTokenSeconds, resources });
      await withClock(seconds, async (clock) => {
        const browser = buyerAt(op, second);
        await browser.signIn(op);
        // Less than the minute for which an isolate remembers the last refresh.
        for (const pause of [21, 22, 23]) {
          clock.advance(pause);
          const before = refreshes(op);
          const { status } = await browser.go("/");
          same([status, refreshes(op) > before], [accessTokenSeconds ? 200 : 303, true], `${name}: renewed`);
          ok(refreshes(op) - before <= 2, `${name}: ${refreshes(op) - before} refreshes`);
          if (!accessTokenSeconds) continue;
          const other = refreshes(op);
          same((await browser.go(`/?resource=${second}`)).status, 200, `${name}: a second resource`);
          same(refreshes(op), other + 1, `${name}: of a second resource`);
        }
      });
    }
});

test("refresh: a resource that the provider refuses leaves the tokens of others alone", async () => {
  const second = "https://second.example";
  const resources = { [api]: ["read"], [second]: ["read"] };
  const op = await clocked({ rotateRefreshTokens: false, accessTokenSeconds: 20, resources });
  await withClock(seconds, async (clock) => {
    const browser = buyerAt(op, second);
    await browser.signIn(op);
    const refused = () => browser.go("/?resource=https://refused.example");
    clock.advance(21);
    same((await refused()).status, 303, "refused");
    same((await browser.go("/")).status, 200, "the login's token, a moment later");
    const replies = await Promise.all([refused(), browser.go(`/?resource=${second}`), refused()]);
    same(
      replies.map(({ status }) => status),
      [303, 200, 303],
      "another one, at the same time",
    );
  });
});

const audOf = (token) => (token.includes(".") ? JSON.parse(atob(token.split(".")[1])).aud : "no resource");

test("refresh: the login's token is for the first requested resource, and stays so", async () => {
  const second = "https://second.example";
  const op = await clocked({ resources: { [api]: ["read"], [second]: ["read"] } });
  await withClock(seconds, async (clock) => {
    for (const [resource, own, expected] of /** @type {[any, any, string][]} */ ([
      [undefined, undefined, "no resource"],
      [api, undefined, api],
      [[api], undefined, api],
      [[second, api], undefined, second],
      [undefined, api, api],
      [second, [api, second], api],
    ])) {
      const wanted = own && api;
      const { login } = serverOf(op, { ...tokens, resource });
      const page = login.protect(
        async (_request, session) => new Response(await session.accessToken({ resource: wanted })),
      );
      const browser = createBrowser(home, (request) =>
        own && new URL(request.url).pathname === "/enter" ? login.signIn(request, { resource: own }) : page(request),
      );
      op.signOut();
      await browser.signIn(op, own ? "/enter" : "/");
      const name = JSON.stringify({ resource, own });
      same(audOf((await browser.go("/")).text), expected, name);
      clock.advance(310);
      const before = refreshes(op);
      same(audOf((await browser.go("/")).text), expected, `${name}: renewed`);
      same(refreshes(op), before + 1, `${name}: renewed`);
    }
  });
});

test("login: the token of several resources is for the first one only if the session keeps it", async () => {
  const second = "https://api.another.com";
  const op = await provider({ resources: { [api]: ["read"], [second]: ["read"] } });
  for (const [keep, resource] of [
    ["claims", null],
    ["tokens", api],
  ]) {
    const sent = [];
    const fetch = (url, init) => {
      if (`${url}`.endsWith("/token")) sent.push(new URLSearchParams(`${init.body}`).get("resource"));
      return op.fetch(url, init);
    };
    const { browser } = serverOf(op, { keep, resource: [api, second], fetch });
    await browser.signIn(op);
    same([sent, await whoIs(browser)], [[resource], "alice"], `${keep}`);
  }
});

test("login: userinfo gets a token without a resource, unless the session keeps that token", async () => {
  const op = await provider({ resources: { [api]: ["read"] } });
  for (const [config, person] of /** @type {[any, any][]} */ ([
    [{}, "alice"],
    [{ resource: api }, "alice"],
    [{ resource: api, keep: "id_token" }, "alice"],
    [{ resource: api, keep: "tokens" }, 401],
  ])) {
    const { browser } = serverOf(op, { userInfo: true, ...config });
    await browser.signIn(op);
    same(await whoIs(browser), person, JSON.stringify(config));
  }
});

test("refresh: another resource in a new configuration gets no token of the old one", async () => {
  const second = "https://second.example";
  const op = await clocked({ resources: { [api]: ["read"], [second]: ["read"] } });
  const old = serverOf(op, { ...tokens, resource: api });
  await old.browser.signIn(op);
  for (const [resource, status] of [
    [api, 200],
    // The session has just begun, so no other login follows.
    [second, 401],
  ]) {
    const browser = createBrowser(home, serverOf(op, { ...tokens, resource }).serve);
    for (const [name, cookie] of old.browser.cookies) browser.cookies.set(name, cookie);
    same((await browser.go("/")).status, status, `${resource}`);
  }
  for (const [before, resource, expected] of /** @type {any[]} */ ([
    [undefined, undefined, "no resource"],
    [undefined, second, second],
    [[], second, second],
    [second, second, second],
  ])) {
    const { browser } = serverOf(op, { ...tokens, resource: before });
    op.signOut();
    await browser.signIn(op);
    const next = serverOf(op, { ...tokens, resource }).login;
    const page = next.protect(async (_request, session) => new Response(await session.accessToken()));
    const later = createBrowser(home, page);
    for (const [name, cookie] of browser.cookies) later.cookies.set(name, cookie);
    same(audOf((await later.go("/")).text), expected, JSON.stringify({ before, resource }));
  }
});

test("refresh: a sign-out during a refresh ends the session", async () => {
  const op = await clocked();
  await withClock(seconds, async (clock) => {
    for (const [isEnding, idle] of [[false], [true], [false, 600], [true, 600]]) {
      const { store, kept } = createShared();
      let during = () => {};
      const send = async (input, init) => {
        const reply = await op.fetch(input, init);
        if (`${input}`.endsWith("/token")) during();
        return reply;
      };
      const { browser } = serverOf(op, { ...tokens, store, fetch: send, ...(idle && { idle }) });
      await browser.signIn(op);
      clock.advance(310);
      if (isEnding) during = () => kept.clear();
      await browser.go("/");
      same(await whoIs(browser), isEnding ? 401 : "alice", `ends: ${isEnding}, idle: ${idle}`);
    }
  });
});

test("refresh: an active session that is written again keeps the tokens of a concurrent refresh", async () => {
  const second = "https://second.example";
  const op = await clocked({ resources: { [api]: ["read"], [second]: ["read"] } });
  await withClock(seconds, async (clock) => {
    for (const more of [{}, { lock: createShared().lock }]) {
      const { store } = createShared();
      let isLate = false;
      const [read, written] = [signal(), signal()];
      const slow = {
        ...store,
        async get(id) {
          const entry = await store.get(id);
          // Another request reads the entry before a refresh, and goes on after it.
          if (isLate) {
            isLate = false;
            read.give();
            await written;
          }
          return entry;
        },
      };
      const config = { ...tokens, resource: [api, second], idle: 600, store: slow, ...more };
      const pageOf = ({ login }) =>
        login.protect(async (request, session) => {
          const resource = new URL(request.url).searchParams.get("resource") ?? undefined;
          return new Response(await session.accessToken({ resource }));
        });
      const one = serverOf(op, config);
      const browser = createBrowser(home, pageOf(one));
      op.signOut();
      await browser.signIn(op);
      clock.advance(70);
      isLate = true;
      const script = browser.call("/");
      await read;
      const bought = await browser.go(`/?resource=${second}`);
      written.give();
      same([audOf(bought.text), (await script).status], [second, 200], "both");
      same((await browser.call(`/?resource=${second}`)).text, bought.text, "kept");
      clock.advance(310);
      const other = createBrowser(home, pageOf(one.again()));
      for (const [name, cookie] of browser.cookies) other.cookies.set(name, cookie);
      same((await other.go("/")).status, 200, "renewed by another isolate");
      clock.advance(599);
      same((await other.go("/")).status, 200, "active");
      clock.advance(600);
      same((await other.go("/")).status, 303, "inactive");
    }
  });
});

test("refresh: an active session that is written again keeps the tokens of another isolate's refresh", async () => {
  const op = await clocked();
  const { store } = createShared();
  await withClock(seconds, async (clock) => {
    let meanwhile;
    const slow = {
      ...store,
      async get(id) {
        const value = await store.get(id);
        const work = meanwhile;
        meanwhile = undefined;
        await work?.();
        return value;
      },
    };
    const { browser } = serverOf(op, { ...tokens, idle: 1_000, store });
    await browser.signIn(op);
    const other = createBrowser(home, serverOf(op, { ...tokens, idle: 1_000, store: slow }).serve);
    for (const [name, cookie] of browser.cookies) other.cookies.set(name, cookie);
    clock.advance(310);
    meanwhile = () => browser.go("/");
    same([await whoIs(other), refreshes(op)], ["alice", 1], "a script, and a navigation in another isolate");
    // A refresh token that comes back would be used twice, and end the session.
    clock.advance(310);
    same([(await other.go("/")).status, refreshes(op)], [200, 2], "the newest refresh token");
    clock.advance(310);
    same([(await browser.go("/")).status, refreshes(op)], [200, 3], "and again");
  });
});

test("refresh: a lock has one name for each session, also without a store", async () => {
  const op = await clocked();
  await withClock(seconds, async (clock) => {
    for (const more of [{}, { store: createShared().store }, { idle: 3600 }]) {
      // The session is written again, and has nothing to refresh.
      if (more.idle) op.change({ tokens: (body) => delete body.refresh_token });
      const names = [];
      const lock = (name, run) => {
        names.push(name);
        return run();
      };
      const one = serverOf(op, { ...tokens, ...more, lock });
      const other = createBrowser(home, one.serve);
      for (const browser of [one.browser, other]) await browser.signIn(op);
      clock.advance(310);
      for (const browser of [one.browser, other]) await browser.go("/");
      same([names.length, new Set(names).size], [2, 2], `${Object.keys(more)}`);
    }
  });
});

test("refresh: never if disabled, or without a refresh token", async () => {
  const op = await clocked();
  await withClock(seconds, async (clock) => {
    for (const config of /** @type {any[]} */ ([{ refresh: false }, { fault: true }])) {
      if (config.fault) op.change({ tokens: (body) => delete body.refresh_token });
      const { browser } = serverOf(op, { ...tokens, ...(config.fault ? {} : config) });
      await browser.signIn(op);
      clock.advance(399);
      same((await browser.go("/")).status, 200, "alive");
      clock.advance(1);
      same((await browser.go("/")).status, 303, "expired: sign in again");
    }
    same(refreshes(op), 0, "refreshes");
  });
});

test("refresh: a session that has just begun and lacks a token leads to no further login", async () => {
  const second = "https://second.example";
  const plain = { ...tokens, resource: [api, second] };
  /** @type {any[][]} */
  const rows = [
    ["a resource that the provider refuses", {}, {}, "/?resource=https://refused.example", 401],
    ["one that it knows", {}, {}, `/?resource=${second}`, 200],
    [
      "a second resource without a refresh token",
      { tokens: (body) => delete body.refresh_token },
      {},
      `/?resource=${second}`,
      401,
    ],
    ["the first one without a refresh token", { tokens: (body) => delete body.refresh_token }, {}, "/", 200],
    [
      "a token that is over at once",
      { tokens: (body) => Object.assign(body, { expires_in: 0 }) },
      { refresh: false },
      "/",
      401,
    ],
  ];
  for (const [name, changes, more, path, status] of rows) {
    const op = await clocked({ resources: { [api]: ["read"], [second]: ["read"] } });
    op.change(changes);
    await withClock(seconds, async (clock) => {
      const seen = [];
      const { login } = serverOf(op, { ...plain, ...more, onRefused: ({ code }) => seen.push(code) });
      const serve = login.protect(async (request, session) => {
        const resource = new URL(request.url).searchParams.get("resource") ?? undefined;
        return new Response(await session.accessToken({ resource }));
      });
      const browser = createBrowser(home, serve);
      await browser.signIn(op);
      clock.advance(9);
      const page = await browser.go(path);
      same(page.status, status, name);
      if (status === 200) return;
      same([page.text, seen], [failure("session.expired"), ["session.expired"]], name);
      same((await browser.call(path)).status, 401, `${name}: a script`);
      clock.advance(1);
      same((await browser.go(path)).status, 303, `${name}: ten seconds later`);
    });
  }
});

test("refresh: the answer to an expired token has the session's cookies", async () => {
  const op = await clocked();
  await withClock(seconds, async (clock) => {
    const { browser } = serverOf(op, { ...tokens, refresh: false, idle: 1_000 });
    await browser.signIn(op);
    for (const [turn, status] of Object.entries({ call: 401, go: 303 })) {
      clock.advance(600);
      const answer = await browser[turn]("/");
      const isWritten = answer.lines.some((line) => line.startsWith("__Host-oidc="));
      same([answer.status, isWritten], [status, true], `${turn}: an active session`);
    }
    clock.advance(600);
    const { lines } = await browser.call("/");
    same(lines.length, 1, "the session continues");
  });
});

test("refresh: a slow response undoes no newer refresh of another one", async () => {
  const second = "https://second.example";
  /** @type {any[][]} */
  const rows = [
    ["a script, whose session is written again", { idle: 600 }, "/slow", { mode: "cors" }, "/"],
    ["a navigation before another resource", {}, "/slow", {}, `/?resource=${second}`],
    ["alone", {}, "/slow", {}, undefined],
  ];
  for (const [name, more, path, how, other] of rows) {
    const op = await clocked({ resources: { [api]: ["read"], [second]: ["read"] } });
    await withClock(seconds, async (clock) => {
      const [reached, held] = [signal(), signal()];
      const { login } = serverOf(op, { ...tokens, resource: [api, second], ...more });
      const serve = login.protect(async (request, session) => {
        const { pathname, searchParams } = new URL(request.url);
        const token = await session.accessToken({ resource: searchParams.get("resource") ?? undefined });
        if (pathname === "/slow") {
          reached.give();
          await held;
        }
        return new Response(token);
      });
      const browser = createBrowser(home, serve);
      await browser.signIn(op);
      clock.advance(310);
      const slow = browser.go(path, how);
      await reached;
      if (other) await browser.go(other);
      held.give();
      same((await slow).status, 200, name);
      const before = refreshes(op);
      // The isolate has forgotten the refresh.
      clock.advance(61);
      if (other) same([(await browser.go(other)).status, refreshes(op)], [200, before], name);
      clock.advance(300);
      same([(await browser.go("/")).status, refreshes(op)], [200, before + 1], `${name}: later`);
    });
  }
});

test("refresh: a slow write to the store undoes no newer refresh", async () => {
  const second = "https://second.example";
  const op = await clocked({ resources: { [api]: ["read"], [second]: ["read"] } });
  await withClock(seconds, async (clock) => {
    const { store } = createShared();
    const [reached, held] = [signal(), signal()];
    let gets = Infinity;
    const slow = {
      ...store,
      async get(id) {
        // The first one reads the session, and the second one is before its write.
        const isHeld = ++gets === 2;
        if (isHeld) reached.give();
        if (isHeld) await held;
        return store.get(id);
      },
    };
    const one = serverOf(op, { ...tokens, resource: [api, second], store: slow });
    const serve = one.login.protect(async (request, session) => {
      const resource = new URL(request.url).searchParams.get("resource") ?? undefined;
      return new Response(await session.accessToken({ resource }));
    });
    const browser = createBrowser(home, serve);
    await browser.signIn(op);
    clock.advance(310);
    gets = 0;
    const late = browser.go("/");
    await reached;
    const bought = await browser.go(`/?resource=${second}`);
    held.give();
    same([(await late).status, audOf(bought.text)], [200, second], "both");
    clock.advance(61);
    same((await browser.call(`/?resource=${second}`)).text, bought.text, "kept");
    clock.advance(300);
    same((await browser.go("/")).status, 200, "renewed");
  });
});

test("refresh: requests that wait for a lock share a failed attempt, and the next one tries again", async () => {
  const op = await clocked({ rotateRefreshTokens: false });
  await withClock(seconds, async (clock) => {
    const { store, lock } = createShared();
    let waiting = 0;
    let all = signal();
    // On a busy machine, the first request may fail before the last one asks. The last one would then try again, rightly.
    const crowded = async (name, run) => {
      if (++waiting === 10) all.give();
      await all;
      return lock(name, run);
    };
    const { browser } = serverOf(op, { ...tokens, store, lock: crowded, refresh: "always" });
    const crowd = () => {
      waiting = 0;
      all = signal();
      return Promise.all(Array.from({ length: 10 }, () => browser.call("/")));
    };
    await browser.signIn(op);
    clock.advance(310);
    op.break("token.down");
    for (const times of [1, 2]) {
      const replies = await crowd();
      same(replies.filter(({ status }) => status !== 200).length, 0, "the token is alive");
      same(refreshes(op), times, "attempts");
    }
    op.mend();
    await crowd();
    same(refreshes(op), 3, "renewed");
    clock.advance(100);
    same((await browser.call("/")).status, 200, "the new token");
  });
});

test("refresh: a request that waited for a lock until the sign-out refreshes nothing", async () => {
  for (const isOut of [false, true]) {
    const op = await clocked();
    await withClock(seconds, async (clock) => {
      const { store } = createShared();
      const [reached, held] = [signal(), signal()];
      const lock = async (_name, run) => {
        reached.give();
        await held;
        return run();
      };
      const { browser } = serverOf(op, { ...tokens, store, lock, refresh: "always" });
      await browser.signIn(op);
      clock.advance(310);
      const call = browser.call("/");
      await reached;
      if (isOut) await browser.go("/logout", { method: "POST" });
      held.give();
      await call;
      same([refreshes(op), await whoIs(browser)], isOut ? [0, 401] : [1, "alice"], `signed out: ${isOut}`);
    });
  }
});

test("refresh: a provider that takes 40 seconds gets the refresh token once", async () => {
  const op = await clocked();
  await withClock(seconds, async (clock) => {
    const { browser } = serverOf(op, tokens);
    await browser.signIn(op);
    clock.advance(310);
    const [reached, held] = [signal(), signal()];
    op.change({
      async answer(endpoint) {
        if (endpoint !== "token") return;
        reached.give();
        await held;
      },
    });
    let time = performance.now();
    await withGlobals({ performance: { now: () => time } }, async () => {
      const first = browser.copy().go("/");
      await reached;
      time += 40_000;
      const next = browser.go("/");
      // Longer than a look at the first one's result.
      await new Promise((go) => setTimeout(go, 60));
      held.give();
      same([(await first).status, (await next).status, refreshes(op)], [200, 200, 1], "both");
    });
  });
});

test("refresh: a Worker completes a refresh whose client has left", async () => {
  const op = await clocked();
  await withClock(seconds, async (clock) => {
    const { store } = createShared();
    let isDown = false;
    const get = async (id) => {
      if (isDown) throw new Error("the store is down");
      return store.get(id);
    };
    const { serve } = serverOf(op, { ...tokens, store: { ...store, get } });
    const waiting = [];
    const context = { waitUntil: (promise) => waiting.push(promise) };
    const browser = createBrowser(home, (request) => serve(request, undefined, context));
    await browser.signIn(op);
    clock.advance(310);
    const [reached, held] = [signal(), signal()];
    op.change({
      async answer(endpoint) {
        if (endpoint !== "token") return;
        reached.give();
        await held;
      },
    });
    waiting.length = 0;
    const left = browser.copy().go("/");
    await reached;
    held.give();
    same(waiting.length, 1, "told");
    await waiting[0];
    // The isolate has forgotten it, and the store has not.
    clock.advance(61);
    same([(await browser.go("/")).status, refreshes(op)], [200, 1], "kept");
    same((await left).status, 200, "its response");
    isDown = true;
    const failed = await browser.go("/").catch(({ message }) => message);
    same([failed, await waiting.at(-1)], ["the store is down", undefined], "the error comes once");
  });
});

test("refresh: if the provider is down, the token stays; an ID token without keys loses no token", async () => {
  // This provider is down after it has read the request, so the refresh token must work twice.
  const op = await clocked({ rotateRefreshTokens: false });
  await withClock(seconds, async (clock) => {
    const { browser } = serverOf(op, tokens);
    const token = async () => JSON.parse((await browser.go("/")).text).token;
    await browser.signIn(op);
    const first = await token();
    clock.advance(310);
    op.break("token.down");
    same(await token(), first, "the old token");
    op.mend();
    same([(await token()) === first, refreshes(op)], [false, 2], "the new one");
  });
  const rotating = await clocked();
  await withClock(seconds, async (clock) => {
    const { browser } = serverOf(rotating, tokens);
    const token = async () => JSON.parse((await browser.go("/")).text).token;
    await browser.signIn(rotating);
    const first = await token();
    rotating.change(
      /** @type {any} */ ({ "idToken.refresh": ({ header }) => Object.assign(header, { kid: "unknown" }) }),
    );
    rotating.break("jwks.down");
    clock.advance(310);
    const second = await token();
    same([second === first, refreshes(rotating), await whoIs(browser)], [false, 1, "alice"], "without keys");
    rotating.mend();
    clock.advance(310);
    // The provider refuses a refresh token that it has replaced.
    same([(await token()) === second, refreshes(rotating)], [false, 2], "the next refresh token");
  });
});

test("refresh: a session has the claims of the newest ID token, and keeps what a reply lacks", async () => {
  const users = { alice: { name: "Alice", email: "alice@example.com" } };
  for (const own of [undefined, { sub: "employee 7" }]) {
    const op = await clocked({ rotateRefreshTokens: false, users });
    /** @type {any[]} */
    const replies = [];
    const { store, kept } = createShared();
    await withClock(seconds, async (clock) => {
      const config = { ...tokens, userInfo: true, store, ...(own && { onSignIn: () => own }) };
      const { browser } = serverOf(op, { ...config, scope: "openid email offline_access" });
      const claims = async () => JSON.parse((await browser.go("/")).text).claims;
      const hint = async () =>
        new URL((await browser.copy().go("/logout", { method: "POST" })).location).searchParams.get("id_token_hint");
      await browser.signIn(op);
      same((await claims()).email, own ? undefined : "alice@example.com", "signed in");
      op.change(
        /** @type {any} */ ({
          "idToken.refresh": ({ claims }) => Object.assign(claims, { name: "Alice B.", sid: "another", note: "long" }),
          tokens: (body) => void replies.push({ ...body }),
        }),
      );
      clock.advance(310);
      const { name, email, note } = await claims();
      const expected = own ? [] : ["Alice B.", "alice@example.com"];
      same([name, email, note].filter(Boolean), expected, "the new claims, and those of userinfo");
      same(
        [...kept.values()].map((entry) => JSON.parse(entry).sid),
        ["another"],
        "the provider's new session",
      );
      op.change(
        /** @type {any} */ ({
          tokens(body) {
            for (const member of ["id_token", "refresh_token", "expires_in"]) delete body[member];
          },
        }),
      );
      clock.advance(310);
      const bare = JSON.parse((await browser.go("/")).text);
      same([bare.claims.name, refreshes(op)], [own ? undefined : "Alice B.", 2], "a reply without an ID token");
      clock.advance(3_600);
      same(JSON.parse((await browser.call("/")).text).token, bare.token, "a token without an end");
      clock.advance(18_000);
      same([(await browser.go("/")).status, refreshes(op)], [200, 3], "the same refresh token");
      same(await hint(), replies[0].id_token, "the newest ID token");
    });
  }
});

test("refresh: concurrent requests for several resources use each refresh token once", async () => {
  const wanted = ["second", "third", "fourth"].map((name) => `https://${name}.example`);
  const resources = Object.fromEntries([api, ...wanted].map((name) => [name, ["read"]]));
  const op = await clocked({ resources });
  await withClock(seconds, async () => {
    const browser = buyerAt(op, ...wanted);
    await browser.signIn(op);
    const replies = await Promise.all(wanted.map((resource) => browser.copy().go(`/?resource=${resource}`)));
    same(
      replies.map(({ text }) => audOf(text)),
      wanted,
      "tokens",
    );
    same(refreshes(op), 3, "refreshes");
  });
});

test("refresh: the first refresh token obtains a token for a second resource", async () => {
  const op = await clocked({ resources: { [api]: ["read"], "https://second.example": ["read"] } });
  await withClock(seconds, async (clock) => {
    const second = "https://second.example";
    const browser = buyerAt(op, second);
    await browser.signIn(op);
    same((await browser.call(`/?resource=${second}`)).status, 401, "a script may not obtain it");
    const bought = await browser.go(`/?resource=${second}`);
    same(audOf(bought.text), second, "bought");
    same((await browser.call(`/?resource=${second}`)).text, bought.text, "kept");
    clock.advance(310);
    ok((await browser.go(`/?resource=${second}`)).text !== bought.text, "both are renewed");
    same((await browser.go("/")).status, 200, "the first");
  });
});

test("refresh: an expired token is an error with a status, until a navigation renews it", async () => {
  const op = await clocked();
  await withClock(seconds, async (clock) => {
    const { login } = serverOf(op, tokens);
    const serve = login.protect(async (_request, session) => {
      const { error } = await outcome(() => session.accessToken());
      return Response.json([error?.code, error?.status]);
    });
    const browser = createBrowser(home, serve);
    await browser.signIn(op);
    clock.advance(399);
    same(JSON.parse((await browser.call("/")).text), [null, null], "alive");
    clock.advance(1);
    same(JSON.parse((await browser.call("/")).text), ["session.expired", 401], "a script with an expired token");
    same(JSON.parse((await browser.go("/")).text), [null, null], "a navigation");
    same(JSON.parse((await browser.call("/")).text), [null, null], "a script with the renewed one");
  });
});

// ── stores and back-channel logout ──

test("store: the cookie is an identifier, the stored session is sealed, and signing out deletes it", async () => {
  const op = await provider();
  const { store, kept } = createShared();
  const { browser } = serverOf(op, { ...tokens, store });
  await browser.signIn(op);
  const { value } = browser.cookies.get("__Host-oidc");
  ok(/^1\.[\w-]{43}$/.test(value), value);
  same(kept.size, 1, "entries");
  const [[id, text]] = kept;
  ok(!value.includes(id), "the store uses another identifier");
  const entry = JSON.parse(text);
  same([entry.sub, typeof entry.sid], ["alice", "string"], "the stored subject and session");
  ok(!/access_|refresh_|Alice/.test(text), "tokens in plain text");
  same(await whoIs(browser), "alice", "signed in");
  const [other] = [browser.copy()];
  await browser.signIn(op, "/login");
  same([kept.size, await whoIs(other)], [1, 401], "a new login ends the previous session");
  const planted = { ...browser.cookies.get("__Host-oidc"), value: `1.${id}` };
  other.cookies.set("__Host-oidc", planted);
  same(await whoIs(other), 401, "the store's identifier is no cookie value");
  await browser.go("/logout", { method: "POST" });
  same([kept.size, await whoIs(browser)], [0, 401], "signed out");
  store.delete = async (id) => fail(`deleted ${id}`);
  same((await browser.go("/logout", { method: "POST" })).status, 303, "without a session it deletes nothing");
});

test("store: a store that takes no value ends no session", async () => {
  const op = await provider({ now: () => Math.floor(Date.now() / 1000) });
  await withClock(seconds, async (clock) => {
    for (const keep of ["claims", "tokens"]) {
      const { store, kept } = createShared();
      let isFull = false;
      const put = async (id, value, life) => {
        if (isFull) throw new Error("full");
        return store.put(id, value, life);
      };
      const { browser } = serverOf(op, { keep, idle: 600, store: { ...store, put } });
      await browser.signIn(op);
      clock.advance(70);
      isFull = true;
      same(await whoIs(browser), "alice", `${keep}: it is not written again`);
      const failed = await browser.signIn(op, "/login").catch(({ message }) => message);
      same([failed, await whoIs(browser)], ["full", "alice"], `${keep}: a new login fails`);
      isFull = false;
      await browser.signIn(op, "/login");
      same([kept.size, await whoIs(browser)], [1, "alice"], `${keep}: a new login ends the old session`);
    }
  });
});

test("store: a broken entry counts as no session", async () => {
  const op = await provider();
  const { store, kept } = createShared();
  const { browser } = serverOf(op, { store });
  await browser.signIn(op);
  const [[id, good]] = kept;
  for (const broken of ["nonsense", "null", "5", '{"sealed":5}', good.slice(0, -9), ""]) {
    kept.set(id, broken);
    same(await whoIs(browser), 401, broken);
  }
  kept.set(id, good);
  same(await whoIs(browser), "alice", "the whole entry");
});

test("store: back-channel logout ends the session, once for each token", async () => {
  const op = await provider();
  const { store, kept } = createShared();
  const config = { store, paths: { backChannelLogout: "/backchannel" } };
  const { browser, serve } = serverOf(op, config);
  await browser.signIn(op);
  const sidOf = (entries) => [...entries.values()].map((entry) => JSON.parse(entry).sid).find(Boolean);
  const sid = sidOf(kept);
  const post = async (logout_token, init = {}) => {
    const body = new URLSearchParams({ logout_token });
    const reply = await serve(new Request(`${home}/backchannel`, { method: "POST", body, ...init }));
    same(reply.headers.get("cache-control"), "no-store", "no cache keeps it");
    return [reply.status, reply.status === 200 ? "" : (await reply.json()).error_description];
  };
  const token = await op.logoutToken("app", sid);
  same(await post(await op.logoutToken("app", "another session")), [200, ""], "another session's");
  same(await whoIs(browser), "alice", "signed in");
  same(await post(await op.logoutToken("another client", sid)), [400, "logout_token.aud"], "another client's");
  same(await post("nonsense"), [400, "jws.malformed"], "nonsense");
  same(await post(token, { method: "GET", body: undefined }), [400, "jws.malformed"], "GET");
  same(await post(token), [200, ""], "the session's");
  same(await whoIs(browser), 401, "signed out");
  same(await post(token), [400, "logout_token.jti"], "again");
  op.signOut();
  await browser.signIn(op);
  op.change({ logoutToken: ({ claims }) => Object.assign(claims, { sub: "alice", sid: undefined }) });
  same(await post(await op.logoutToken("app")), [200, ""], "by subject");
  same(await whoIs(browser), 401, "signed out everywhere");
  for (const keep of ["claims", "id_token", "tokens"]) {
    op.mend();
    const own = serverOf(op, { ...config, keep, onSignIn: () => ({ sub: "employee 7", role: "admin" }) });
    op.signOut();
    await own.browser.signIn(op);
    same(await whoIs(own.browser), "employee 7", keep);
    same(await post(await op.logoutToken("app", sidOf(kept))), [200, ""], `${keep}: claims of onSignIn`);
    same(await whoIs(own.browser), 401, `${keep}: signed out`);
  }
  for (const fault of ["logout_token.events", "logout_token.nonce", "logout_token.iat", "logout_token.exp"]) {
    op.mend();
    op.break(fault);
    same(await post(await op.logoutToken("app", sid)), [400, fault], fault);
  }
  op.mend();
  op.change({ answer: (endpoint, reply) => endpoint === "jwks" && Object.assign(reply, { status: 503 }) });
  const { serve: away } = serverOf(op, config);
  const body = new URLSearchParams({ logout_token: await op.logoutToken("app", sid) });
  const failed = await away(new Request(`${home}/backchannel`, { method: "POST", body }));
  same([failed.status, (await failed.json()).error_description], [400, "http.status"], "without keys");
  op.mend();
  const get = async () => fail("the store is down");
  const { serve: broken } = serverOf(op, { ...config, store: { ...store, get } });
  // The provider may try again. Its token is a good one.
  const lost = await broken(new Request(`${home}/backchannel`, { method: "POST", body })).catch(
    ({ message }) => message,
  );
  same(lost, "the store is down", "without the store");
  await throws("argument.store", () => serverOf(op, { paths: { backChannelLogout: "/x" } }));
});

test("store: back-channel logout ends a session that a request is writing", async () => {
  const op = await clocked();
  for (const more of [{ keep: "claims" }, tokens])
    await withClock(seconds, async (clock) => {
      const { store } = createShared();
      const [reached, ended, written] = [signal(), signal(), signal()];
      let isSlow = false;
      const put = async (id, value, life) => {
        if (!isSlow) return store.put(id, value, life);
        if (value === "{}") {
          // The used logout token comes after the sessions' end.
          ended.give();
          await written;
          return store.put(id, value, life);
        }
        reached.give();
        await ended;
        await store.put(id, value, life);
        return written.give();
      };
      const paths = { backChannelLogout: "/backchannel" };
      const { browser, serve } = serverOf(op, { ...more, idle: 600, store: { ...store, put }, paths });
      op.signOut();
      await browser.signIn(op);
      clock.advance(310);
      isSlow = true;
      const page = browser.go("/");
      await reached;
      const body = new URLSearchParams({ logout_token: await op.logoutToken("app") });
      const reply = await serve(new Request(`${home}/backchannel`, { method: "POST", body }));
      same([reply.status, (await page).status], [200, 200], "both");
      isSlow = false;
      same(await whoIs(browser), 401, `signed out: ${more.keep}`);
    });
});

test("store: a used logout token is remembered longer than it can pass", async () => {
  const op = await provider();
  for (const [exp, clockTolerance, least] of [
    [120, 30, 150],
    [120, 900, 1020],
    [undefined, 30, 330],
    [undefined, 900, 1200],
  ]) {
    const { store } = createShared();
    const lives = [];
    const noting = { ...store, put: async (_id, _value, life) => void lives.push(life) };
    const relax = ["logout-without-exp"];
    const { serve } = serverOf(op, {
      store: noting,
      relax,
      clockTolerance,
      paths: { backChannelLogout: "/backchannel" },
    });
    op.change({ logoutToken: ({ claims }) => Object.assign(claims, { exp: exp && claims.iat + exp }) });
    const body = new URLSearchParams({ logout_token: await op.logoutToken("app", "a session") });
    same((await serve(new Request(`${home}/backchannel`, { method: "POST", body }))).status, 200, "accepted");
    ok(lives.length === 1 && lives[0] > least, `${exp}, ${clockTolerance}: ${lives}`);
    op.mend();
  }
});

// ── the proxy ──

test("proxy: the page has only the cookie, the API gets only the token", async () => {
  const op = await clocked({ resources: { [api]: ["read"] } });
  await withClock(seconds, async (clock) => {
    const seen = [];
    const upstream = async (input, init) => {
      if (!`${input}`.startsWith(api)) return op.fetch(input, init);
      const request = new Request(input, init);
      seen.push({
        url: request.url,
        method: request.method,
        body: await request.text(),
        headers: request.headers,
        encoding: new Headers(init.headers).get("accept-encoding"),
        redirect: init.redirect,
      });
      return new Response("hello", {
        status: request.url.endsWith("moved") ? 302 : 200,
        headers: { "set-cookie": "a=b", "access-control-allow-origin": "*", location: `${api}/x`, "x-own": "1" },
      });
    };
    const { login, serve } = serverOf(op, { ...tokens, resource: api, fetch: upstream });
    const browser = createBrowser(home, (request) =>
      new URL(request.url).pathname.startsWith("/api/")
        ? login.proxy(request, api + new URL(request.url).pathname)
        : serve(request),
    );
    same((await browser.call("/api/things")).status, 401, "signed out");
    await browser.signIn(op);
    const reply = await browser.call("/api/things", {
      method: "POST",
      body: "b",
      headers: { "x-mine": "2", "content-type": "text/plain" },
    });
    same([reply.status, reply.text, reply.headers.get("x-own")], [200, "hello", "1"], "answer");
    same([reply.headers.get("set-cookie"), reply.headers.get("access-control-allow-origin")], [null, null], "withheld");
    const [asked] = seen;
    same([asked.url, asked.method, asked.body, asked.redirect], [`${api}/api/things`, "POST", "b", "manual"], "asked");
    same(
      ["cookie", "origin", "sec-fetch-site"].map((name) => asked.headers.get(name)),
      [null, null, null],
      "dropped",
    );
    same(asked.headers.get("x-mine"), "2", "passed on");
    same(asked.encoding, "identity", "the body passes as it is");
    ok(/^Bearer [\w-]+\.[\w-]+\.[\w-]+$/.test(asked.headers.get("authorization")), "token");
    same((await browser.call("/api/moved")).status, 302, "a redirect is not followed");
    same((await browser.call("/api/things", { method: "POST", site: "same-site" })).status, 403, "a sibling");
    same((await browser.call("/api/things", { method: "DELETE", site: "cross-site" })).status, 403, "another site");
    clock.advance(400);
    same((await browser.call("/api/things")).status, 401, "the token has expired");
    await browser.go("/");
    same((await browser.call("/api/things")).status, 200, "a navigation renewed it");
  });
});

test("proxy: without the option fetch, the host's own one asks the provider and the API", async () => {
  const op = await provider({ resources: { [api]: ["read"] } });
  const fetch = async (url, init) => (`${url}`.startsWith(api) ? new Response("hello") : op.fetch(url, init));
  await withGlobals({ fetch }, async () => {
    const { login, serve } = serverOf(op, { ...tokens, resource: api, fetch: undefined });
    const browser = createBrowser(home, (request) =>
      new URL(request.url).pathname === "/api" ? login.proxy(request, api) : serve(request),
    );
    await browser.signIn(op);
    same((await browser.call("/api")).text, "hello", "answer");
  });
});

/** A name, and names that only resemble it. */
const near = (name) => [`a-${name}`, `${name}a`];

test("proxy: an API gets no header of this hop, of this origin or with a secret", async () => {
  const op = await provider();
  const dropped =
    "host origin referer connection keep-alive te trailer transfer-encoding upgrade expect content-length proxy-authorization forwarded x-forwarded-for x-real-ip sec-fetch-site sec-purpose cf-connecting-ip".split(
      " ",
    );
  const seen = [];
  const fetch = async (input, init) => {
    if (!`${input}`.startsWith(api)) return op.fetch(input, init);
    seen.push(Object.fromEntries(new Headers(init.headers)));
    return new Response("hello");
  };
  const { login, browser } = serverOf(op, { ...tokens, fetch });
  await browser.signIn(op);
  const cookie = [...browser.cookies].map(([name, { value }]) => `${name}=${value}`).join("; ");
  const ask = async (names) => {
    const given = Object.fromEntries(names.map((name) => [name, "none"]));
    const headers = { cookie, authorization: "Basic YTpi", "accept-encoding": "gzip", ...given };
    same((await login.proxy(new Request(`${home}/api`, { headers }), api)).status, 200, "status");
    const { authorization, "accept-encoding": encoding, ...passed } = seen.pop();
    ok(/^Bearer /.test(authorization), "the token");
    same(encoding, "identity", "encoding");
    return passed;
  };
  same(await ask(dropped), {}, "dropped");
  // Of these families each longer name is dropped.
  const others = ["cookie", "authorization", ...dropped]
    .flatMap(near)
    .filter((name) => !/^(proxy|x-forwarded|sec|cf)-/.test(name));
  const passed = Object.keys(await ask(others));
  same(
    others.filter((name) => !passed.includes(name)),
    [],
    "names that only resemble them",
  );
});

test("proxy: an API sets no policy of this origin, and no cache keeps its response", async () => {
  const op = await provider();
  const withheld =
    "access-control-allow-credentials connection keep-alive trailer transfer-encoding upgrade proxy-authenticate content-encoding content-length clear-site-data strict-transport-security alt-svc nel report-to service-worker-allowed set-cookie set-cookie2 cdn-cache-control cloudflare-cdn-cache-control surrogate-control".split(
      " ",
    );
  const isLonger = (name) => /^(access-control|proxy)-|cdn-cache-control|surrogate-control/.test(name);
  const passed = ["content-language", "etag", "x-cdn", ...withheld.flatMap(near).filter((name) => !isLonger(name))];
  const values = Object.fromEntries([...withheld, ...passed].map((name) => [name, "none"]));
  const fetch = async (input, init) =>
    `${input}`.startsWith(api)
      ? new Response("hello", { headers: { ...values, "cache-control": "public, max-age=60" } })
      : op.fetch(input, init);
  const { login, serve } = serverOf(op, { ...tokens, fetch });
  const browser = createBrowser(home, (request) =>
    new URL(request.url).pathname === "/api" ? login.proxy(request, api) : serve(request),
  );
  await browser.signIn(op);
  const { status, headers } = await browser.call("/api");
  const names = [...headers.keys()].filter((name) => !["content-type", "cache-control"].includes(name));
  same([status, headers.get("cache-control")], [200, "private, no-store"], "cache");
  same(names.sort(), passed.sort(), "headers");
});

test("proxy: a header that Connection names ends at this hop, in both directions", async () => {
  const op = await provider();
  const given = { connection: "close, X-Hop ,x-last", "x-hop": "1", "x-last": "2", "x-hops": "3" };
  const seen = [];
  const fetch = async (input, init) => {
    if (!`${input}`.startsWith(api)) return op.fetch(input, init);
    seen.push(new Headers(init.headers));
    return new Response("hello", { headers: given });
  };
  const { login, browser } = serverOf(op, { ...tokens, fetch });
  await browser.signIn(op);
  const cookie = [...browser.cookies].map(([name, { value }]) => `${name}=${value}`).join("; ");
  const reply = await login.proxy(new Request(`${home}/api`, { headers: { cookie, ...given } }), api);
  for (const [name, headers] of Object.entries({ request: seen[0], response: reply.headers }))
    same(
      Object.keys(given).map((one) => headers.get(one)),
      [null, null, null, "3"],
      name,
    );
});

test("proxy: a response passes with any reason phrase", async () => {
  const op = await provider();
  let statusText = "";
  const fetch = async (input, init) =>
    `${input}`.startsWith(api)
      ? Object.defineProperty(new Response("hello", { status: 201 }), "statusText", { value: statusText })
      : op.fetch(input, init);
  const { login, serve } = serverOf(op, { ...tokens, fetch });
  const browser = createBrowser(home, (request) =>
    new URL(request.url).pathname === "/api" ? login.proxy(request, api) : serve(request),
  );
  await browser.signIn(op);
  for (statusText of ["Created", "", "作成", "a\r\nb"]) {
    const { status, text } = await browser.call("/api");
    same([status, text], [201, "hello"], statusText);
  }
});

test("proxy: an API that gives no answer loses no renewed token", async () => {
  const op = await clocked();
  await withClock(seconds, async (clock) => {
    let isDown = false;
    const refused = [];
    const fetch = async (input, init) => {
      if (!`${input}`.startsWith(api)) return op.fetch(input, init);
      if (isDown) throw new TypeError("no route to host");
      return new Response("hello");
    };
    const onRefused = ({ code, endpoint, cause }) => refused.push([code, endpoint, cause.message]);
    const { login, serve, again } = serverOf(op, { ...tokens, refresh: "always", grace: 30, fetch, onRefused });
    const via = (login, serve) =>
      createBrowser(home, (request) =>
        new URL(request.url).pathname === "/api" ? login.proxy(request, `${api}/things?a=b`) : serve(request),
      );
    const browser = via(login, serve);
    await browser.signIn(op);
    clock.advance(310);
    isDown = true;
    const reply = await browser.call("/api");
    same([reply.status, reply.text], [502, "The API gave no answer."], "down");
    same(refused, [["http.failed", `${api}/things`, "no route to host"]], "the log");
    same(refreshes(op), 1, "renewed");
    isDown = false;
    clock.advance(310);
    const other = again();
    const later = via(other.login, other.serve);
    for (const [name, cookie] of browser.cookies) later.cookies.set(name, cookie);
    same((await later.call("/api")).text, "hello", "another isolate renews it again");
    await throws("argument.upstream", () => login.proxy(new Request(home), "/things"), "no whole URL");
  });
});

test("proxy: the token is for the resource of the API, and a 401 has the session's cookies", async () => {
  const second = "https://second.example";
  const op = await clocked({ resources: { [api]: ["read"], [second]: ["read"] } });
  await withClock(seconds, async (clock) => {
    const sent = [];
    const fetch = async (input, init) => {
      if (!`${input}`.startsWith(api)) return op.fetch(input, init);
      sent.push(new Headers(init.headers).get("authorization").slice(7));
      return new Response("hello");
    };
    const { login, serve } = serverOf(op, { ...tokens, resource: [api, second], idle: 1_000, fetch });
    const browser = createBrowser(home, (request) => {
      const { pathname } = new URL(request.url);
      if (!pathname.startsWith("/api")) return serve(request);
      return login.proxy(request, api, pathname === "/api" ? {} : { resource: second });
    });
    await browser.signIn(op);
    // A navigation may obtain a token.
    for (const [path, aud] of [
      ["/api", api],
      ["/api/second", second],
    ]) {
      same((await browser.go(path)).status, 200, path);
      same(audOf(sent.at(-1)), aud, `${path}: audience`);
    }
    clock.advance(600);
    const { status, lines } = await browser.call("/api");
    same([status, sent.length, lines.length], [401, 2, 1], "an expired token, and an active session");
    clock.advance(600);
    same((await browser.go("/")).status, 200, "the session continues");
  });
});

if (isFull)
  test("proxy: an API that gives no answer to a proof is down, and not the application's mistake", async () => {
    const op = await provider();
    const { createDpopKey } = await import("oidc-wasm");
    const refused = [];
    const onRefused = ({ code, endpoint }) => refused.push([code, endpoint]);
    let isDown = false;
    const fetch = async (input, init) => {
      const request = new Request(input, init);
      if (!request.url.startsWith(api)) return op.fetch(input, init);
      if (isDown) throw new TypeError("no route to host");
      return new Response(request.headers.get("authorization").slice(0, 5));
    };
    const { login, serve } = serverOf(op, { ...tokens, dpop: await createDpopKey(), fetch, onRefused });
    const browser = createBrowser(home, (request) =>
      new URL(request.url).pathname === "/api" ? login.proxy(request, `${api}/things?a=b`) : serve(request),
    );
    await browser.signIn(op);
    const ask = async () => {
      const { status, text } = await browser.call("/api");
      return [status, text];
    };
    same(await ask(), [200, "DPoP "], "a proof");
    isDown = true;
    same([await ask(), refused], [[502, "The API gave no answer."], [["http.failed", `${api}/things`]]], "down");
  });

test("proxy: if the page leaves, the API's request ends", async () => {
  const op = await provider();
  const left = new AbortController();
  const seen = [];
  const fetch = async (input, init) => {
    if (!`${input}`.startsWith(api)) return op.fetch(input, init);
    left.abort();
    seen.push(init.signal?.aborted);
    return new Response("hello");
  };
  const { login, browser } = serverOf(op, { ...tokens, fetch });
  await browser.signIn(op);
  const cookie = [...browser.cookies].map(([name, { value }]) => `${name}=${value}`).join("; ");
  const request = new Request(`${home}/api`, { headers: { cookie }, signal: left.signal });
  await login.proxy(request, api);
  same(seen, [true], "aborted");
});

test("refresh: a provider that asks to wait gets no request until then, or for an hour", async () => {
  for (const [wish, wait] of /** @type {const} */ ([
    ["50", 50],
    ["3600", 3600],
    ["3601", 3600],
    ["999999999", 3600],
  ])) {
    const op = await clocked();
    await withClock(seconds, async (clock) => {
      let isBusy = true;
      let asked = 0;
      const fetch = async (input, init) => {
        if (!/grant_type=refresh/.test(`${init?.body}`)) return op.fetch(input, init);
        asked++;
        return isBusy ? new Response(null, { status: 503, headers: { "retry-after": wish } }) : op.fetch(input, init);
      };
      const { browser } = serverOf(op, { ...tokens, fetch });
      await browser.signIn(op);
      clock.advance(310);
      for (let times = 0; times < 3; times++) same((await browser.go("/")).status, 200, "the present token");
      same(asked, 1, `${wish}: one request`);
      clock.advance(wait - 1);
      await browser.go("/");
      same(asked, 1, `${wish}: a second before`);
      isBusy = false;
      clock.advance(1);
      same([(await browser.go("/")).status, asked], [200, 2], `${wish}: then`);
      same(refreshes(op), 1, "renewed");
    });
  }
});

test("proxy: sessions without tokens are a configuration mistake", async () => {
  const op = await provider();
  for (const keep of ["claims", "id_token", "tokens"]) {
    const { login, serve } = serverOf(op, { keep, fetch: async (input, init) => op.fetch(input, init) });
    const browser = createBrowser(home, (request) =>
      new URL(request.url).pathname === "/api" ? login.proxy(request, `${issuer}/jwks`) : serve(request),
    );
    same((await browser.call("/api")).status, 401, `${keep}: signed out`);
    await browser.signIn(op);
    if (keep === "tokens") same((await browser.call("/api")).status, 200, keep);
    else await throws("argument.keep", () => browser.call("/api"), keep);
  }
});

test("login: secrets from the environment are read once", async () => {
  const op = await provider();
  let read = 0;
  const login = createLogin((/** @type {any} */ env) => {
    read++;
    return { issuer, clientId: env.CLIENT, cookieSecret: env.SECRET, origins: [home], fetch: op.fetch };
  });
  const serve = login.protect((_request, session, env) => new Response(`${session.claims.sub} ${env.CLIENT}`));
  const browser = createBrowser(home, (request) => serve(request, { CLIENT: "app", SECRET: secret }));
  await browser.signIn(op);
  same((await browser.go("/")).text, "alice app", "page");
  same(read, 1, "read");
});
