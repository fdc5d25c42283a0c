// How long discover() shares a document: as HTTP caching allows (RFC 9111 §4.2), at most an hour.
import { RelyingParty } from "oidc-wasm";
import { fakeFetch, withGlobals } from "./fake.js";
import { ok, outcome, same, test, throws, withClock } from "./harness.js";

const op = "https://op.example.com";
const client = { clientId: "app" };
const start = 1700000000;
const HOUR = 3600;
const json = { "content-type": "application/json" };
const hour = { "cache-control": "max-age=3600" };

/** A provider, its own fetch and the clock. */
const scene = (body) =>
  withClock(start, async (clock) => {
    const scene = {
      clock,
      headers: hour,
      reply: () => ({ headers: { ...json, ...scene.headers }, body: { issuer: op } }),
      fetch: fakeFetch(() => scene.reply()),
      fetched: () => scene.fetch.calls.length,
      discover: (options = {}, more = {}, issuer = op) =>
        RelyingParty.discover(issuer, { ...client, ...more }, { fetch: scene.fetch, ...options }),
    };
    await body(scene);
  });

const gmt = (seconds) => new Date((start + seconds) * 1000).toUTCString();
/** Headers of a response, and the seconds for which it is shared. @type {[object, number][]} */
const spans = [
  [{ "cache-control": "max-age=60" }, 60],
  [{ "cache-control": "public, Max-Age=60, must-revalidate" }, 60],
  [{ "cache-control": 'max-age="60"' }, 60],
  [{ "cache-control": "private, max-age=60" }, 60],
  [{ "cache-control": "s-maxage=5, max-age=60" }, 60],
  [{ "cache-control": "max-age=60, max-age=30" }, 30],
  [{ "cache-control": "max-age=86400" }, HOUR],
  [{ "cache-control": "max-age=99999999999999999999" }, HOUR],
  [{ "cache-control": "max-age=60", expires: gmt(30) }, 60],
  [{ "cache-control": "max-age=60", age: "20" }, 40],
  [{ "cache-control": "max-age=60", vary: "Accept-Encoding" }, 60],
  [{ expires: gmt(90) }, 90],
  [{ expires: gmt(90), date: gmt(-30) }, 120],
  [{ expires: gmt(2 * HOUR) }, HOUR],
  [{}, 600],
  [{ "cache-control": "public" }, 600],
  [{ age: "100" }, 500],
];
for (const [headers, span] of spans)
  test(`documents: ${JSON.stringify(headers)} is shared for ${span} s`, () =>
    scene(async (it) => {
      it.headers = headers;
      const first = await it.discover();
      it.clock.advance(span - 1);
      const second = await it.discover();
      same([second.provider, it.fetched()], [first.provider, 1], "before");
      ok(second !== first, "a new relying party");
      it.clock.advance(1);
      await it.discover();
      same(it.fetched(), 2, "after");
    }));

for (const headers of [
  { "cache-control": "no-store" },
  { "cache-control": "max-age=60, No-Store" },
  { "cache-control": "no-cache, max-age=60" },
  { "cache-control": 'no-cache="set-cookie", max-age=60' },
  { "cache-control": "max-age=0" },
  { "cache-control": "max-age" },
  { "cache-control": "max-age=-5" },
  { "cache-control": "max-age=1h" },
  { "cache-control": "max-age=60", age: "60" },
  { "cache-control": "max-age=60", age: "old" },
  { "cache-control": "max-age=60", vary: "*" },
  { expires: "0" },
  { expires: "3000" },
  { expires: gmt(-1) },
])
  test(`documents: ${JSON.stringify(headers)} is not shared`, () =>
    scene(async (it) => {
      it.headers = headers;
      await it.discover();
      await it.discover();
      same(it.fetched(), 2);
    }));

test("documents: another issuer, kind, relaxation, expected issuer or fetch gets its own document", () =>
  scene(async (it) => {
    await it.discover();
    const relax = /** @type {const} */ (["content-type"]);
    const others = [
      () => it.discover({}, { relax }),
      () => it.discover({ metadata: "oauth2" }),
      () => it.discover({ expectedIssuer: op }),
      () => it.discover({}, {}, `${op}/`),
      () => it.discover({ fetch: (url, init) => it.fetch(url, init) }),
    ];
    for (const [at, other] of others.entries()) {
      await other();
      same(it.fetched(), at + 2, "fetched");
    }
    for (const other of others.slice(0, -1)) await other();
    await it.discover({}, { clientId: "another" });
    await it.discover({}, {}, /** @type {any} */ ({ toJSON: () => op }));
    same(it.fetched(), others.length + 1, "all of them are shared, by any client");
  }));

test("documents: a failed fetch or a rejected document is never shared", () =>
  scene(async (it) => {
    const good = it.reply;
    /** @type {[string, () => any][]} */
    const bad = [
      ["http.failed", () => Promise.reject(new TypeError("the network is down"))],
      ["http.status", () => ({ status: 503, headers: { ...json, ...hour }, body: "{}" })],
      ["json.syntax", () => ({ headers: { ...json, ...hour }, body: "{" })],
      ["discovery.issuer", () => ({ headers: { ...json, ...hour }, body: { issuer: "https://evil.example" } })],
      ["discovery.content_type", () => ({ headers: { ...hour, "content-type": "text/html" }, body: { issuer: op } })],
    ];
    for (const [code, reply] of bad) {
      it.reply = reply;
      await throws(code, () => it.discover());
    }
    it.reply = good;
    await it.discover();
    same(it.fetched(), bad.length + 1, "fetched each time");
    it.reply = bad[0][1];
    await it.discover();
    it.clock.advance(HOUR);
    await throws("http.failed", () => it.discover(), "the old document has expired");
  }));

test("documents: the argument and the signal are checked also with a cached document", () =>
  scene(async (it) => {
    await it.discover();
    await throws("argument.clientId", () => it.discover({}, { clientId: "" }));
    await throws("argument.relax", () => it.discover({}, { relax: /** @type {any} */ (["everything"]) }));
    await throws("http.aborted", () => it.discover({ signal: AbortSignal.abort() }));
    const messages = [];
    await it.discover({ onMessage: (message) => messages.push(message) });
    same([it.fetched(), messages], [1, []], "no request and no event");
  }));

test("documents: after the clock was set back, their age is unknown", () =>
  scene(async (it) => {
    await it.discover();
    it.clock.advance(-1);
    await it.discover();
    same(it.fetched(), 2);
  }));

test("documents: 32 are kept, the least recently used go first; none above 64 KiB is kept", () =>
  scene(async (it) => {
    const of = (at) => `${op}/${at}`;
    const fetch = fakeFetch((url) => ({
      headers: { ...json, ...hour },
      body: { issuer: url.replace("/.well-known/openid-configuration", "") },
    }));
    const discover = (at) => it.discover({ fetch }, {}, of(at));
    for (let at = 0; at < 32; at++) await discover(at);
    await discover(0);
    await discover(32);
    same(fetch.calls.length, 33, "fetched");
    await discover(0);
    same(fetch.calls.length, 33, "used last");
    await discover(1);
    same(fetch.calls.length, 34, "least recently used");

    it.reply = () => ({ headers: { ...json, ...hour }, body: { issuer: op, x: "x".repeat(1 << 16) } });
    await it.discover();
    await it.discover();
    same(it.fetched(), 2, "a large one");
  }));

test("documents: a caller's changes do not reach other callers", () =>
  scene(async (it) => {
    const { provider } = await it.discover();
    provider.issuer = "https://evil.example";
    same((await it.discover()).provider, { issuer: op });
  }));

test("documents: the default fetch shares like any other, and its replacement does not", () =>
  scene(async (it) => {
    const discover = () => RelyingParty.discover(op, client);
    await withGlobals({ fetch: it.fetch }, async () => {
      await discover();
      await discover();
    });
    same(it.fetched(), 1);
    const down = fakeFetch(() => Promise.reject(new TypeError("the network is down")));
    await withGlobals({ fetch: down }, async () => same((await outcome(discover)).error?.code, "http.failed"));
  }));
