// Run with --expose-gc, a module's file and a scenario: the name of a call that traps, or of a function below. An error
// ends it with a message.
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { compact } from "../../support/provider/jws.js";
import vectors from "../vectors.js";
import { metadataOf } from "./metadata.mjs";

/** The exports of the newest instance, and the calls in which later instances must trap. */
let newest;
let instances = 0;
const next = [];
WebAssembly.Instance = class extends WebAssembly.Instance {
  constructor(module, imports) {
    super(module, imports);
    if (!this.exports.place) return;
    newest = this.exports;
    instances++;
    const number = next.shift();
    if (number !== undefined) newest.trap.value = number;
  }
};
const {
  default: init,
  codeChallenge,
  createPkce,
  downscope,
  OidcError,
  parseChallenges,
  RelyingParty,
} = await import("oidc-wasm");
const [, , module, scenario] = process.argv;
const { calls, AFTER, EXPORTS } = JSON.parse(readFileSync("calls.json", "utf8"));
await init(new WebAssembly.Module(readFileSync(module)));

// ── what is expected ──

function expect(value, what) {
  if (!value) throw new Error(what);
}

/** The error of a call that must fail. */
async function failure(call) {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error(`no error of ${call}`);
}

/** This call fails with `internal` and its cause. */
async function trapped(call, Cause = WebAssembly.RuntimeError) {
  const error = await failure(call);
  expect(error instanceof OidcError && error.code === "internal", `expected internal, got ${error.stack}`);
  expect(error.cause instanceof Cause, `expected a ${Cause.name} as cause, got ${error.cause}`);
}

// ── two clients in one module ──

const keys = vectors["keys.json"];
const jwk = ({ kty, crv, x, y, kid }) => ({ kty, crv, x, y, kid, alg: "ES256" });
const json = { "content-type": "application/json" };
const challenge = { "www-authenticate": 'Basic realm="x"' };

/** A client with its own provider and key. It counts its requests. */
async function makeClient(name, key) {
  const issuer = `https://${name}.example`;
  const metadata = metadataOf(issuer);
  const config = {
    clientId: `client-of-${name}`,
    redirectUri: `https://app.example/${name}`,
    auth: {
      method: /** @type {const} */ ("client_secret_jwt"),
      secret: `the secret of ${name}, of more than thirty-two bytes`,
    },
  };
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer, sub: name, aud: config.clientId, iat: now, exp: now + 600 };
  const signed = (claims) => compact({ alg: "ES256", kid: keys[key].kid }, claims, keys[key]);
  const idToken = await signed(claims);
  // Its claims wait for the signature.
  const largeToken = await signed({ ...claims, note: "x".repeat(8192) });
  const badSignature = `${idToken.slice(0, -8)}AAAAAAAA`;
  const fetched = { keys: 0 };
  const fetch = async (url) => {
    const { pathname } = new URL(url);
    if (pathname === "/jwks") fetched.keys++;
    const body = {
      "/jwks": { keys: [jwk(keys[key])] },
      "/me": { sub: name },
      "/introspect": { active: true, client_id: config.clientId },
      "/token": { access_token: `at of ${name}`, token_type: "Bearer", id_token: idToken },
      "/revoke": {},
      "/.well-known/openid-configuration": metadata,
    }[pathname];
    return new Response(JSON.stringify(body), { headers: json });
  };
  const rp = new RelyingParty(metadata, config);
  const client = { name, issuer, metadata, config, rp, idToken, largeToken, badSignature, fetch, fetched };
  await rp.verifyIdToken(idToken, {}, { fetch });
  return client;
}

/** Checks that a client uses its own configuration and its own keys, and does not fetch the keys again. */
async function answers({ name, issuer, config, rp, idToken, badSignature, fetch, fetched }) {
  const before = fetched.keys;
  const { url, state, transaction } = rp.authorizationRequest();
  expect(url.startsWith(`${issuer}/authorize?`), `${name} sends to ${url}`);
  expect(new URL(url).searchParams.get("client_id") === config.clientId, `${name} is another client: ${url}`);
  const back = `${config.redirectUri}?code=the-code&state=${state}`;
  expect(rp.authorizationResponse(back, transaction).code === "the-code", `${name} reads another code`);
  const claims = await rp.verifyIdToken(idToken, {}, { fetch });
  expect(claims.sub === name, `${name} reads the token of ${claims.sub}`);
  expect(fetched.keys === before, `${name} has fetched its keys again`);
  const bad = await failure(() => rp.verifyIdToken(badSignature, {}, { fetch }));
  expect(bad.code === "jws.signature", `${name}: a wrong signature is ${bad.code}`);
  // A wrong signature may come from a new key, so the client fetches the keys once more.
  expect(fetched.keys <= before + 1, `${name} has fetched its keys ${fetched.keys - before} times`);
}

const refresh = /** @type {const} */ ({ type: "refresh_token", refreshToken: "the-refresh-token" });
const reply = { status: 200, headers: json, body: '{"access_token":"at","token_type":"Bearer"}' };

/** For each call of the engine: a method that makes it. `one` has keys. */
const ways = {
  CREATE_PKCE: () => createPkce(),
  CODE_CHALLENGE: () => codeChallenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
  PARSE_CHALLENGES: () => parseChallenges('Bearer realm="x"'),
  DOWNSCOPE: () => downscope({ scope: "read", resource: "https://api.example" }, { "https://api.example": ["read"] }),
  DISCOVERY_REQUEST: ({ issuer, config, fetch }) => RelyingParty.discover(issuer, config, { fetch }),
  DISCOVERY_RESPONSE: ({ issuer, config, fetch }) => RelyingParty.discover(issuer, config, { fetch }),
  RELYING_PARTY: ({ metadata, config }) => new RelyingParty(metadata, config),
  AUTHORIZATION_REQUEST: ({ rp }) => rp.authorizationRequest(),
  AUTHORIZATION_RESPONSE: ({ rp, login }) => rp.authorizationResponse(login.back, login.transaction),
  EXCHANGE: ({ rp, login, fetch }) => rp.callback(login.back, login.transaction, { fetch }),
  CLIENT_ASSERTION: ({ rp, fetch }) => rp.grant(refresh, { fetch }),
  TOKEN_REQUEST: ({ rp, fetch }) => rp.grant(refresh, { fetch }),
  TOKEN_RESPONSE: ({ rp }) => rp.tokenResponse(reply, refresh),
  EXCHANGED: ({ rp, fetch }) => rp.grant(refresh, { fetch }),
  JWKS_REQUEST: ({ metadata, config, idToken, fetch }) =>
    new RelyingParty(metadata, config).verifyIdToken(idToken, {}, { fetch: uncounted(fetch) }),
  JWKS_RESPONSE: ({ metadata, config, idToken, fetch }) =>
    new RelyingParty(metadata, config).verifyIdToken(idToken, {}, { fetch: uncounted(fetch) }),
  VERIFICATION: ({ rp, idToken, fetch }) => rp.verifyIdToken(idToken, {}, { fetch }),
  SIGNATURE_REFUSED: ({ rp, badSignature, fetch }) => wrongSignature(rp, badSignature, fetch),
  EXPECT: ({ rp, fetch }) => rp.refresh("the-refresh-token", { fetch }),
  CLAIMS: ({ rp, largeToken, fetch }) => rp.verifyIdToken(largeToken, {}, { fetch }),
  CHECK_ID_TOKEN: ({ rp, idToken }) => rp.checkIdToken(idToken),
  REPORT_ID_TOKEN: ({ rp, fetch }) => rp.refresh("the-refresh-token", { fetch }),
  USERINFO_REQUEST: ({ rp, name, fetch }) => rp.userInfo("the-token", name, { fetch }),
  USERINFO_RESPONSE: ({ rp, name, fetch }) => rp.userInfo("the-token", name, { fetch }),
  REVOCATION_REQUEST: ({ rp, fetch }) => rp.revoke("the-token", { fetch }),
  REVOCATION_RESPONSE: ({ rp, fetch }) => rp.revoke("the-token", { fetch }),
  INTROSPECTION_REQUEST: ({ rp, fetch }) => rp.introspect("the-token", { fetch }),
  INTROSPECTION_RESPONSE: ({ rp, fetch }) => rp.introspect("the-token", { fetch }),
  INTROSPECTED: ({ rp, config: { clientId }, fetch }) => rp.introspect("the-token", { expected: { clientId }, fetch }),
  INITIATED_LOGIN: ({ rp, issuer }) => rp.initiatedLogin(`https://app.example/start?iss=${issuer}`),
  END_SESSION_URL: ({ rp }) => rp.endSessionUrl(),
  END_SESSION_RETURNED: ({ rp }) => rp.endSessionReturned("https://app.example/?state=s", "s"),
  FRONT_CHANNEL_LOGOUT: ({ rp, issuer }) =>
    rp.isFrontChannelLogout(`https://app.example/?iss=${issuer}&sid=s`, { sid: "s" }),
  // With challenges, so that the engine reads the response a second time.
  refusal: ({ rp }) => refusedTokens(rp),
  // A new relying party may take the memory of the call that made it. So this one is freed.
  release: ({ metadata, config }) => {
    for (let count = 0; count < 64; count++) new RelyingParty(metadata, config);
  },
};

const uncounted = (fetch) => async (url, init) =>
  url.endsWith("/jwks")
    ? new Response(JSON.stringify({ keys: [jwk(keys.p256a)] }), { headers: json })
    : fetch(url, init);

/** Expects `jws.signature`. Rethrows any other error. */
async function wrongSignature(rp, token, fetch) {
  const error = await failure(() => rp.verifyIdToken(token, {}, { fetch }));
  if (error.code !== "jws.signature") throw error;
}

async function refusedTokens(rp) {
  const headers = { ...json, ...challenge };
  const error = await failure(() =>
    rp.tokenResponse({ status: 401, headers, body: '{"error":"invalid_client"}' }, refresh),
  );
  if (error.code !== "token.oauth_error") throw error;
  expect(error.challenges[0].parameters.realm === "x", "the challenge is read");
}

/** A login before its redirect. */
function begun(client) {
  const { state, transaction } = client.rp.authorizationRequest();
  return { transaction, back: `${client.config.redirectUri}?code=the-code&state=${state}` };
}

const pair = async () => [await makeClient("one", "p256a"), await makeClient("two", "p256b")];

/** Traps before the work of a call, and after it. */
async function trap(name) {
  if (name === "FREE") return given();
  const number = calls[name] ?? EXPORTS[name];
  for (const place of [number, number + AFTER]) {
    const [one, two] = await pair();
    const way = () => ways[name]({ ...one, login });
    const login = begun(one);
    // The method works without a trap, and makes the call.
    if (name !== "EXCHANGE") await way();
    const before = instances;
    newest.trap.value = place;
    await trapped(way);
    createPkce();
    expect(instances === before + 1, `${instances - before} instances were made after one trap`);
    if (name !== "EXCHANGE") await way();
    await answers(two);
    await answers(one);
    await answers(two);
    expect(instances === before + 1, "one trap, one instance");
  }
}

/** `free` never throws, even after a trap in it. */
async function given() {
  for (const place of [calls.FREE, calls.FREE + AFTER]) {
    const [one, two] = await pair();
    const before = instances;
    newest.trap.value = place;
    one.rp.free();
    newest.trap.value = place;
    createPkce();
    expect(instances === before + 1, "the call trapped");
    expect((await failure(() => one.rp.authorizationRequest())).code === "relying_party.freed", "it is freed");
    await answers(two);
  }
}

// ── scenarios ──

const scenarios = {
  /** The old relying party had number 0. The first one of the new instance has the same number. */
  async anew() {
    for (const [name, number] of [
      ["RELYING_PARTY", calls.RELYING_PARTY],
      ["RELYING_PARTY, after", calls.RELYING_PARTY + AFTER],
      ["JWKS_RESPONSE", calls.JWKS_RESPONSE],
      ["JWKS_RESPONSE, after", calls.JWKS_RESPONSE + AFTER],
    ]) {
      const [one, two] = await pair();
      next.push(number, number);
      newest.trap.value = calls.CREATE_PKCE;
      await trapped(() => createPkce());
      await trapped(() => one.rp.authorizationRequest());
      await trapped(() => two.rp.verifyIdToken(two.idToken, {}, { fetch: two.fetch }));
      expect(next.length === 0, `${name}: each of the two made an instance`);
      // The first relying party of the newest instance is a third one.
      const third = await makeClient("three", "p256a");
      await answers(two);
      await answers(third);
      await answers(one);
      two.rp.free();
      await answers(third);
      await answers(one);
    }
  },

  async waiting() {
    const [one, two] = await pair();
    const late = new RelyingParty(one.metadata, one.config);
    const answer = Promise.withResolvers?.() ?? deferred();
    let asked = 0;
    const waiting = () => {
      asked++;
      return answer.promise;
    };
    const verdict = late.verifyIdToken(one.idToken, {}, { fetch: waiting });
    const exchange = late.grant(refresh, { fetch: () => waiting().then(() => one.fetch(`${one.issuer}/token`)) });
    // The grant is signed first.
    while (asked < 2) await pause(1);
    newest.trap.value = calls.CREATE_PKCE;
    await trapped(() => createPkce());
    await answers(two);
    answer.resolve(new Response(JSON.stringify({ keys: [jwk(keys.p256a)] }), { headers: json }));
    expect((await verdict).sub === "one", "the token that waited for its key");
    expect((await exchange).access_token === "at of one", "the grant that waited for its answer");
    await answers(one);
  },

  async collected() {
    let collected = 0;
    const watch = new FinalizationRegistry(() => collected++);
    const old = [];
    for (let count = 0; count < 100; count++) {
      const party = new RelyingParty({ issuer: "https://old.example" }, { clientId: "old" });
      watch.register(party, undefined);
      old.push(party);
    }
    newest.trap.value = calls.CREATE_PKCE;
    await trapped(() => createPkce());
    // New clients get the numbers of the old ones.
    const clients = [];
    for (let count = 0; count < 40; count++) clients.push(await makeClient(`client-${count}`, "p256a"));
    for (const party of old.splice(0, 20)) party.free();
    for (const client of clients) await answers(client);
    // In the end, the memory that garbage collection frees belongs to a lost instance.
    old.length = 0;
    for (let turn = 0; turn < 10; turn++) {
      gc();
      await pause(20);
    }
    expect(collected >= 90, `${collected} parties were collected`);
    for (const client of clients) await answers(client);
  },

  async often() {
    const [one, two] = await pair();
    for (let count = 0; count < 300; count++) {
      newest.trap.value = calls.AUTHORIZATION_REQUEST + (count % 2 ? AFTER : 0);
      // The first call after a trap recreates its relying party in the next instance, which has no trap.
      const { rp } = count % 3 ? one : two;
      if (count > 0) rp.endSessionUrl();
      newest.trap.value = calls.AUTHORIZATION_REQUEST;
      await trapped(() => rp.authorizationRequest());
    }
    await answers(one);
    await answers(two);
    expect(instances > 300, `${instances} instances`);
  },

  /** A new instance may fail too, for example without memory. */
  async unmade() {
    const [one, two] = await pair();
    const { Instance } = WebAssembly;
    newest.trap.value = calls.CREATE_PKCE;
    await trapped(() => createPkce());
    WebAssembly.Instance = /** @type {any} */ (
      class {
        constructor() {
          throw new RangeError("no memory for an instance");
        }
      }
    );
    await trapped(() => one.rp.authorizationRequest(), RangeError);
    await trapped(() => createPkce(), RangeError);
    WebAssembly.Instance = Instance;
    await answers(two);
    await answers(one);
  },

  /** A string and an answer that do not fit into the engine's memory. */
  async limited() {
    const [one, two] = await pair();
    const body = `[${"0,".repeat(500_000)}0]`;
    const big = () => one.rp.tokenResponse({ ...reply, body }, refresh);
    await trapped(big);
    await answers(two);
    await answers(one);
    const hint = "h".repeat(1_000_000);
    await trapped(() => two.rp.authorizationRequest({ loginHint: hint }), RangeError);
    await answers(one);
    await answers(two);
    for (let count = 0; count < 20; count++) await trapped(big);
    await answers(two);
    // The longest string that fits.
    expect(one.rp.authorizationRequest({ loginHint: "h".repeat(100_000) }).url.length > 100_000, "a string that fits");
    await answers(one);
  },

  /** Cuts a call off at every stack depth. */
  async stack() {
    const [one, two] = await pair();
    const { url } = two.rp.authorizationRequest();
    const before = instances;
    const seen = { good: 0, internal: 0, other: 0 };
    const left = [];
    const attempts = {
      request: (text) => one.rp.endSessionUrl({ state: text }),
      refused: (text) =>
        one.rp.tokenResponse(
          { ...reply, status: 400, headers: { ...json, ...challenge }, body: `{"error":"${text}"}` },
          refresh,
        ),
      party: (text) => new RelyingParty(one.metadata, { ...one.config, clientId: text }).free(),
      list: () => parseChallenges("Basic a, Bearer b"),
    };
    for (const [name, attempt] of Object.entries(attempts)) {
      // Each round ends a few bytes further up the stack.
      for (let turn = 0; turn < 1_000; turn++) {
        const text = crypto.randomUUID();
        try {
          deepest(() => attempt(text), turn);
          seen.good++;
        } catch (error) {
          if (error instanceof OidcError && error.code === "internal") {
            expect(error.cause instanceof RangeError, `the cause is ${error.cause}`);
            seen.internal++;
          } else if (error instanceof OidcError) seen.good++;
          else {
            expect(error instanceof RangeError, `${error.stack}`);
            seen.other++;
          }
        }
        // After any cut, the next call works, and memory holds nothing of the failed call.
        createPkce();
        // A relying party that cannot be freed keeps its memory.
        if (name === "party") continue;
        if (Buffer.from(newest.memory.buffer).includes(text)) left.push(`${name} at ${turn}`);
      }
      await answers(one);
      await answers(two);
    }
    // If the stack has no room for the error either, the caller sees only the stack overflow.
    expect(
      instances - before >= 5,
      `the stack ended in the engine ${instances - before} times: ${JSON.stringify(seen)}`,
    );
    expect(seen.good >= 100 && seen.other >= 5, `all depths were tried: ${JSON.stringify(seen)}`);
    expect(left.length === 0, `left in memory: ${left.slice(0, 5)} and ${left.length} in all`);
    expect(
      two.rp.authorizationRequest().url.split("&state")[0] === url.split("&state")[0],
      "the same request as before",
    );
  },
};

/** Runs a call at the end of the stack, or some frames above it. */
function deepest(call, above) {
  let left = above;
  let outcome;
  const descend = () => {
    try {
      descend();
    } catch (cut) {
      if (outcome || left-- > 0) throw cut;
      outcome = {};
      try {
        call();
      } catch (error) {
        outcome.error = error;
      }
    }
  };
  descend();
  if (outcome.error) throw outcome.error;
}

function deferred() {
  const parts = {};
  parts.promise = new Promise((resolve) => {
    parts.resolve = resolve;
  });
  return parts;
}

await (scenarios[scenario] ?? (() => trap(scenario)))();
