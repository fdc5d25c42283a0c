// When the provider's keys are fetched (VERDICTS: fresh 10 min; an unknown kid refetches, then at most once per 30 s; old keys serve 24 h).
import { RelyingParty } from "oidc-wasm";
import { fakeFetch, response, silence } from "./fake.js";
import { ok, outcome, same, test, throws, withClock } from "./harness.js";
import { keys, publicKey, sign } from "./tokens.js";

const start = 1700000000;
const MINUTE = 60;
const HOUR = 60 * MINUTE;

const party = () =>
  new RelyingParty(
    {
      issuer: "https://op.example.com",
      jwks_uri: "https://op.example.com/jwks",
      token_endpoint: "https://op.example.com/token",
    },
    { clientId: "app" },
  );

/** A party, a provider whose key set can change or fail, and tokens that are always fresh. */
async function scene(body) {
  await withClock(start, async (clock) => {
    const scene = {
      clock,
      rp: party(),
      published: ["rsa1"],
      reply: () => ({ body: { keys: scene.published.map((name) => publicKey(name)) } }),
      fetch: fakeFetch(() => scene.reply()),
      fetched: () => scene.fetch.calls.length,
      verify: async (key = "rsa1", options = {}) => {
        const claims = {
          iss: "https://op.example.com",
          sub: "s",
          aud: "app",
          iat: clock.seconds,
          exp: clock.seconds + 60,
        };
        const token = await sign({ header: { alg: "RS256", kid: keys[key].kid }, claims, key });
        return scene.rp.verifyIdToken(token, {}, { fetch: scene.fetch, ...options });
      },
    };
    await body(scene);
  });
}

test("jwks: fetched once, fresh for ten minutes, then fetched again", () =>
  scene(async ({ clock, verify, fetched, fetch }) => {
    await verify();
    same(fetched(), 1, "requests of the first token");
    same(fetch.calls[0].url, "https://op.example.com/jwks");
    await verify();
    clock.advance(10 * MINUTE - 1);
    await verify();
    same(fetched(), 1, "requests within ten minutes");
    clock.advance(2);
    await verify();
    same(fetched(), 2, "requests after ten minutes");
  }));

test("jwks: every party has keys of its own", () =>
  scene(async (it) => {
    await it.verify();
    it.rp = party();
    await it.verify();
    same(it.fetched(), 2);
  }));

test("jwks: a rotation right after the first load is survived, then an unknown kid fetches at most once per 30 s", () =>
  scene(async (it) => {
    await it.verify();
    it.published = ["rsa1", "rsa2"];
    await it.verify("rsa2");
    same(it.fetched(), 2, "the unknown kid fetches at once");
    it.published = ["rsa2"];
    await it.verify("rsa1");
    same(it.fetched(), 2, "a known kid does not");

    it.published = ["rsa1", "rsa2"];
    it.clock.advance(29);
    for (let times = 0; times < 3; times++) await throws("jwks.no_match", () => it.verify("rsa1024"));
    same(it.fetched(), 2, "within 30 s an unknown kid waits");
    it.clock.advance(2);
    for (let times = 0; times < 3; times++) await throws("jwks.no_match", () => it.verify("rsa1024"));
    same(it.fetched(), 3, "after 30 s it fetches, once");
    await it.verify("rsa1");
  }));

test("jwks: an unknown kid at the very first token", () =>
  scene(async (it) => {
    await throws("jwks.no_match", () => it.verify("rsa2"));
    ok(it.fetched() <= 2, `requests: ${it.fetched()}`);
    it.published = ["rsa2"];
    it.clock.advance(31);
    await it.verify("rsa2");
  }));

const failures = {
  "the network fails": () => Promise.reject(new TypeError("the network is down")),
  500: () => ({ status: 500, body: "no" }),
  "503 with a JSON error": () => ({ status: 503, body: { error: "temporarily_unavailable" } }),
  "a page instead of keys": () => ({
    headers: { "content-type": "text/html" },
    body: "<!doctype html><title>Sorry</title>",
  }),
  "an empty body": () => ({ body: "" }),
  "no keys member": () => ({ body: {} }),
  "a redirect": () => ({ status: 302, headers: { location: "https://evil.example/jwks" }, body: "" }),
};
for (const [name, reply] of Object.entries(failures)) {
  test(`jwks: ${name}: the old keys serve until they are 24 h old`, () =>
    scene(async (it) => {
      await it.verify();
      const good = it.reply;
      it.reply = reply;
      for (let hour = 0; hour < 23; hour++) {
        it.clock.advance(HOUR);
        await it.verify();
      }
      ok(it.fetched() > 20, "it was tried again and again");
      it.clock.advance(HOUR - 10);
      await it.verify();
      it.clock.advance(20);
      const { error } = await outcome(() => it.verify());
      ok(error, "older than 24 h they must not serve");
      ok(/^(http|jwks|json)\./.test(error.code), `the failure of the endpoint, not ${error.code}`);
      it.reply = good;
      it.clock.advance(31);
      await it.verify();
    }));
  test(`jwks: ${name} at the first load`, () =>
    scene(async (it) => {
      const good = it.reply;
      it.reply = reply;
      const { error } = await outcome(() => it.verify());
      ok(
        /^(http|jwks|json)\./.test(error?.code) && error.code !== "jwks.no_match",
        `the failure of the endpoint, not ${error?.code}`,
      );
      it.reply = good;
      it.clock.advance(31);
      await it.verify();
    }));
}

test("jwks: a broken and an unknown key beside a good one are skipped", () =>
  scene(async (it) => {
    const set = [
      { kty: "unheard-of", kid: "x" },
      { kty: "RSA", kid: "y", n: "!", e: 5 },
      7,
      publicKey("rsa1"),
      publicKey("p256a"),
    ];
    it.reply = () => response({ headers: { "content-type": "application/jwk-set+json" }, body: { keys: set } });
    await it.verify();
  }));

test("jwks: two calls at once wait for fetches of their own", () =>
  scene(async (it) => {
    const stopper = new AbortController();
    const hanging = fakeFetch((_url, { init }) => silence(init));
    const first = outcome(() => it.verify("rsa1", { fetch: hanging, signal: stopper.signal }));
    while (hanging.calls.length === 0) await new Promise((next) => setTimeout(next, 1));
    await it.verify();
    same([hanging.calls.length, it.fetched()], [1, 1], "requests");
    stopper.abort();
    same((await first).error?.code, "http.aborted", "the first");
    await it.verify();
  }));
