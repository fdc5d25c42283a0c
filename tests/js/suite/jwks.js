// When the package fetches the provider's keys. It caches them for 10 minutes. An unknown kid or a wrong signature refetches, at most
// every 30 s. If the endpoint fails, it uses cached keys for 24 hours. Concurrent calls share one fetch.
import { RelyingParty } from "oidc-wasm";
import { asWorker, counting, fakeFetch, response, signal, silence, withoutWorker } from "./fake.js";
import { ok, outcome, same, test, throws, withClock } from "./harness.js";
import { base64url, flipped, fromBase64url, keys, publicKey, sign } from "./tokens.js";

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

/** A relying party, a provider whose key set can change or fail, and fresh tokens. */
async function scene(body) {
  await withClock(start, async (clock) => {
    const scene = {
      clock,
      rp: party(),
      published: ["rsa1"],
      reply: () => ({ body: { keys: scene.published.map((name) => publicKey(name)) } }),
      fetch: fakeFetch(() => scene.reply()),
      fetched: () => scene.fetch.calls.length,
      token: (key) => {
        const claims = {
          iss: "https://op.example.com",
          sub: "s",
          aud: "app",
          iat: clock.seconds,
          exp: clock.seconds + 60,
        };
        return sign({ header: { alg: "RS256", kid: keys[key].kid }, claims, key });
      },
      verify: async (key = "rsa1", options = {}) => {
        const token = await scene.token(key);
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

test("jwks: every relying party has its own keys", () =>
  scene(async (it) => {
    await it.verify();
    it.rp = party();
    await it.verify();
    same(it.fetched(), 2);
  }));

test("jwks: a rotation right after the first load works, then an unknown kid fetches at most once per 30 s", () =>
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

/** The endpoint's behaviour, and the expected code. */
/** @type {Record<string, [string, () => any]>} */
const failures = {
  "the network fails": ["http.failed", () => Promise.reject(new TypeError("the network is down"))],
  500: ["http.status", () => ({ status: 500, body: "no" })],
  "503 with a JSON error": ["http.status", () => ({ status: 503, body: { error: "temporarily_unavailable" } })],
  "a page instead of keys": [
    "json.syntax",
    () => ({ headers: { "content-type": "text/html" }, body: "<!doctype html><title>Sorry</title>" }),
  ],
  "an empty body": ["json.syntax", () => ({ body: "" })],
  "no keys member": ["jwks.malformed", () => ({ body: {} })],
  "a redirect": ["http.status", () => ({ status: 302, headers: { location: "https://evil.example/jwks" }, body: "" })],
};
for (const [name, [code, reply]] of Object.entries(failures)) {
  test(`jwks: ${name}: the old keys serve until they are 24 h old`, () =>
    scene(async (it) => {
      await it.verify();
      const good = it.reply;
      it.reply = reply;
      for (let hour = 0; hour < 23; hour++) {
        it.clock.advance(HOUR);
        await it.verify();
      }
      ok(it.fetched() > 20, "many attempts");
      it.clock.advance(HOUR - 10);
      await it.verify();
      it.clock.advance(20);
      await throws(code, () => it.verify(), "keys older than 24 h must fail");
      it.reply = good;
      it.clock.advance(31);
      await it.verify();
    }));
  test(`jwks: ${name} at the first load`, () =>
    scene(async (it) => {
      const good = it.reply;
      it.reply = reply;
      await throws(code, () => it.verify());
      it.reply = good;
      it.clock.advance(31);
      await it.verify();
    }));
}

test("jwks: an unknown kid and an endpoint that fails", () =>
  scene(async (it) => {
    await it.verify();
    it.clock.advance(11 * MINUTE);
    it.reply = failures[500][1];
    const codes = new Set();
    for (let times = 0; times < 20; times++) codes.add((await outcome(() => it.verify("rsa1024"))).error?.code);
    same([...codes], ["http.status"], "calls with a fetch, and calls without");
    ok(it.fetched() <= 3, `requests: ${it.fetched()}`);
    await it.verify();
  }));

test("jwks: in a Worker, a slow answer does not restore a key that a later answer withdrew", () =>
  asWorker((worker) =>
    scene(async (it) => {
      const [called, answered] = [signal(), signal()];
      const old = { keys: [publicKey("rsa1")] };
      const slow = it.verify("rsa1", {
        fetch: async () => {
          called.give();
          await answered;
          return new Response(JSON.stringify(old), { headers: { "content-type": "application/json" } });
        },
      });
      await called;
      it.clock.advance(11);
      worker.advance(11);
      it.published = ["rsa2"];
      await it.verify("rsa2");
      answered.give();
      await throws("jwks.no_match", () => slow);
      await it.verify("rsa2");
    }),
  ));

test("jwks: a caller's mistake does not count as a failure of the endpoint", () =>
  scene(async (it) => {
    await it.verify();
    it.clock.advance(11 * MINUTE);
    const token = await sign({ header: { alg: "RS256", kid: keys.rsa1.kid }, claims: {}, key: "rsa1" });
    await throws("argument.nonce", () => it.rp.verifyIdToken(token, { nonce: 5 }, { fetch: it.fetch }));
    same(it.fetched(), 1, "no request");
    await it.verify();
    same(it.fetched(), 2, "the next call fetches");
  }));

test("jwks: a caller's mistake is reported before the signature, with and without cached keys", () =>
  scene(async (it) => {
    const header = { alg: "RS256", kid: keys.rsa1.kid };
    const forged = await sign({ header, claims: {}, key: "rsa2" });
    const verify = (expected) => it.rp.verifyIdToken(forged, expected, { fetch: it.fetch });
    await throws("argument.nonce", () => verify({ nonce: 5 }));
    await throws("jws.signature", () => verify({}));
    await throws("argument.nonce", () => verify({ nonce: 5 }));
  }));

test("jwks: a login uses one time, even if the clock runs fast", () =>
  scene(async (it) => {
    const header = { alg: "RS256", kid: keys.rsa1.kid };
    const about = { iss: "https://op.example.com", sub: "s", aud: "app", iat: start, exp: start + HOUR };
    const refused = [];
    for (let tenths = 0; tenths < 60; tenths++) {
      const token = await sign({ header, claims: { ...about, nbf: start + 30 + tenths / 10 }, key: "rsa1" });
      const tokens = { access_token: "at", token_type: "Bearer", id_token: token };
      const fetch = fakeFetch((url) => (url.endsWith("/token") ? { body: tokens } : it.reply()));
      const { now } = Date;
      let milliseconds = start * 1000;
      Date.now = () => {
        milliseconds += 200;
        return milliseconds;
      };
      const { value, error } = await outcome(() => it.rp.refresh("refresh-token", { fetch })).finally(() => {
        Date.now = now;
      });
      refused.push(error?.code);
      ok(error || value.report.valid, `nbf ${tenths / 10} s ahead of the tolerance: claims beside a report that fails`);
    }
    same([...new Set(refused)].join(), ",id_token.nbf", "good at first, then not yet valid");
  }));

test("jwks: a clock that was set back", () =>
  scene(async (it) => {
    it.clock.advance(30 * 24 * HOUR);
    await it.verify();
    it.clock.advance(-30 * 24 * HOUR);
    await it.verify();
    same(it.fetched(), 2);
  }));

test("jwks: a clock that was set back, and then a rotation", () =>
  scene(async (it) => {
    it.clock.advance(HOUR);
    await it.verify();
    it.clock.advance(-HOUR);
    await it.verify();
    it.published = ["rsa2"];
    it.clock.advance(MINUTE);
    await it.verify("rsa2");
    await throws("jwks.no_match", () => it.verify("rsa1"));
  }));

test("jwks: an aborted call does not stop another fetch for a new key", () =>
  scene(async (it) => {
    await it.verify();
    it.published = ["rsa1", "rsa2"];
    const stopper = new AbortController();
    const fetch = () => {
      stopper.abort();
      return it.fetch();
    };
    const { error } = await outcome(() => it.verify("rsa2", { fetch, signal: stopper.signal }));
    same(error?.code, "http.aborted");
    await it.verify("rsa2");
  }));

test("jwks: an aborted verification leaves no token for a report", () =>
  scene(async (it) => {
    await it.verify();
    it.clock.advance(11 * MINUTE);
    const signal = AbortSignal.abort();
    await throws("http.aborted", () => it.verify("rsa1", { signal }));
    const { valid, signature, checks } = it.rp.checkIdToken("");
    same([valid, signature, checks[0].rule, checks[0].verdict], [false, "unchecked", "jws.malformed", "fail"]);
  }));

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
    same(it.fetched(), 1, "fetches");
  }));

const all = (calls) => Promise.all(Array.from({ length: 50 }, calls));

test("jwks: one fetch for fifty calls at once, the first ones and those after ten minutes", () =>
  scene(async (it) => {
    await all(() => it.verify());
    same(it.fetched(), 1, "at first");
    it.clock.advance(10 * MINUTE + 1);
    await all(() => it.verify());
    same(it.fetched(), 2, "after ten minutes");
  }));

test("jwks: one fetch for fifty tokens at once after a rotation, and no valid token fails", () =>
  scene(async (it) => {
    await it.verify();
    it.published = ["rsa1", "rsa2"];
    await all(() => it.verify("rsa2"));
    same(it.fetched(), 2, "requests");
  }));

test("jwks: one fetch for fifty tokens at once with an unknown kid", () =>
  scene(async (it) => {
    await it.verify();
    const codes = await all(async () => (await outcome(() => it.verify("rsa2"))).error?.code);
    same([[...new Set(codes)].join(), it.fetched()], ["jwks.no_match", 2]);
  }));

test("jwks: if the one fetch fails, each waiting call gets its own error", () =>
  scene(async (it) => {
    const good = it.reply;
    const late = async () => {
      await new Promise((next) => setTimeout(next, 300));
      return failures[500][1]();
    };
    const codesOf = async (token) => {
      const verify = () => it.rp.verifyIdToken(token, {}, { fetch: it.fetch });
      const errors = await all(async () => (await outcome(verify)).error);
      same(new Set(errors).size, errors.length, "errors");
      return [
        ...new Set(errors.map(({ code, status, message }) => `${code} ${status} ${message.includes("500")}`)),
      ].join();
    };
    const [known, unknown] = [await it.token("rsa1"), await it.token("rsa2")];
    it.reply = late;
    same([await codesOf(known), it.fetched()], ["http.status 500 true", 1]);
    it.reply = good;
    it.clock.advance(1);
    await it.verify();
    it.reply = late;
    same([await codesOf(unknown), it.fetched()], ["http.status 500 true", 3], "an unknown kid");
  }));

test("jwks: without keys, a failing endpoint is tried again after 1, 2, 4, 8, 16 and 30 s", () =>
  scene(async (it) => {
    const good = it.reply;
    const fails = async (requests) => {
      for (let times = 0; times < 3; times++) await throws("http.status", () => it.verify());
      same(it.fetched(), requests, `requests after ${it.clock.seconds - start} s`);
    };
    it.reply = failures[500][1];
    await fails(1);
    let requests = 1;
    for (const pause of [1, 2, 4, 8, 16, 30, 30]) {
      it.clock.advance(pause - 0.001);
      await fails(requests);
      it.clock.advance(0.001);
      await fails(++requests);
    }
    it.reply = good;
    it.clock.advance(30);
    await it.verify();
    it.clock.advance(25 * HOUR);
    it.reply = failures[500][1];
    await fails(requests + 2);
    it.clock.advance(1);
    await fails(requests + 3);
  }));

/** @type {Record<string, unknown[]>} */
const unsound = {
  "an empty set": [],
  "a set of empty keys": [{}, {}],
  "an RSA key without its numbers": [{ kty: "RSA", kid: "rsa1" }],
  "a key whose numbers are no base64url": [{ kty: "EC", crv: "P-256", x: "!", y: "?" }],
  "a key of no kind": [{ kid: "rsa1", n: "AQAB", e: "AQAB" }],
  "no objects": [null, 5, "key", []],
};
for (const [name, set] of Object.entries(unsound))
  test(`jwks: ${name} is a failed fetch: the cached keys stay`, () =>
    scene(async (it) => {
      it.reply = () => ({ body: { keys: set } });
      await throws("jwks.no_match", () => it.verify());
      it.reply = () => ({ body: { keys: [publicKey("rsa1")] } });
      it.clock.advance(1);
      await it.verify();
      const here = it.rp.exportKeys();
      it.reply = () => ({ body: { keys: set } });
      await throws("jwks.no_match", () => it.verify("rsa2"));
      it.clock.advance(11 * MINUTE);
      await it.verify();
      same(it.rp.exportKeys(), here);
    }));

/** @type {Record<string, object>} */
const unusable = {
  "a key for encryption": { kty: "RSA", use: "enc", n: publicKey("rsa2").n, e: "AQAB" },
  "an unsupported curve": { kty: "EC", crv: "secp256k1", x: "AQAB", y: "AQAB" },
  "an unsupported key type": { kty: "AKP", alg: "ML-DSA-44", pub: "AQAB" },
};
for (const [name, key] of Object.entries(unusable))
  test(`jwks: a set of ${name} replaces the previous set`, () =>
    scene(async (it) => {
      await it.verify();
      it.reply = () => ({ body: { keys: [key] } });
      await throws("jwks.no_match", () => it.verify("rsa2"));
      await throws("jwks.no_match", () => it.verify());
    }));

/** A restarted provider: another key has the name of the first. */
const restarted = (name = "rsa2") => ({ body: { keys: [{ ...publicKey(name), kid: keys.rsa1.kid }] } });
const named = (key, claims = {}) =>
  sign({
    header: { alg: "RS256", kid: keys.rsa1.kid },
    claims: { iss: "https://op.example.com", sub: "s", aud: "app", iat: start, exp: start + HOUR, ...claims },
    key,
  });

test("jwks: another key of the same name: one more fetch, and the token is good", () =>
  scene(async (it) => {
    await it.verify();
    it.reply = () => restarted();
    const token = await named("rsa2");
    const verify = () => it.rp.verifyIdToken(token, {}, { fetch: it.fetch });
    same((await verify()).sub, "s");
    await verify();
    same(it.fetched(), 2, "requests");
    // This token's key is no longer in the set.
    await throws("jws.signature", () => it.verify());
  }));

test("jwks: another key of the same name and of another length: one more fetch, and the token is good", () =>
  scene(async (it) => {
    const modulus = fromBase64url(keys.rsa1.n);
    const longer = publicKey("rsa1", { n: base64url([...modulus, ...modulus]) });
    it.reply = () => ({ body: { keys: [longer] } });
    await throws("jws.signature", () => it.verify());
    it.reply = () => ({ body: { keys: [publicKey("rsa1")] } });
    await it.verify();
    same(it.fetched(), 2, "requests");
  }));

test("jwks: fifty tokens by another key of the same name: one fetch", () =>
  scene(async (it) => {
    await it.verify();
    it.reply = async () => {
      await new Promise((next) => setTimeout(next, 100));
      return restarted();
    };
    const token = await named("rsa2");
    await all(() => it.rp.verifyIdToken(token, {}, { fetch: it.fetch }));
    same(it.fetched(), 2, "requests");
  }));

test("jwks: keys that arrive while the host verifies count for that token, without another fetch", () =>
  scene(async (it) => {
    await it.verify();
    it.clock.advance(1);
    const { rp } = it;
    it.rp = party();
    it.reply = () => restarted();
    await it.rp.verifyIdToken(await named("rsa2"), {}, { fetch: it.fetch });
    const newer = it.rp.exportKeys();
    const good = await named("rsa2");
    for (const [token, expected] of [
      [good, "s"],
      [flipped(good), "jws.signature"],
    ]) {
      const own = party();
      own.importKeys(rp.exportKeys());
      const slow = outcome(() => own.verifyIdToken(token, {}, { fetch: it.fetch }));
      own.importKeys(newer);
      const { value, error } = await slow;
      same([value?.sub ?? error.code, it.fetched()], [expected, 2], expected);
    }
  }));

test("jwks: forged signatures fetch at most once per 30 s, apart from unknown kids", () =>
  scene(async (it) => {
    await it.verify();
    const forged = await named("rsa2");
    const verify = () => it.rp.verifyIdToken(forged, {}, { fetch: it.fetch });
    for (let times = 0; times < 5; times++) await throws("jws.signature", verify);
    same(it.fetched(), 2, "requests of forged signatures");
    for (let times = 0; times < 5; times++) await throws("jwks.no_match", () => it.verify("rsa2"));
    same(it.fetched(), 3, "and of unknown kids");
    it.clock.advance(31);
    await throws("jws.signature", verify);
    same(it.fetched(), 4, "requests after 30 s");
    await it.verify();
  }));

test("jwks: a forged signature stays jws.signature, with any result of the next fetch", () =>
  scene(async (it) => {
    await it.verify();
    const forged = await named("rsa2");
    for (const reply of [
      failures[500][1],
      failures["the network fails"][1],
      failures["no keys member"][1],
      () => ({ body: { keys: [publicKey("p256a")] } }),
    ]) {
      it.reply = reply;
      await throws("jws.signature", () => it.rp.verifyIdToken(forged, {}, { fetch: it.fetch }));
      it.clock.advance(31);
    }
    it.rp = party();
    it.reply = () => ({ body: { keys: [publicKey("rsa1")] } });
    await it.verify();
    const stopper = new AbortController();
    const fetch = () => {
      stopper.abort();
      return it.fetch();
    };
    await throws("jws.signature", () => it.rp.verifyIdToken(forged, {}, { fetch, signal: stopper.signal }), "given up");
  }));

test("jwks: keys fetched for a token are not fetched again for its forged signature", () =>
  scene(async (it) => {
    const forged = await named("rsa2");
    await throws("jws.signature", () => it.rp.verifyIdToken(forged, {}, { fetch: it.fetch }));
    same(it.fetched(), 1, "requests");
  }));

test("jwks: cached keys are used while a new fetch runs", () =>
  scene(async (it) => {
    await it.verify();
    it.clock.advance(11 * MINUTE);
    const [called, answered] = [signal(), signal()];
    const slow = it.verify("rsa1", {
      fetch: async () => {
        called.give();
        await answered;
        return it.fetch();
      },
    });
    await called;
    await all(() => it.verify());
    same(it.fetched(), 1, "requests of the others");
    answered.give();
    await slow;
  }));

test("jwks: in a Worker, a request with a slow fetch delays others for at most 10 s", () =>
  asWorker((worker) =>
    scene(async (it) => {
      const stopper = new AbortController();
      const hanging = fakeFetch((_url, { init }) => silence(init));
      const first = outcome(() => it.verify("rsa1", { fetch: hanging, signal: stopper.signal }));
      while (hanging.calls.length === 0) await new Promise((next) => setTimeout(next, 1));
      const givenUp = await outcome(() => it.verify("rsa1", { signal: AbortSignal.timeout(50) }));
      same([givenUp.error?.code, it.fetched()], ["http.aborted", 0], "a call aborted while it waits");
      const others = all(() => it.verify());
      worker.advance(9);
      await new Promise((next) => setTimeout(next, 100));
      same(it.fetched(), 0, "requests within 10 s");
      worker.advance(1);
      await others;
      same([hanging.calls.length, it.fetched()], [1, 1], "requests after 10 s");
      stopper.abort();
      same((await first).error?.code, "http.aborted", "the first");
      await it.verify();
    }),
  ));

test("jwks: in a Worker, one fetch for fifty requests, and an aborted one passes its turn to the next", () =>
  asWorker(() =>
    scene(async (it) => {
      const stopper = new AbortController();
      const hanging = fakeFetch((_url, { init }) => silence(init));
      const first = outcome(() => it.verify("rsa1", { fetch: hanging, signal: stopper.signal }));
      while (hanging.calls.length === 0) await new Promise((next) => setTimeout(next, 1));
      const others = all(() => it.verify());
      stopper.abort();
      same((await first).error?.code, "http.aborted", "the first");
      await others;
      same(it.fetched(), 1, "requests of the others");
    }),
  ));

test("jwks: outside a Worker one fetch serves all calls, and continues if the first call is aborted", () =>
  withoutWorker(() =>
    scene(async (it) => {
      const [called, answered] = [signal(), signal()];
      const slow = fakeFetch(async () => {
        called.give();
        await answered;
        return it.reply();
      });
      const stopper = new AbortController();
      const token = await it.token("rsa1");
      const verify = (options = {}) => outcome(() => it.rp.verifyIdToken(token, {}, { fetch: it.fetch, ...options }));
      const first = verify({ fetch: slow, signal: stopper.signal });
      await called;
      const others = all(() => verify());
      const givenUp = await verify({ signal: AbortSignal.timeout(20) });
      same(givenUp.error?.code, "http.aborted", "a call aborted while it waits");
      stopper.abort();
      same((await first).error?.code, "http.aborted", "the first");
      answered.give();
      same([...new Set((await others).map(({ error }) => error?.code))], [undefined], "the others");
      same([slow.calls.length, it.fetched()], [1, 0], "requests");
    }),
  ));

test("jwks: outside a Worker a fetch without waiting calls is aborted, and the next call starts again", () =>
  withoutWorker(() =>
    scene(async (it) => {
      const called = signal();
      const hanging = fakeFetch((_url, { init }) => {
        called.give();
        return silence(init);
      });
      const stoppers = [new AbortController(), new AbortController()];
      const token = await it.token("rsa1");
      const given = stoppers.map(({ signal }) =>
        outcome(() => it.rp.verifyIdToken(token, {}, { fetch: hanging, signal })),
      );
      await called;
      const sent = hanging.calls[0].init.signal;
      for (const [at, stopper] of stoppers.entries()) {
        same(sent.aborted, false, "while a call waits");
        stopper.abort();
        await given[at];
      }
      same(sent.aborted, true, "without a waiting call");
      same(
        (await Promise.all(given)).map(({ error }) => error?.code),
        ["http.aborted", "http.aborted"],
      );
      await it.verify();
      same([hanging.calls.length, it.fetched()], [1, 1], "requests");
    }),
  ));

test("jwks: outside a Worker, calls with and without a signal that wait for the same fetch and need another share one", () =>
  withoutWorker(() =>
    scene(async (it) => {
      await it.verify();
      const answered = signal();
      it.reply = async () => {
        await answered;
        return { body: { keys: [publicKey("rsa1")] } };
      };
      const [forged, unknown] = [await named("rsa2"), await it.token("rsa2")];
      const stopper = new AbortController();
      const calls = [];
      await counting("verify", async (_count, done) => {
        for (const [token, verified, options] of /** @type {[string, number, object?][]} */ ([
          [forged, 1],
          [unknown, 1],
          [forged, 2],
          [unknown, 2, { signal: stopper.signal }],
        ])) {
          calls.push(outcome(() => it.rp.verifyIdToken(token, {}, { fetch: it.fetch, ...options })));
          // The host verifies the forged token, and then its call waits too.
          await done(verified);
        }
      });
      // Calls that wait for each other would let no timer run.
      const { now } = Date;
      let looks = 0;
      Date.now = () => {
        if (looks++ > 1000) throw new Error("endless");
        return now();
      };
      answered.give();
      const codes = (
        await Promise.all(calls).finally(() => {
          Date.now = now;
        })
      ).map(({ error }) => error?.code);
      same(codes, ["jws.signature", "jwks.no_match", "jws.signature", "jwks.no_match"]);
      same(it.fetched(), 3, "requests: for the signatures, and for the names");
    }),
  ));

// ── keys beyond an instance: exportKeys and importKeys ──

/** The scene's keys after its first token, and another instance. */
const keptKeys = (body) =>
  scene(async (it) => {
    same(it.rp.exportKeys(), undefined, "before the first fetch");
    await it.verify();
    const kept = it.rp.exportKeys();
    same(typeof kept, "string", "kind of value");
    it.rp = party();
    await body(it, kept);
  });

test("kept keys: another instance needs no fetch, until the keys are ten minutes old", () =>
  keptKeys(async ({ clock, rp, verify, fetched }, kept) => {
    clock.advance(8 * MINUTE);
    rp.importKeys(kept);
    await verify();
    same(fetched(), 1, "requests");
    same(rp.exportKeys(), kept, "kept again, with their age");
    clock.advance(2 * MINUTE + 1);
    await verify();
    same(fetched(), 2, "requests after ten minutes");
    ok(rp.exportKeys() !== kept, "the fetched keys are newer");
  }));

test("kept keys: an unknown kid fetches at once", () =>
  keptKeys(async (it, kept) => {
    it.rp.importKeys(kept);
    it.published = ["rsa1", "rsa2"];
    await it.verify("rsa2");
    same(it.fetched(), 2);
  }));

test("kept keys: if the endpoint fails, they are used until they are 24 h old", () =>
  keptKeys(async (it, kept) => {
    it.reply = () => ({ status: 503, body: "" });
    it.clock.advance(24 * HOUR - 1);
    it.rp.importKeys(kept);
    await it.verify();
    it.clock.advance(2);
    it.rp = party();
    it.rp.importKeys(kept);
    await throws("http.status", () => it.verify(), "keys older than 24 h must fail");
  }));

test("kept keys: older ones than the cached keys are ignored", () =>
  keptKeys(async (it, kept) => {
    it.published = ["rsa2"];
    it.clock.advance(MINUTE);
    await it.verify("rsa2");
    const newer = it.rp.exportKeys();
    it.rp.importKeys(kept);
    same(it.rp.exportKeys(), newer);
    await it.verify("rsa2");
    await throws("jwks.no_match", () => it.verify("rsa1"));
  }));

test("kept keys: a time in the future counts as now", () =>
  keptKeys(async (it, kept) => {
    it.rp.importKeys(kept.replace(/^\d+/, "99999999999999"));
    await it.verify();
    it.clock.advance(10 * MINUTE + 1);
    await it.verify();
    same(it.fetched(), 2);
  }));

test("kept keys: another provider's keys are rejected", () =>
  keptKeys(async (it, kept) => {
    const other = new RelyingParty(
      { issuer: "https://other.example.com", jwks_uri: "https://other.example.com/jwks" },
      { clientId: "app" },
    );
    await throws("argument.keys", () => other.importKeys(kept));
    same(other.exportKeys(), undefined);
    const none = new RelyingParty({ issuer: "https://op.example.com" }, { clientId: "app" });
    await throws("argument.keys", () => none.importKeys(kept));
    it.rp.importKeys(kept);
  }));

/** @type {Record<string, [string, (kept: string) => string]>} */
const damages = {
  "cut short": ["json.syntax", (kept) => kept.slice(0, -1)],
  "no set": ["json.syntax", (kept) => kept.replace(/\{.*/s, "")],
  "another document": ["jwks.malformed", (kept) => kept.replace(/\{.*/s, "{}")],
  "more than a mebibyte": ["json.too_large", (kept) => kept.replace("{", `{"x":"${"x".repeat(1 << 20)}",`)],
};
for (const [name, [code, damage]] of Object.entries(damages)) {
  test(`kept keys: ${name}: rejected, and the cached keys stay`, () =>
    keptKeys(async (it, kept) => {
      await it.verify();
      const here = it.rp.exportKeys();
      it.clock.advance(1);
      await throws(code, () => it.rp.importKeys(damage(kept).replace(/^\d+/, `${Date.now()}`)));
      same(it.rp.exportKeys(), here, "the cached keys");
      await it.verify();
    }));
}
