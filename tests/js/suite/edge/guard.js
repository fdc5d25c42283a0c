// The guard: RFC 6750, its memo, its keys, several issuers, opaque tokens, RFC 9728.
import { OidcError, RelyingParty } from "oidc-wasm";
import { createGuard } from "oidc-wasm/edge";
import { createTestProvider } from "../../../support/provider/index.js";
import { isFull } from "../../build.js";
import { counting, withFastTimers, withGlobals } from "../fake.js";
import { ok, same, secret, test, throws, withClock } from "../harness.js";
import { flipped } from "../tokens.js";
import { createProvider } from "./provider.js";

const issuer = "https://op.test";
const api = "https://api.example.com";
const now = () => Math.floor(Date.now() / 1000);
const introspection = { clientId: "api", auth: { method: "client_secret_basic", secret: "the secret of the API" } };
const seconds = 1_900_000_000;

let made;
/** One provider for all cases. A Worker cannot create one at module scope. */
async function provider() {
  made ??= createTestProvider({ issuer, algorithms: ["RS256", "ES256"] });
  const op = await made;
  op.mend();
  op.requests.length = 0;
  return op;
}

const claimsOf = (more = {}) => ({
  iss: issuer,
  sub: "alice",
  aud: api,
  client_id: "app",
  iat: now(),
  exp: now() + 300,
  scope: "read",
  ...more,
});
const tokenOf = async (op, more, header = {}) => secret(await op.sign(claimsOf(more), { typ: "at+jwt", ...header }));
const asked = (authorization, init = {}) =>
  new Request(`${api}/things`, { ...init, headers: { ...(authorization && { authorization }), ...init.headers } });

/**
 * A guard that records its rejections, and the number of requests to each endpoint.
 * @returns {{ guard: any, refused: string[], count: (endpoint: string) => number }}
 */
function guardOf(op, config = {}) {
  const refused = [];
  const { fetch } = op;
  const [first, ...others] = [config].flat();
  const whole = (one) => ({ issuer, audience: api, fetch, onRefused: ({ code }) => refused.push(code), ...one });
  const guard = createGuard(others.length ? [first, ...others].map(whole) : whole(first));
  return { guard, refused, count: (endpoint) => op.requests.filter((one) => one.endpoint === endpoint).length };
}

/** The response in the form of a table row. @param {any} op @param {any} row */
async function answered(op, { config, options, authorization, more, header, init }) {
  const { guard, refused } = guardOf(op, config);
  const credentials = authorization ?? `Bearer ${await tokenOf(op, more, header)}`;
  const seen = await guard(asked(credentials || undefined, init), options);
  if (!(seen instanceof Response)) return { sub: seen.claims.sub };
  const text = `${[...seen.headers]} ${await seen.text()}`;
  ok(!credentials.slice(7) || !text.includes(credentials.slice(7)), "the answer holds the token");
  return { status: seen.status, challenge: seen.headers.get("www-authenticate"), code: refused.join() };
}

/** An API that accepts both schemes sends a challenge for each (RFC 9449 §7.2). */
const either = isFull ? `, DPoP algs="${RelyingParty.dpopAlgorithms.join(" ")}"` : "";
const invalid = (code) => ({
  status: 401,
  challenge: `Bearer realm="${api}", error="invalid_token", error_description="${code}"${either}`,
  code,
});
const lacks = (scope) => ({
  status: 403,
  challenge: `Bearer realm="${api}", error="insufficient_scope", error_description="access_token.scope", scope="${scope}"`,
  code: "access_token.scope",
});
const nothing = (parameters = "", more = either) => ({
  status: 401,
  challenge: `Bearer realm="${api}"${parameters}${more}`,
  code: "bearer.missing",
});
const malformed = {
  status: 400,
  challenge: `Bearer realm="${api}", error="invalid_request", error_description="bearer.malformed"`,
  code: "bearer.malformed",
};
const alice = { sub: "alice" };
const stepUp = (code, parameter) => ({
  status: 401,
  challenge: `Bearer realm="${api}", error="insufficient_user_authentication", error_description="${code}", ${parameter}${either}`,
  code,
});
const checked = (description) => ({
  status: 403,
  challenge: `Bearer realm="${api}", error="insufficient_scope", error_description="${description}"`,
  code: "bearer.check",
});

/** @type {Record<string, [any, object]>} */
const table = {
  // RFC 6750 §2.1: the credentials.
  "a token": [{}, alice],
  "the scheme in capitals": [{ scheme: "BEARER" }, alice],
  "two spaces behind the scheme": [{ scheme: "Bearer " }, alice],
  "no credentials": [{ authorization: "" }, nothing()],
  "no credentials, a scope is needed": [
    { authorization: "", config: { scope: "read write" } },
    nothing(', scope="read write"'),
  ],
  "no credentials, a configured realm": [
    { authorization: "", config: { realm: 'the "API"' } },
    { ...nothing(), challenge: `Bearer realm="the ?API?"${either}` },
  ],
  "no credentials, a realm that is a number": [
    { authorization: "", config: { realm: 5 } },
    { ...nothing(), challenge: `Bearer realm="5"${either}` },
  ],
  // RFC 6750 §3: one parameter at least.
  "no credentials, no name of the API": [
    { authorization: "", config: { audience: [], tokenClientId: "x", realm: "" } },
    { ...nothing(), challenge: `Bearer realm="${issuer}"${either}` },
  ],
  "credentials of another scheme": [{ authorization: "Basic YTpi" }, nothing()],
  "a DPoP token is never taken for a bearer": [
    { scheme: "DPoP" },
    isFull
      ? {
          status: 401,
          challenge: `DPoP realm="${api}", error="invalid_dpop_proof", error_description="dpop.proof", algs="${RelyingParty.dpopAlgorithms.join(" ")}"`,
          code: "dpop.proof",
        }
      : nothing(),
  ],
  "a scheme that only begins like it": [{ scheme: "Bearers" }, nothing()],
  "the scheme alone": [{ authorization: "Bearer" }, malformed],
  "a token with a space": [{ authorization: "Bearer a b" }, malformed],
  "two headers": [{ authorization: "Bearer a, Bearer b" }, malformed],
  "a token in quotes": [{ authorization: 'Bearer "a"' }, malformed],
  "no JWT": [{ authorization: "Bearer opaque" }, invalid("jws.malformed")],

  // RFC 9068 §4: the token.
  "another audience": [{ more: { aud: `${api}/` } }, invalid("access_token.aud")],
  "one of two audiences": [{ more: { aud: ["https://other.example", api] } }, alice],
  "one of the names of this API": [{ config: { audience: ["https://other.example", api] } }, alice],
  "the resource is an audience too": [{ config: { audience: "https://other.example", resource: api } }, alice],
  "another issuer": [{ more: { iss: `${issuer}/` } }, invalid("access_token.iss")],
  "an expired token": [{ more: { exp: now() - 300 } }, invalid("access_token.exp")],
  "a token of the future": [{ more: () => ({ nbf: now() + 300 }) }, invalid("access_token.nbf")],
  "an ID token": [{ header: { typ: "JWT" }, more: { nonce: "n" } }, invalid("access_token.typ")],
  "a logout token": [{ header: { typ: "logout+jwt" } }, invalid("access_token.typ")],
  "an unknown key": [{ header: { kid: "another" } }, invalid("jwks.no_match")],
  "an altered token": [{ tamper: true }, invalid("jws.signature")],
  "a token that is bound to a DPoP key": [{ more: { cnf: { jkt: "x" } } }, invalid("access_token.cnf")],
  "a token that is bound to a certificate": [{ more: { cnf: { "x5t#S256": "x" } } }, invalid("access_token.cnf")],

  "a token without aud, of a known client": [
    { config: { tokenClientId: ["x", "app"] }, more: { aud: undefined } },
    alice,
  ],
  "a token without aud": [{ more: { aud: undefined } }, invalid("access_token.aud")],
  "a token of another client": [{ config: { tokenClientId: "x" } }, invalid("access_token.client_id")],
  "the issuer of access tokens": [{ config: { tokenIssuer: "urn:adfs" }, more: { iss: "urn:adfs" } }, alice],
  "the metadata's issuer, where tokens have another": [
    { config: { tokenIssuer: "urn:adfs" } },
    invalid("access_token.iss"),
  ],

  // RFC 6750 §3.1: the scope.
  "the configured scope": [{ config: { scope: "read" } }, alice],
  "a scope that is missing": [{ config: { scope: ["read", "write"] } }, lacks("read write")],
  "the scope of a route": [{ options: { scope: "read" } }, alice],
  "the scope of a route that is missing": [
    { config: { scope: "read" }, options: { scope: "admin" } },
    lacks("read admin"),
  ],
  "scopes as a list named scp": [
    { config: { scope: "write" }, more: { scope: undefined, scp: ["read", "write"] } },
    alice,
  ],

  // RFC 9470 §3: how and when the person signed in.
  "a sufficient acr": [{ options: { acrValues: "urn:a urn:b" }, more: { acr: "urn:b" } }, alice],
  "another acr": [
    { options: { acrValues: "urn:a urn:b" }, more: { acr: "urn:c" } },
    stepUp("access_token.acr", 'acr_values="urn:a urn:b"'),
  ],
  "signed in recently": [{ options: { maxAge: 60 }, more: () => ({ auth_time: now() - 30 }) }, alice],
  "signed in too long ago": [
    { options: { maxAge: 0 }, more: { auth_time: now() - 60 } },
    stepUp("access_token.auth_time", 'max_age="0"'),
  ],

  // ── the API's own check ──
  "a check that holds": [{ config: { check: ({ sub }) => sub === "alice" } }, alice],
  "a check that returns false": [{ config: { check: async () => false } }, checked("bearer.check")],
  "a check that returns a reason": [{ config: { check: () => 'no "tenant" ä' } }, checked("no ?tenant? ?")],
  "a check that returns a number": [{ config: { check: () => 1 } }, checked("bearer.check")],
  "a check that returns an object": [{ config: { check: () => ({ sub: "alice" }) } }, checked("bearer.check")],
  "a check of the request": [{ config: { check: (_claims, request) => request.url.endsWith("/things") } }, alice],

  // Outside the Authorization header.
  "a token from a custom header": [
    { authorization: "", config: { token: (r) => r.headers.get("x-token") }, own: true },
    alice,
  ],
  "a bearer beside a token from a custom header": [
    { config: { token: (r) => r.headers.get("x-token") } },
    nothing("", ""),
  ],
  "a preflight": [
    {
      authorization: "",
      config: { preflight: true },
      init: { method: "OPTIONS", headers: { "access-control-request-method": "POST" } },
    },
    { sub: undefined },
  ],
  "a preflight without the option": [
    { authorization: "", init: { method: "OPTIONS", headers: { "access-control-request-method": "POST" } } },
    nothing(),
  ],
  "OPTIONS without a preflight's header": [
    { authorization: "", config: { preflight: true }, init: { method: "OPTIONS" } },
    nothing(),
  ],
};

for (const [name, [{ scheme, tamper, own, ...row }, expected]] of Object.entries(table))
  test(`guard: ${name}`, async () => {
    const op = await provider();
    // Times of the moment: the cases before it may take minutes.
    const more = typeof row.more === "function" ? row.more() : row.more;
    const token = await tokenOf(op, more, row.header);
    const sent = tamper ? `${token.slice(0, -4)}${token.endsWith("AAAA") ? "BBBB" : "AAAA"}` : token;
    const whole = { ...row, more };
    if (scheme ?? tamper) whole.authorization = `${scheme ?? "Bearer"} ${sent}`;
    if (own) whole.init = { headers: { "x-token": token } };
    same(await answered(op, whole), expected, name);
  });

// ── the issuer cannot be reached ──

const down = {
  "discovery is down": ["discovery.down", "http.failed"],
  "discovery answers 503": ["discovery.status", "http.status"],
  "discovery returns another issuer": ["discovery.issuer", "discovery.issuer"],
  "the keys are down": ["jwks.down", "http.failed"],
  "the keys answer 503": ["jwks.status", "http.status"],
  "the key set is broken": ["jwks.malformed", "jwks.malformed"],
};
for (const [name, [fault, code]] of Object.entries(down))
  test(`guard: 503 where ${name}, and 200 after recovery`, async () => {
    const op = await provider();
    const { guard, refused } = guardOf(op);
    const request = asked(`Bearer ${await tokenOf(op)}`);
    await withClock(now(), async (clock) => {
      op.break(fault);
      const seen = await guard(request);
      same([seen.status, seen.headers.get("www-authenticate")], [503, null], "answer");
      ok(Number(seen.headers.get("retry-after")) > 0, "Retry-After");
      same(refused, [code], "code");
      op.mend();
      clock.advance(31);
      same((await guard(request)).claims?.sub, "alice", "afterwards");
    });
  });

test("guard: a configuration mistake throws, without a 401", async () => {
  const op = await provider();
  const request = asked(`Bearer ${await tokenOf(op)}`);
  await throws("argument.issuer", () => createGuard({ issuer: "", audience: api, fetch: op.fetch })(request));
  await throws("argument.audience", () => guardOf(op, { audience: [] }).guard(request));
  await throws("argument.clockTolerance", () => guardOf(op, { clockTolerance: -1 }).guard(request));
  const failing = guardOf(op, {
    check() {
      throw new TypeError("an error in the API");
    },
  });
  ok((await failing.guard(request).catch((error) => error)) instanceof TypeError, "the check's own error");
});

test("guard: a configuration without an issuer is refused at the start", async () => {
  const op = await provider();
  const good = { issuer, audience: api };
  const { jwks_uri } = op.metadata;
  for (const right of [good, [good], [good, good], { provider: { issuer, jwks_uri }, audience: api }])
    ok(createGuard(right), JSON.stringify(right));
  for (const wrong of [undefined, null, [], {}, [undefined], [null], [good, undefined], { ...good, issuer: "" }]) {
    const given = /** @type {any} */ (wrong);
    const { message } = await throws("argument.issuer", async () => createGuard(given));
    ok(message.includes("expected an issuer, or `provider`"), message);
  }
});

test("guard: an unknown option is refused, before and after a token is known", async () => {
  const op = await provider();
  const token = await tokenOf(op);
  const other = await opaque();
  const opaqueToken = await issued(other.op);
  const refuses = { scopes: "admin", Scope: "admin", audience: api, clientId: "app", issuer, now: 1, 0: "admin" };
  for (const [name, value] of Object.entries(refuses)) {
    const { guard } = guardOf(op);
    for (const times of ["first", "second"]) {
      same((await guard(asked(`Bearer ${token}`), { scope: "read" })).claims.sub, "alice", `${times}: scope`);
      await throws(`argument.${name}`, () => guard(asked(`Bearer ${token}`), { [name]: value }));
      await throws(`argument.${name}`, () => guard.verify(token, { [name]: value }));
      same((await guard.verify(token, { scope: "read" })).claims.sub, "alice", `${times}: verify`);
    }
    await throws(`argument.${name}`, () => other.guard(asked(`Bearer ${opaqueToken}`), { [name]: value }));
  }
  same((await other.guard(asked(`Bearer ${opaqueToken}`), { scope: "read" })).claims.sub, "alice", "opaque");
  await throws("argument.0", () => guardOf(op).guard(asked(`Bearer ${token}`), "admin"));
  await throws("argument.request", () => guardOf(op).guard(asked(`Bearer ${token}`), { request: asked("") }));
});

test("guard: an unknown option of the configuration is refused", async () => {
  const op = await provider();
  const request = asked(`Bearer ${await tokenOf(op)}`);
  same((await guardOf(op, { scope: "read" }).guard(request)).claims.sub, "alice", "scope");
  for (const name of ["scopes", "Scope", "clientId", "maxAge", "tokenAudience", "check_"])
    await throws(`argument.${name}`, () => guardOf(op, { [name]: "admin" }).guard(request));
  const { guard } = guardOf(op, [{}, { issuer: "https://other.test", scopes: "admin" }]);
  same((await guard(request)).claims.sub, "alice", "the configuration of another issuer");
});

/** Options whose kind matters when they are used. @type {Record<string, [right: any[], wrong: any[]]>} */
const kinds = {
  scope: [
    ["read", ["read"], "", undefined],
    [5, {}, [5], null],
  ],
  resource: [
    [api, `${api}/v1`, undefined],
    [`${api}/#a`, "urn:example:api", [api]],
  ],
  token: [
    [(request) => request.headers.get("x-token"), undefined],
    ["x-token", {}, true, null],
  ],
  tokenClientId: [
    ["app", ["app", "other"], undefined],
    [[5], null],
  ],
  tokenIssuer: [[issuer, undefined], [null]],
  check: [
    [() => true, undefined],
    ["read", {}, true, null],
  ],
  preflight: [
    [true, false, undefined],
    ["false", 1, null],
  ],
  onRefused: [
    [() => {}, undefined],
    ["log", {}, true, null],
  ],
  fetch: [[], ["fetch", {}, true]],
  tokens: [
    ["jwt", undefined],
    ["Opaque", "JWT", ["jwt"], true, {}, null],
  ],
  introspection: [[introspection, undefined], ["x"]],
  memo: [
    [{}, { entries: 5, bytes: 1e5, seconds: 0 }, { entries: Number.POSITIVE_INFINITY }, false, 0, undefined],
    ["x", true, 5],
  ],
  keys: [
    ["isolate", { get: () => null, put() {} }, undefined],
    ["cache", "constructor", ["isolate"], {}, { get: () => null }, true, null],
  ],
};
/** @type {Record<string, [right: any[], wrong: any[]]>} */
const ofMemo = {
  entries: [
    [0, 5],
    ["5", -1, Number.NaN, null],
  ],
  bytes: [
    [0, 1e5],
    ["5", -1, Number.NaN, null],
  ],
  seconds: [[0, 60], [-1]],
  second: [[], [60]],
};
test("guard: an option of a wrong kind is refused by its name", async () => {
  const op = await provider();
  const token = await tokenOf(op);
  for (const [name, [right, wrong]] of Object.entries(kinds)) {
    const ask = async (value) => {
      const { guard } = guardOf(op, { [name]: value });
      const known = asked(`Bearer ${token}`, { headers: { "x-token": token } });
      const unknown = asked("Bearer x", { headers: { "x-token": "x" } });
      return [(await guard(known)).claims?.sub, (await guard(unknown)).status];
    };
    for (const value of right) same(await ask(value), ["alice", 401], `${name}: ${JSON.stringify(value)}`);
    for (const value of wrong) await throws(`argument.${name}`, () => ask(value), `${name}: ${JSON.stringify(value)}`);
  }
  for (const [name, [right, wrong]] of Object.entries(ofMemo)) {
    const ask = async (value) => (await guardOf(op, { memo: { [name]: value } }).guard(asked("Bearer x"))).status;
    for (const value of right) same(await ask(value), 401, `memo.${name}: ${value}`);
    for (const value of wrong) await throws(`argument.${name}`, () => ask(value), `memo.${name}: ${value}`);
  }
  for (const tokens of ["opaque", "either"]) {
    const ask = (more) => guardOf(op, { tokens, ...more }).guard(asked("Bearer x"));
    same((await ask({ introspection })).status, 401, tokens);
    await throws("argument.introspection", () => ask({}), tokens);
  }
});

test("guard: a resource that is no address is refused at the start", async () => {
  const good = { issuer, audience: api };
  for (const resource of [api, `${api}/v1?a=b`, "http://localhost:3000", "", undefined])
    ok(createGuard({ ...good, resource }), `${resource}`);
  const wrongs = ["api", "api.example.com", "/v1", "https://", 5, {}];
  for (const resource of /** @type {any[]} */ (wrongs))
    for (const config of [{ ...good, resource }, [good, { ...good, resource }]])
      await throws("argument.resource", async () => createGuard(config), `${resource}`);
});

test("guard: a token of any length gets an answer", async () => {
  const op = await provider();
  const { guard } = guardOf(op, { token: (request) => request.token });
  for (const token of ["x", "x".repeat(70_000), "é".repeat(700_000), "x".repeat(1 << 20), ".".repeat(2 << 20)]) {
    const reply = await guard(Object.assign(asked(), { token }));
    const [, code] = /error_description="(.*?)"/.exec(reply.headers.get("www-authenticate")) ?? [];
    same([reply.status, code], [401, token === "x" ? "jws.malformed" : "jws.too_large"], `${token.length}`);
  }
});

test("guard: a token that is no string", async () => {
  const op = await provider();
  const { guard } = guardOf(op, { token: (request) => request.token });
  for (const given of [undefined, null, ""])
    same((await guard(Object.assign(asked(), { token: given }))).status, 401, `${given}`);
  for (const wrong of [undefined, null, 5, {}, true])
    await throws("argument.jwt", () => guard.verify(wrong), `${JSON.stringify(wrong)}`);
  same((await guard.verify(await tokenOf(op))).claims.sub, "alice", "a token");
});

test("guard: seconds that are no number are refused, and never keep a token", async () => {
  const op = await provider();
  const request = asked(`Bearer ${await tokenOf(op)}`);
  for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, "300", {}]) {
    await throws("argument.seconds", async () => guardOf(op, { memo: { seconds: wrong } }));
    await throws("argument.seconds", async () =>
      guardOf(op, { tokens: "opaque", introspection: { ...introspection, seconds: wrong } }),
    );
  }
  for (const right of [0, 300]) {
    same((await guardOf(op, { memo: { seconds: right } }).guard(request)).claims.sub, "alice", `memo: ${right}`);
    guardOf(op, { tokens: "opaque", introspection: { ...introspection, seconds: right } });
  }
  for (const bounds of [{ entries: Number.NaN }, { bytes: Number.NaN }]) {
    const { guard } = guardOf(op, { memo: bounds });
    await counting("verify", async (count) => {
      for (const times of [1, 2]) {
        await guard(request);
        same(count(), times, JSON.stringify(bounds));
      }
    });
  }
});

if (isFull)
  test("guard: an unknown option of dpop is refused", async () => {
    const op = await provider();
    const request = asked(`Bearer ${await tokenOf(op)}`);
    same((await guardOf(op, { dpop: { required: false } }).guard(request)).claims.sub, "alice", "required");
    await throws("argument.require", () => guardOf(op, { dpop: { require: true } }).guard(request));
    /** @type {Record<string, [right: any[], wrong: any[]]>} */
    const members = {
      required: [
        [false, undefined],
        ["no", 0, null],
      ],
      origin: [
        [api, "http://localhost:3000", undefined],
        [`${api}/`, `${api}/v1`, "api.example.com", "", 5, null],
      ],
      replay: [
        [() => false, undefined],
        ["x", true, null],
      ],
    };
    for (const [name, [right, wrong]] of Object.entries(members)) {
      const ask = (value) => guardOf(op, { dpop: { [name]: value } }).guard(request);
      for (const value of right) same((await ask(value)).claims.sub, "alice", `${name}: ${value}`);
      for (const value of wrong) await throws(`argument.${name}`, () => ask(value), `${name}: ${value}`);
    }
    for (const wrong of [true, 1, "required", null])
      await throws("argument.dpop", () => guardOf(op, { dpop: wrong }).guard(request), JSON.stringify(wrong));
  });

// ── the memo ──

test("guard: a token is verified once, and found by its whole text", async () => {
  const op = await provider();
  const { guard } = guardOf(op);
  await counting("verify", async (count) => {
    const token = await tokenOf(op);
    for (let times = 0; times < 5; times++) same((await guard(asked(`Bearer ${token}`))).claims.sub, "alice", "claims");
    same(count(), 1, "verified");
    const altered = `${token.slice(0, -4)}${token.endsWith("AAAA") ? "BBBB" : "AAAA"}`;
    same((await guard(asked(`Bearer ${altered}`))).status, 401, "the same jti, another signature");
    const other = guardOf(op, { audience: "https://other.example" });
    same((await other.guard(asked(`Bearer ${token}`))).status, 401, "another guard does not share the memo");
  });
});

test("guard: a remembered token counts only behind its scheme, and nothing may follow it", async () => {
  const op = await provider();
  const { guard, refused } = guardOf(op);
  const token = await tokenOf(op);
  for (const scheme of ["Bearer ", "bearer ", "BEARER  "])
    same((await guard(asked(`${scheme}${token}`))).claims.sub, "alice", scheme);
  for (const scheme of ["Basic ", "Foobar ", "Bearers ", "Beare ", "Bearer", ""])
    same((await guard(asked(`${scheme}${token}`))).status, 401, `the scheme ${scheme}`);
  for (const credentials of [`${token},`, `${token} a`, `"${token}"`, `\t${token}`, `a ${token}`])
    same((await guard(asked(`Bearer ${credentials}`))).status, 400, credentials.replace(token, "a token"));
  same([...new Set(refused)], ["bearer.missing", "bearer.malformed"], "codes");
});

test("guard: a token from the memo is checked again each time: scope, check, exp, the clock", async () => {
  const op = await provider();
  await withClock(now(), async (clock) => {
    let allowed = true;
    const { guard, refused } = guardOf(op, { check: () => allowed });
    const request = asked(`Bearer ${await tokenOf(op, { exp: clock.seconds + 100 })}`);
    same((await guard(request)).claims.sub, "alice", "first");
    same((await guard(request, { scope: "write" })).status, 403, "scope of a route");
    same((await guard(request, { acrValues: "urn:x" })).status, 401, "acr of a route");
    same((await guard(request, { maxAge: 5 })).status, 401, "max_age of a route");
    same((await guard(request)).claims.sub, "alice", "again");
    allowed = false;
    same((await guard(request)).status, 403, "check");
    allowed = true;
    clock.advance(129);
    same((await guard(request)).claims.sub, "alice", "within the tolerance");
    clock.advance(1);
    same((await guard(request)).status, 401, "expired");
    same(refused.at(-1), "access_token.exp", "code");
  });
});

test("guard: nbf is checked again after the clock was set back", async () => {
  const op = await provider();
  await withClock(now(), async (clock) => {
    const { guard } = guardOf(op);
    const request = asked(`Bearer ${await tokenOf(op, { nbf: clock.seconds })}`);
    same((await guard(request)).claims.sub, "alice", "now");
    clock.advance(-31);
    same((await guard(request)).status, 401, "before nbf");
  });
});

test("guard: an entry ends after memo.seconds, and none is kept with false", async () => {
  const op = await provider();
  await withClock(now(), async (clock) => {
    for (const [memo, expected] of [
      [{ seconds: 10 }, [1, 1, 2]],
      [undefined, [1, 1, 1]],
      [false, [1, 2, 3]],
      [{ entries: 0 }, [1, 2, 3]],
      [{ bytes: 10 }, [1, 2, 3]],
    ]) {
      const { guard } = guardOf(op, memo === undefined ? {} : { memo });
      const request = asked(`Bearer ${await tokenOf(op)}`);
      await counting("verify", async (count) => {
        const counts = [];
        for (const wait of [0, 9, 1]) {
          clock.advance(wait);
          await guard(request);
          counts.push(count());
        }
        same(counts, expected, JSON.stringify(memo));
      });
    }
  });
});

test("guard: by default an entry ends after 300 seconds", async () => {
  const op = await provider();
  await withClock(now(), async (clock) => {
    const { guard } = guardOf(op);
    const request = asked(`Bearer ${await tokenOf(op, { exp: clock.seconds + 3600 })}`);
    await counting("verify", async (count) => {
      for (const [wait, expected] of [
        [0, 1],
        [299, 1],
        [1, 2],
      ]) {
        clock.advance(wait);
        await guard(request);
        same(count(), expected, `after ${wait} seconds more`);
      }
    });
  });
});

test("guard: new keys empty the memo; the next fetch of the keys ends a withdrawn key's tokens", async () => {
  const op = await createProvider({ issuer });
  const { guard, count } = guardOf(op);
  const before = asked(`Bearer ${await tokenOf(op)}`);
  same((await guard(before)).claims.sub, "alice", "the first key");
  await op.rotateKeys();
  same((await guard(before)).claims.sub, "alice", "still in the memo");
  same((await guard(asked(`Bearer ${await tokenOf(op)}`))).claims.sub, "alice", "the new key is fetched at once");
  same(count("jwks"), 2, "keys fetched");
  same((await guard(before)).status, 401, "the old key is gone");
});

test("guard: keys that a refused token brings empty the memo too", async () => {
  for (const [name, change] of Object.entries({
    "an unknown key": (_token, op) => tokenOf(op, {}, { kid: "another" }),
    "a forged signature": flipped,
  })) {
    const op = await createProvider({ issuer });
    const { guard } = guardOf(op);
    const token = await tokenOf(op);
    same((await guard(asked(`Bearer ${token}`))).claims.sub, "alice", name);
    await op.rotateKeys();
    same((await guard(asked(`Bearer ${await change(token, op)}`))).status, 401, `${name}: refused`);
    same((await guard(asked(`Bearer ${token}`))).status, 401, `${name}: the withdrawn key`);
  }
});

test("guard: a token of a new key gets 503 while the keys are unavailable, and never 401", async () => {
  const op = await createTestProvider({ issuer });
  await withClock(seconds, async (clock) => {
    const { guard, count } = guardOf(op, { memo: false });
    const statusOf = async (token) => {
      const seen = await guard(asked(`Bearer ${token}`));
      return seen instanceof Response ? seen.status : seen.claims.sub;
    };
    const old = await tokenOf(op);
    same(await statusOf(old), "alice", "the old key");
    await op.rotateKeys();
    const fresh = await tokenOf(op);
    op.break("jwks.down");
    for (const [pause, status, fetched] of [
      [0, 503, 2],
      [0, 503, 2],
      [29, 503, 2],
      [1, 503, 3],
      [29, 503, 3],
    ]) {
      clock.advance(pause);
      same([await statusOf(fresh), count("jwks")], [status, fetched], `down: after ${pause} seconds`);
      same([await statusOf(old), count("jwks")], ["alice", fetched], "the old key");
    }
    op.mend();
    clock.advance(1);
    same([await statusOf(fresh), count("jwks")], ["alice", 4], "the new key");
    await op.rotateKeys();
    const unknown = await tokenOf(op);
    same([await statusOf(unknown), count("jwks")], [401, 4], "an unknown key just after a good answer");
    clock.advance(30);
    same([await statusOf(unknown), count("jwks")], ["alice", 5], "a newer key");
  });
});

test("guard: claims from the memo are shared, so they are frozen", async () => {
  const op = await provider();
  const { guard } = guardOf(op);
  const token = await tokenOf(op, { tenant: { name: "a" } });
  const { claims } = await guard(asked(`Bearer ${token}`));
  ok(Object.isFrozen(claims) && Object.isFrozen(claims.tenant), "frozen");
});

for (const [bound, memo] of Object.entries({
  // Four tokens of nine characters fill half of the bytes, or of the entries.
  bytes: { entries: 10, bytes: 4 * 9 * 8 },
  entries: { entries: 8 },
}))
  test(`guard: many different tokens do not grow the memo beyond its ${bound}`, async ({ many }) => {
    const op = await provider();
    let introspected = 0;
    const { guard } = guardOf(op, {
      tokens: "opaque",
      introspection: { clientId: "app", auth: { method: "client_secret_basic", secret: "a secret" }, seconds: 300 },
      memo,
      fetch: async (...given) => {
        if (!`${given[0]}`.endsWith("introspect")) return op.fetch(...given);
        introspected++;
        return Response.json({ active: true, aud: api, sub: "alice" });
      },
    });
    const ask = async (at) => {
      const before = introspected;
      same((await guard(asked(`Bearer ${String(at).padStart(9, "t")}`))).claims?.sub, "alice", "claims");
      return introspected - before;
    };
    for (let at = 0; at < many; at++) await ask(at);
    same(introspected, many, "each was new");
    same(await Promise.all([4, 3, 1].map((back) => ask(many - back))), [0, 0, 0], "the last four are kept");
    same(await ask(many - 9), 1, "the ninth last is dropped");
    await ask("used");
    let again = 0;
    for (let at = 0; at < 100; at++) {
      await ask(many + at);
      again += await ask("used");
    }
    same(again, 0, "a used token stays");
  });

// ── keys outside the isolate ──

function createStore() {
  const kept = new Map();
  const log = [];
  return {
    kept,
    log,
    get: async (name) => {
      log.push("get");
      return kept.get(name) ?? null;
    },
    put: async (name, value, seconds) => {
      log.push(`put for ${seconds}`);
      kept.set(name, value);
    },
  };
}

test("guard: another isolate's keys and metadata are used, and an unknown kid fetches", async () => {
  const op = await createProvider({ issuer });
  const keys = createStore();
  const one = guardOf(op, { keys });
  same((await one.guard(asked(`Bearer ${await tokenOf(op)}`))).claims.sub, "alice", "the first isolate");
  same([one.count("discovery"), one.count("jwks"), keys.kept.size], [1, 1, 2], "fetched and left");
  same([...new Set(keys.log)], ["get", "put for 86400"], "for a day");
  const two = guardOf(op, { keys });
  same((await two.guard(asked(`Bearer ${await tokenOf(op)}`))).claims.sub, "alice", "the second isolate");
  same([two.count("discovery"), two.count("jwks")], [1, 1], "nothing more was fetched");
  await op.rotateKeys();
  same((await two.guard(asked(`Bearer ${await tokenOf(op)}`))).claims.sub, "alice", "a new key");
  same(two.count("jwks"), 2, "fetched for the unknown kid");
  same(
    (await guardOf(op, { keys }).guard(asked(`Bearer ${await tokenOf(op)}`))).claims.sub,
    "alice",
    "a third isolate",
  );
  same(two.count("jwks"), 2, "the new set was stored");
});

test("guard: keys from the store keep their age", async () => {
  const op = await createProvider({ issuer });
  const keys = createStore();
  await withClock(now(), async (clock) => {
    await guardOf(op, { keys }).guard(asked(`Bearer ${await tokenOf(op)}`));
    clock.advance(599);
    const { guard, count } = guardOf(op, { keys });
    const token = await tokenOf(op);
    same((await guard(asked(`Bearer ${token}`))).claims.sub, "alice", "ten minutes less a second");
    same(count("jwks"), 1, "fresh");
    clock.advance(2);
    same((await guard(asked(`Bearer ${await tokenOf(op)}`))).claims.sub, "alice", "ten minutes");
    same(count("jwks"), 2, "fetched again");
  });
});

test("guard: a store that fails or holds invalid values stops no request", async () => {
  const op = await provider();
  const fail = async () => {
    throw new Error("the store is down");
  };
  for (const keys of [
    { get: fail, put: fail },
    { get: async () => "nonsense", put: async () => {} },
  ]) {
    const metadata = op.metadata;
    const { guard } = guardOf(op, { keys, provider: metadata });
    same((await guard(asked(`Bearer ${await tokenOf(op)}`))).claims.sub, "alice", "claims");
  }
});

test("guard: a store that never answers delays a request only", async () => {
  const op = await provider();
  const request = asked(`Bearer ${await tokenOf(op)}`);
  const never = () => new Promise(() => {});
  await withFastTimers(
    async () => {
      for (const [name, store] of Object.entries({
        "get and put": { get: async () => null, put: async () => {} },
        get: { get: never, put: async () => {} },
        put: { get: async () => null, put: never },
      })) {
        const { guard } = guardOf(op, { keys: store });
        same((await guard(request)).claims?.sub, "alice", name);
      }
      // The limit of the store, and no other.
    },
    (ms) => ms === 5_000,
  );
});

test("guard: keys are stored after the response if there is a context, and before it otherwise", async () => {
  const op = await provider();
  for (const isAfter of [true, false]) {
    const kept = new Map();
    let release;
    const held = isAfter ? new Promise((done) => (release = done)) : new Promise((done) => setTimeout(done, 20));
    const put = (name, value) => held.then(() => kept.set(name, value));
    const { guard } = guardOf(op, { keys: { get: () => null, put } });
    const waiting = [];
    const options = isAfter ? { context: { waitUntil: (promise) => waiting.push(promise) } } : {};
    same((await guard(asked(`Bearer ${await tokenOf(op)}`), options)).claims?.sub, "alice", "claims");
    same([kept.size, waiting.length], isAfter ? [0, 2] : [2, 0], `after the response: ${isAfter}`);
    release?.();
    await Promise.all(waiting);
    same(kept.size, 2, "metadata and keys");
  }
});

test("guard: keys from the store empty the memo if they are new", async () => {
  const op = await createProvider({ issuer });
  await withClock(now(), async (clock) => {
    for (const isNew of [false, true]) {
      const keys = createStore();
      const { guard } = guardOf(op, { keys, memo: { seconds: 3600 } });
      const request = asked(`Bearer ${await tokenOf(op, { exp: clock.seconds + 3600 })}`);
      same((await guard(request)).claims?.sub, "alice", "first");
      clock.advance(301);
      if (isNew) {
        await op.rotateKeys();
        const fresh = asked(`Bearer ${await tokenOf(op, { exp: clock.seconds + 3600 })}`);
        same((await guardOf(op, { keys }).guard(fresh)).claims?.sub, "alice", "another isolate stores the new keys");
      }
      // A token in the memo does not look for newer keys.
      const other = asked(`Bearer ${await tokenOf(op, { jti: "2", exp: clock.seconds + 3600 })}`);
      same((await guard(other)).claims?.sub, "alice", "another token");
      await counting("verify", async (count) => {
        const seen = await guard(request);
        same([seen.claims?.sub ?? seen.status, count()], isNew ? [401, 0] : ["alice", 0], `new keys: ${isNew}`);
      });
    }
  });
});

test("guard: keys that are fetched in the background serve this isolate and the others", async () => {
  const op = await createProvider({ issuer });
  await withClock(now(), async (clock) => {
    for (const isDown of [true, false]) {
      op.mend();
      const keys = createStore();
      const { guard, count } = guardOf(op, { keys, memo: false });
      const waiting = [];
      const context = { waitUntil: (promise) => waiting.push(promise) };
      const more = () => ({ exp: clock.seconds + 3600 });
      const old = asked(`Bearer ${await tokenOf(op, more())}`);
      same((await guard(old, { context })).claims?.sub, "alice", "the first keys");
      await Promise.all(waiting);
      await op.rotateKeys();
      const fresh = `Bearer ${await tokenOf(op, more())}`;
      clock.advance(301);
      if (isDown) op.break("jwks.down");
      const before = [count("jwks"), keys.log.length];
      same((await guard(old, { context })).claims?.sub, "alice", "the present keys");
      await Promise.all(waiting);
      same(
        [count("jwks") - before[0], keys.log.slice(before[1])],
        [1, isDown ? ["get"] : ["get", "put for 86400"]],
        `down: ${isDown}`,
      );
      if (isDown) continue;
      for (const one of [guard, guardOf(op, { keys }).guard])
        same((await one(asked(fresh))).claims?.sub, "alice", "a token of the new key");
      same(count("jwks") - before[0], 1, "no further request");
    }
  });
});

test("guard: a synchronous store works too", async () => {
  const op = await createProvider({ issuer });
  const kept = new Map();
  const keys = { get: (name) => kept.get(name) ?? null, put: (name, value) => void kept.set(name, value) };
  for (const isolate of ["the first", "the second"])
    same((await guardOf(op, { keys }).guard(asked(`Bearer ${await tokenOf(op)}`))).claims.sub, "alice", isolate);
  same([guardOf(op).count("discovery"), guardOf(op).count("jwks"), kept.size], [1, 1, 2], "fetched and stored once");
  const fails = () => {
    throw new Error("the store is down");
  };
  const down = guardOf(op, { keys: { get: fails, put: fails } });
  same((await down.guard(asked(`Bearer ${await tokenOf(op)}`))).claims.sub, "alice", "down");
});

test("guard: only accepted metadata are stored, and a refused entry counts as absent", async () => {
  const op = await createProvider({ issuer });
  const keys = createStore();
  const isDiscovery = (input) => `${input}`.includes("/.well-known/");
  const answers = {
    "no JSON": () => new Response("<html>", { headers: { "content-type": "text/html" } }),
    "another issuer": () => Response.json({ ...op.metadata, issuer: "https://other.test" }),
    "too large": () => Response.json({ ...op.metadata, long: "x".repeat(1 << 20) }),
  };
  for (const [name, answer] of Object.entries(answers)) {
    const fetch = async (...given) => (isDiscovery(given[0]) ? answer() : op.fetch(.../** @type {[any]} */ (given)));
    const { guard } = guardOf(op, { keys, fetch });
    same((await guard(asked(`Bearer ${await tokenOf(op)}`))).status, 503, name);
    same(keys.kept.size, 0, `${name}: stored`);
  }
  const first = guardOf(op, { keys });
  same((await first.guard(asked(`Bearer ${await tokenOf(op)}`))).claims.sub, "alice", "the issuer is back");
  const [[entry, good]] = keys.kept;
  for (const [name, answer] of Object.entries(answers)) {
    const bad = await answer().text();
    keys.kept.set(entry, bad);
    const { guard, count } = guardOf(op, { keys });
    const before = count("discovery");
    same((await guard(asked(`Bearer ${await tokenOf(op)}`))).claims.sub, "alice", `stored: ${name}`);
    same([count("discovery") - before, keys.kept.get(entry)], [1, good], `${name}: replaced`);
  }
  keys.kept.set(entry, "refused");
  op.break("discovery.down");
  const { guard } = guardOf(op, { keys });
  same((await guard(asked(`Bearer ${await tokenOf(op)}`))).status, 503, "a refused entry, and no issuer");
  op.mend();
  same((await guard(asked(`Bearer ${await tokenOf(op)}`))).claims.sub, "alice", "the issuer again");
});

test("guard: with a store and in the background, a response has the engine's limits", async () => {
  const op = await createProvider({ issuer });
  const waiting = [];
  const context = { waitUntil: (promise) => waiting.push(promise) };
  let read = 0;
  const signals = [];
  /** An endless response, of the metadata or of the keys. */
  const endless = (part) => async (input, init) => {
    if (!`${input}`.includes(part)) return op.fetch(input, init);
    signals.push(init?.signal instanceof AbortSignal);
    const pull = (controller) => {
      read += 1 << 16;
      if (read > 1 << 25) controller.close();
      else controller.enqueue(new Uint8Array(1 << 16).fill(32));
    };
    return new Response(new ReadableStream({ pull }), { headers: { "content-type": "application/json" } });
  };
  const metadata = guardOf(op, { keys: createStore(), fetch: endless("/.well-known/") });
  same((await metadata.guard(asked(`Bearer ${await tokenOf(op)}`))).status, 503, "metadata");
  ok(read < 1 << 21, `${read} bytes of metadata were read`);
  await withClock(now(), async (clock) => {
    for (const renewing of [endless("/jwks"), op.fetch]) {
      let fetch = op.fetch;
      const { guard, count } = guardOf(op, { fetch: (...given) => fetch(.../** @type {[any]} */ (given)) });
      const ask = async () => (await guard(asked(`Bearer ${await tokenOf(op)}`), { context })).claims?.sub;
      same(await ask(), "alice", "the first keys");
      clock.advance(301);
      [read, fetch] = [0, renewing];
      const before = count("jwks");
      same(await ask(), "alice", "answered with the present keys");
      await Promise.all(waiting.splice(0));
      ok(read < 1 << 21, `${read} bytes of keys were read`);
      same(count("jwks") - before, renewing === op.fetch ? 1 : 0, "fetched by the provider's own fetch");
    }
    same([signals.length, ...new Set(signals)], [2, true], "signals");
  });
});

test("guard: with a context, keys are refreshed after the response, before they expire", async () => {
  const op = await createProvider({ issuer });
  const { guard, count } = guardOf(op);
  const waiting = [];
  const context = { waitUntil: (promise) => waiting.push(promise) };
  await withClock(now(), async (clock) => {
    const ask = async () => guard(asked(`Bearer ${await tokenOf(op)}`), { context });
    await ask();
    waiting.length = 0;
    clock.advance(301);
    op.break("jwks.slow");
    same((await ask()).claims.sub, "alice", "answered while the keys are slow");
    op.mend();
    same(waiting.length, 1, "after the response");
    clock.advance(300);
    await ask();
    await Promise.all(waiting.slice(1));
    ok(count("jwks") >= 3, "fetched again");
  });
});

test("guard: with a context, keys that are too old for the engine are fetched once", async () => {
  const op = await createProvider({ issuer });
  await withClock(now(), async (clock) => {
    for (const [age, expected] of [
      [299, 0],
      [301, 1],
      [599, 1],
      [601, 1],
    ]) {
      const { guard, count } = guardOf(op);
      const waiting = [];
      const context = { waitUntil: (promise) => waiting.push(promise) };
      const ask = async () => (await guard(asked(`Bearer ${await tokenOf(op)}`), { context })).claims?.sub;
      await ask();
      const before = count("jwks");
      clock.advance(age);
      same(await ask(), "alice", `${age} seconds`);
      await Promise.all(waiting);
      same(count("jwks") - before, expected, `${age} seconds: fetched`);
    }
  });
});

/** A request waits two seconds for another one's fetch. On a busy machine, that may take longer. */
const inNoTime = (body) => withGlobals({ performance: { now: () => 0 } }, body);

test("guard: concurrent first requests fetch metadata and keys once", async () => {
  const op = await createProvider({ issuer });
  const { guard, count } = guardOf(op);
  const tokens = await Promise.all(Array.from({ length: 20 }, (_, at) => tokenOf(op, { jti: `${at}` })));
  const seen = await inNoTime(() => Promise.all(tokens.map((token) => guard(asked(`Bearer ${token}`)))));
  same(new Set(seen.map(({ claims }) => claims.sub)).size, 1, "subjects");
  same([count("discovery"), count("jwks")], [1, 1], "fetched");
});

// ── several issuers, opaque tokens, metadata ──

test("guard: concurrent first requests share a failed attempt, and the next request tries again", async () => {
  const op = await provider();
  const authorization = `Bearer ${await tokenOf(op)}`;
  for (const isDown of [true, false]) {
    let attempts = 0;
    const fetch = async (input, init) => {
      const isFirst = `${input}`.includes("/.well-known/");
      if (isFirst) attempts++;
      await new Promise((next) => setTimeout(next, 50));
      return isDown && isFirst ? new Response(null, { status: 503 }) : op.fetch(input, init);
    };
    const { guard } = guardOf(op, { fetch });
    const statusOf = async () => {
      const seen = await guard(asked(authorization));
      return seen instanceof Response ? seen.status : 200;
    };
    const statuses = await inNoTime(() => Promise.all(Array.from({ length: 20 }, statusOf)));
    same([[...new Set(statuses)], attempts], [[isDown ? 503 : 200], 1], `down: ${isDown}`);
    same([await statusOf(), attempts], isDown ? [503, 2] : [200, 1], "the next request");
  }
});

test("guard: of several issuers, exactly the token's own is used", async () => {
  const other = await createProvider({ issuer: "https://other.test" });
  const op = await provider();
  const fetch = (input, init) => (`${input}`.startsWith(issuer) ? op : other).fetch(input, init);
  const { guard, refused } = guardOf(op, [
    { fetch },
    { fetch, issuer: other.issuer, audience: "https://second.example" },
  ]);
  const second = { iss: other.issuer, aud: "https://second.example" };
  const rows = [
    [await tokenOf(op), 200],
    [await tokenOf(other, second), 200],
    [await tokenOf(other, { ...second, aud: api }), "access_token.aud"],
    [await tokenOf(other, { ...second, iss: `${other.issuer}/` }), "access_token.iss"],
    [await tokenOf(other, { ...second, iss: issuer }), "jwks.no_match"],
    [await tokenOf(other, { ...second, iss: undefined }), "access_token.iss"],
    ["not.a.jwt", "access_token.iss"],
    ["opaque", "access_token.iss"],
  ];
  for (const [token, expected] of rows) {
    const seen = await guard(asked(`Bearer ${token}`));
    same(seen instanceof Response ? refused.at(-1) : 200, expected, `${expected}`);
  }
  const adfs = { fetch, issuer: other.issuer, audience: second.aud, tokenIssuer: "urn:adfs" };
  const { guard: named } = guardOf(op, [{ fetch }, adfs]);
  for (const iss of ["urn:adfs", other.issuer]) {
    const seen = await named(asked(`Bearer ${await tokenOf(other, { ...second, iss })}`));
    same(seen instanceof Response, iss === other.issuer, iss);
  }
});

test("guard: of several configurations, only the first one says how a request proves its token", async () => {
  const op = await provider();
  const other = { issuer: "https://other.test" };
  const common = isFull ? { dpop: { required: false } } : { token: () => null };
  const rows = /** @type {[object, object, string?][]} */ ([
    [common, {}],
    [common, common],
    [{}, { dpop: { required: true } }, "dpop"],
    [{}, { certificate: () => undefined }, "certificate"],
    [{}, { token: () => null }, "token"],
  ]);
  for (const [first, later, argument] of rows) {
    const { guard } = guardOf(op, [first, { ...other, ...later }]);
    const ask = () => guard(asked("Bearer opaque"));
    if (argument) await throws(`argument.${argument}`, ask);
    else same((await ask()).status, 401, "the guard works");
  }
});

/** Opaque tokens of the test provider, which name this API. */
async function opaque(config = {}) {
  const op = await createProvider({ issuer });
  op.change({ introspection: (body) => body.active && Object.assign(body, { aud: api }) });
  return { op, ...guardOf(op, { tokens: "opaque", introspection, ...config }) };
}

test("guard: opaque tokens are introspected, and accepted for introspection.seconds", async () => {
  const { op, guard, refused, count } = await opaque({
    introspection: { ...introspection, seconds: 10 },
    memo: { seconds: 5 },
  });
  const token = await issued(op);
  await withClock(now(), async (clock) => {
    for (let times = 0; times < 3; times++) same((await guard(asked(`Bearer ${token}`))).claims.sub, "alice", "claims");
    same(count("introspect"), 1, "asked once");
    await revoke(op, token);
    clock.advance(9);
    same((await guard(asked(`Bearer ${token}`))).claims.sub, "alice", "believed");
    clock.advance(1);
    same((await guard(asked(`Bearer ${token}`))).status, 401, "no longer than that");
    same(refused, ["access_token.active"], "code");
  });
});

test("guard: without introspection.seconds each request is introspected", async () => {
  const { op, guard, refused, count } = await opaque();
  const token = await issued(op);
  await guard(asked(`Bearer ${token}`));
  same((await guard(asked(`Bearer ${token}`), { scope: "openid" })).claims.sub, "alice", "claims");
  same(count("introspect"), 2, "asked");
  same((await guard(asked(`Bearer ${token}`), { scope: "admin" })).status, 403, "scope");
  await revoke(op, token);
  same((await guard(asked(`Bearer ${token}`))).status, 401, "revoked");
  same(refused, ["access_token.scope", "access_token.active"], "codes");
  for (const fault of [
    "introspect.down",
    "introspection.status",
    "introspection.oauth_error",
    "introspection.active",
  ]) {
    op.mend();
    op.break(fault);
    same((await guard(asked(`Bearer ${token}`))).status, 503, fault);
  }
});

test("guard: an introspection response for another API is rejected", async () => {
  const { op, guard, refused } = await opaque();
  const token = await issued(op);
  op.mend();
  same((await guard(asked(`Bearer ${token}`))).status, 401, "no audience");
  op.change({ introspection: (body) => Object.assign(body, { aud: "https://other.example" }) });
  same((await guard(asked(`Bearer ${token}`))).status, 401, "another's");
  same(refused, ["access_token.aud", "access_token.aud"], "codes");
});

test("guard: no provider is asked about malformed credentials", async () => {
  for (const tokens of ["opaque", "either"]) {
    const { op, guard, refused, count } = await opaque({ tokens });
    const token = await issued(op);
    same((await guard(asked(`Bearer ${token} a`))).status, 400, "malformed");
    same(count("introspect"), 0, "no introspection");
    same((await guard(asked(`Bearer ${token}`))).claims.sub, "alice", "the token alone");
    same(refused, ["bearer.malformed"], "code");
  }
});

test("guard: an opaque token from elsewhere may have any form", async () => {
  const fetch = async (input, init) =>
    `${input}`.endsWith("introspect")
      ? Response.json({ active: new URLSearchParams(init.body).get("token") === "an id: 5", aud: api, sub: "alice" })
      : (await provider()).fetch(input, init);
  for (const tokens of ["opaque", "either"]) {
    const { guard, refused } = guardOf({ fetch }, { tokens, introspection, token: (request) => request.token });
    const ask = (token) => guard(Object.assign(asked(), { token }));
    same((await ask("an id: 5")).claims?.sub, "alice", tokens);
    same((await guard.verify("an id: 5")).claims.sub, "alice", `${tokens}: verify`);
    same([(await ask("an id: 6")).status, refused], [401, ["access_token.active"]], `${tokens}: another`);
    same((await guardOf({ fetch }, { tokens, introspection }).guard(asked("Bearer an id: 5"))).status, 400, "a header");
  }
});

test("guard: the kind of token by its form", async () => {
  const { op, guard, count } = await opaque({ tokens: "either" });
  same((await guard(asked(`Bearer ${await tokenOf(op)}`))).claims.sub, "alice", "a JWT");
  same(count("introspect"), 0, "no introspection");
  same((await guard(asked(`Bearer ${await issued(op)}`))).claims.sub, "alice", "an opaque token");
  same(count("introspect"), 1, "one introspection");
});

const signing = { ...introspection, introspectionSignedResponseAlg: "RS256" };

if (isFull) {
  /** An issuer that signs its answer about a token. `change` gives what differs from a good one. */
  async function signs(op, change = {}, config = {}) {
    const { claims, header, about, type = "application/token-introspection+jwt", body = (jwt) => jwt } = change;
    const accepted = [];
    const fetch = async (...given) => {
      if (!`${given[0]}`.endsWith("introspect")) return op.fetch(.../** @type {[any]} */ (given));
      accepted.push(new Headers(given[1].headers).get("accept"));
      const token_introspection = { active: true, sub: "alice", aud: api, scope: "read", ...about };
      const told = { iss: issuer, aud: "api", iat: now(), token_introspection, ...claims };
      const jwt = await op.sign(told, { typ: "token-introspection+jwt", ...header });
      return new Response(body(jwt), { headers: { "content-type": type } });
    };
    const { guard, refused } = guardOf(op, { tokens: "opaque", introspection: signing, fetch, ...config });
    return { seen: await guard(asked("Bearer an-opaque-token")), refused, accepted };
  }

  test("guard: a signed introspection answer, for the client or for the name of the API", async () => {
    const op = await provider();
    for (const aud of ["api", ["api"], api, ["api", api]]) {
      const { seen, accepted } = await signs(op, { claims: { aud } });
      same([seen.claims?.sub, accepted], ["alice", ["application/token-introspection+jwt"]], `${aud}`);
    }
    const fails = { about: { active: false }, code: "access_token.active" };
    for (const { code, ...change } of [
      fails,
      { about: { aud: "https://other.example" }, code: "access_token.aud" },
      { about: { exp: now() - 60 }, code: "access_token.exp" },
    ]) {
      const { seen, refused } = await signs(op, change);
      same([seen.status, refused], [401, [code]], code);
    }
  });

  test("guard: a bad introspection answer is the fault of the issuer, so the status is 503 and never 401", async () => {
    const op = await provider();
    const plain = JSON.stringify({ active: true, sub: "alice", aud: api });
    const rows = {
      "introspection.unsigned": { type: "application/json", body: () => plain },
      "introspection.unsigned as application/jwt": { type: "application/jwt" },
      "introspection.typ": { header: { typ: "at+jwt" } },
      "introspection.iss": { claims: { iss: "https://other.example" } },
      "introspection.aud": { claims: { aud: "https://other.example" } },
      "introspection.iat": { claims: { iat: now() + 3600 } },
      "introspection.token_introspection": { claims: { token_introspection: "active" } },
      "introspection.active": { about: { active: "true" } },
      "jws.malformed": { body: () => plain },
      "jws.signature": { body: flipped },
      "jws.crit": { header: { crit: ["exp"] } },
      "jwks.no_match": { header: { kid: "another" } },
    };
    for (const [name, change] of Object.entries(rows)) {
      const { seen, refused } = await signs(op, change);
      same([seen.status, refused], [503, [name.split(" ")[0]]], name);
      ok(Number(seen.headers.get("retry-after")) > 0, "when to ask again");
    }
    op.break("jwks.down");
    same((await signs(op)).seen.status, 503, "no keys");
  });

  test("guard: a configuration that its profile forbids is the API's own mistake, and no response", async () => {
    const op = await provider();
    same((await signs(op)).seen.claims?.sub, "alice", "without a profile");
    const forbidden = /** @type {any} */ ({ ...signing, profile: "fapi2" });
    await throws("profile.client_auth", () => signs(op, {}, { introspection: forbidden }));
  });
} else
  test("guard: signed introspection answers need oidc-wasm/full", async () => {
    const { guard } = guardOf(await provider(), { tokens: "opaque", introspection: signing });
    await throws("build.full", () => guard(asked("Bearer an-opaque-token")));
  });

/** A person's opaque access token. */
async function issued(op) {
  const { RelyingParty } = await import("oidc-wasm");
  const { fetch } = op;
  const client = { clientId: "app", redirectUri: "https://app.example/cb" };
  const rp = await RelyingParty.discover(issuer, client, { fetch });
  const { url, transaction } = rp.authorizationRequest({ scope: "openid read" });
  const { tokens } = await rp.callback((await op.authorize(url)).url, transaction, { fetch });
  return secret(tokens.access_token);
}

const revoke = (op, token) =>
  op.fetch(`${issuer}/revoke`, { method: "POST", body: new URLSearchParams({ token, client_id: "app" }) });

test("guard: metadata of the protected resource (RFC 9728), and its URL in every 401", async () => {
  const op = await provider();
  const resource = `${api}/mcp`;
  const { guard } = guardOf(op, { resource, scope: "read" });
  const well = `${api}/.well-known/oauth-protected-resource`;
  for (const address of [well, `${well}/mcp`]) {
    const reply = guard.metadata(new Request(address));
    same([reply.status, reply.headers.get("access-control-allow-origin")], [200, "*"], address);
    same(
      await reply.json(),
      {
        resource,
        authorization_servers: [issuer],
        scopes_supported: ["read"],
        bearer_methods_supported: ["header"],
        ...(isFull && { dpop_signing_alg_values_supported: RelyingParty.dpopAlgorithms }),
      },
      "document",
    );
  }
  // §2 and §3.2: the issuer of the server's own metadata, and no member without values.
  const { guard: another } = guardOf(op, { resource, tokenIssuer: "urn:adfs" });
  const { authorization_servers, ...others } = await another.metadata(new Request(well)).json();
  same([authorization_servers, "scopes_supported" in others], [[issuer], false], "another issuer of tokens");
  for (const address of [`${well}/other`, `${api}/mcp`, `${well}x`])
    same(guard.metadata(new Request(address)), null, address);
  same(guardOf(op).guard.metadata(new Request(well)), null, "no resource");
  const named = `resource_metadata="${well}/mcp"`;
  for (const authorization of [undefined, "Bearer opaque"])
    ok((await guard(asked(authorization))).headers.get("www-authenticate").includes(named), "named");
});

test("guard: a token outside the header", async () => {
  const op = await provider();
  const { guard } = guardOf(op, { scope: "read" });
  const token = await tokenOf(op);
  const { claims, scopes } = await guard.verify(token);
  same([claims.sub, [...scopes]], ["alice", ["read"]], "verified");
  await throws("access_token.scope", () => guard.verify(token, { scope: "write" }));
  await throws("jws.malformed", () => guard.verify("opaque"));
  const checking = guardOf(op, { check: (_claims, request) => request.url.endsWith("/socket") }).guard;
  await throws("argument.request", () => checking.verify(token));
  await throws("bearer.check", () => checking.verify(token, { request: new Request(`${api}/other`) }));
  same((await checking.verify(token, { request: new Request(`${api}/socket`) })).claims.sub, "alice", "checked");
  ok((await guard.verify("x").catch((error) => error)) instanceof OidcError, "one class of error");
});

test("guard: metadata in the configuration, with only a key set", async () => {
  const op = await provider();
  const provided = { issuer, jwks_uri: op.metadata.jwks_uri };
  const { guard } = guardOf(op, { issuer: undefined, provider: provided });
  same((await guard(asked(`Bearer ${await tokenOf(op)}`))).claims.sub, "alice", "claims");
  same(
    op.requests.map(({ endpoint }) => endpoint),
    ["jwks"],
    "asked",
  );
});

test("guard: the clock's tolerance", async () => {
  const op = await provider();
  await withClock(seconds, async (clock) => {
    const { guard } = guardOf(op, { clockTolerance: 5 });
    const request = asked(`Bearer ${await tokenOf(op, { exp: seconds })}`);
    clock.advance(4);
    same((await guard(request)).claims.sub, "alice", "within");
    clock.advance(1);
    same((await guard(request)).status, 401, "without");
  });
});
