// @ts-nocheck: these tests pass values that the types forbid.
// Where JavaScript meets the engine: nested calls, and inputs whose length is at a limit.
import { codeChallenge, createPkce, OidcError, parseChallenges, RelyingParty } from "oidc-wasm";
import { drain, fakeFetch, response } from "./fake.js";
import { fail, ok, same, secret, test, throws } from "./harness.js";
import { fromBase64url, keys, publicKey, sign } from "./tokens.js";

const issuer = "https://op.example.com";
const provider = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  userinfo_endpoint: `${issuer}/userinfo`,
  jwks_uri: `${issuer}/jwks`,
  revocation_endpoint: `${issuer}/revoke`,
  introspection_endpoint: `${issuer}/introspect`,
};
const client = { clientId: "app", redirectUri: "https://app.example.com/cb" };
const party = (clientId = "app") => new RelyingParty(provider, { ...client, clientId });
const other = { clientId: "other", redirectUri: "https://other.example.com/cb" };
const refresh = { type: "refresh_token", refreshToken: secret("the-refresh-token") };
const json = { "content-type": "application/json" };
const reply = { status: 200, headers: json, body: '{"access_token":"at","token_type":"Bearer"}' };

/** Calls of another client in between: good, rejected and long ones, and a new relying party. Counts them. */
function intruder() {
  const rp = new RelyingParty({ ...provider, issuer: "https://other.example" }, other);
  const intrude = (value) => {
    intrude.times++;
    const { url, state, transaction } = rp.authorizationRequest({ loginHint: "é".repeat(5_000) });
    ok(url.includes("client_id=other&") || url.endsWith("client_id=other"), "the other client's own request");
    const back = `${other.redirectUri}?code=the-other-code&state=${state}`;
    same(rp.authorizationResponse(back, transaction).code, "the-other-code");
    try {
      codeChallenge("short");
      fail("a short verifier was accepted");
    } catch (error) {
      same(error.code, "pkce.verifier");
    }
    parseChallenges('Basic realm="x"');
    new RelyingParty(provider, other).free();
    return value;
  };
  intrude.times = 0;
  return intrude;
}

/** Every member comes from a getter. */
const getters = (object, intrude) =>
  Object.defineProperties(
    {},
    Object.fromEntries(
      Object.entries(object).map(([name, value]) => [name, { enumerable: true, get: () => intrude(value) }]),
    ),
  );

/** Another client makes calls before each access to the object. */
const proxy = (object, intrude) =>
  new Proxy(object, {
    get: (target, name) => intrude(Reflect.get(target, name)),
    has: (target, name) => intrude(Reflect.has(target, name)),
    ownKeys: (target) => intrude(Reflect.ownKeys(target)),
    getOwnPropertyDescriptor: (target, name) => intrude(Reflect.getOwnPropertyDescriptor(target, name)),
  });

/** An object whose `toJSON` returns the value. */
const jsonOf = (value, intrude) => ({ toJSON: () => intrude(value) });

/** The request URL without random values. */
const fixed = (url) => url.replace(/(state|nonce|code_challenge)=[^&]*/g, "$1");

for (const [name, wrap] of Object.entries({ getters, proxy })) {
  test(`calls inside calls: ${name}`, async () => {
    const intrude = intruder();
    const rp = party();
    const params = {
      scope: ["openid", "email"],
      loginHint: "mara",
      claims: { userinfo: { email: null } },
      extra: { a: "b" },
    };
    const strange = { ...params, claims: wrap(params.claims, intrude), extra: wrap(params.extra, intrude) };
    const { url, state, transaction } = rp.authorizationRequest(wrap(strange, intrude));
    same(fixed(url), fixed(rp.authorizationRequest(params).url), "the same request as without nested calls");
    same(new URL(url).searchParams.get("state"), state);
    const back = `${client.redirectUri}?code=the-code&state=${state}`;
    same(rp.authorizationResponse(back, transaction), { code: "the-code" });
    same(rp.tokenRequest(wrap(refresh, intrude)), rp.tokenRequest(refresh), "token request");
    const tokens = rp.tokenResponse(wrap(reply, intrude), wrap(refresh, intrude));
    same(tokens, rp.tokenResponse(reply, refresh), "tokens");
    const made = new RelyingParty(wrap(provider, intrude), wrap(client, intrude));
    same(made.tokenRequest(refresh), rp.tokenRequest(refresh), "a relying party created with calls in between");
    await throws("argument.prompt", () => rp.authorizationRequest(wrap({ ...params, prompt: 5 }, intrude)));
    await throws("request.scope", () => rp.authorizationRequest(wrap({ ...params, scope: "\u0001" }, intrude)));
    ok(intrude.times > 20, `only ${intrude.times} calls came in between`);
  });
}

test("calls inside calls: toJSON and toString", () => {
  const intrude = intruder();
  const rp = party();
  const { url } = rp.authorizationRequest({
    loginHint: jsonOf("mara", intrude),
    claims: { userinfo: jsonOf({ email: null }, intrude) },
  });
  same(fixed(url), fixed(rp.authorizationRequest({ loginHint: "mara", claims: { userinfo: { email: null } } }).url));
  const metadata = { ...provider, service: jsonOf({ of: ["mine"] }, intrude) };
  same(new RelyingParty(metadata, client).provider, { ...provider, service: { of: ["mine"] } });
  ok(intrude.times >= 3, `only ${intrude.times} calls came in between`);
});

test("calls inside calls: an issuer with toString", async () => {
  const intrude = intruder();
  const strange = { toJSON: () => intrude(issuer), toString: () => intrude("https://evil.example") };
  const rp = await RelyingParty.discover(strange, client, { fetch: fakeFetch(() => ({ body: provider })) });
  same(rp.provider, provider);
  same(rp.tokenRequest(refresh), party().tokenRequest(refresh));
  ok(intrude.times > 0, "no call came in between");
});

test("calls inside calls: a foreign Headers class", async () => {
  const intrude = intruder();
  class Strange extends Headers {
    get(name) {
      return intrude(super.get(name));
    }
  }
  const rp = party();
  same(rp.tokenResponse({ ...reply, headers: new Strange(json) }, refresh), rp.tokenResponse(reply, refresh));
  const headers = new Strange({ ...json, "www-authenticate": 'Basic realm="mine"' });
  const refused = { status: 401, headers, body: '{"error":"invalid_client"}' };
  const error = await throws("token.oauth_error", () => rp.tokenResponse(refused, refresh));
  same([error.error, error.status, error.challenges?.[0]?.parameters], ["invalid_client", 401, { realm: "mine" }]);
  ok(intrude.times >= 4, `only ${intrude.times} calls came in between`);
  class Wrong extends Headers {
    get(name) {
      return name === "www-authenticate" ? "Basic \u0000 realm" : super.get(name);
    }
  }
  await throws("argument.headers", () => rp.tokenResponse({ ...refused, headers: new Wrong(json) }, refresh));
});

test("calls inside calls: fetch, a signal and its listener", async () => {
  const intrude = intruder();
  const rp = party();
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer, sub: "s", aud: "app", iat: now, exp: now + 600 };
  const token = await sign({ header: { alg: "RS256", kid: keys.rsa1.kid }, claims });
  const fetch = fakeFetch((url) => {
    intrude();
    return url.endsWith("/jwks")
      ? { body: { keys: [publicKey("rsa1")] } }
      : { body: { ...JSON.parse(reply.body), id_token: token } };
  });
  const controller = new AbortController();
  const { signal } = controller;
  const watched = proxyOfSignal(signal, intrude);
  const { claims: seen, tokens } = await rp.refresh(refresh.refreshToken, getters({ fetch, signal: watched }, intrude));
  same([seen.sub, tokens.access_token], ["s", "at"]);
  const abort = rp.grant(refresh, { fetch: () => new Promise(() => {}), signal });
  signal.addEventListener("abort", () => intrude());
  controller.abort(getters({ why: 1 }, intrude));
  await throws("http.aborted", () => abort);
  same((await rp.verifyIdToken(token, {}, { fetch: () => fail("the keys are known") })).sub, "s");
  ok(intrude.times >= 5, `only ${intrude.times} calls came in between`);
});

/** The required members of a signal, and no others. */
function proxyOfSignal(signal, intrude) {
  return {
    get aborted() {
      return intrude(signal.aborted);
    },
    addEventListener: (...given) => intrude(signal.addEventListener(...given)),
    removeEventListener: (...given) => intrude(signal.removeEventListener(...given)),
  };
}

test("borders: as many fields as fit, and one more or less", () => {
  const rp = party();
  // A scope and a pair take a field or two each. The whole request has about twenty.
  for (let count = 225; count <= 262; count++) {
    const scope = ["openid", ...Array.from({ length: count - 1 }, (_, at) => `s${at}`)];
    const { searchParams } = new URL(rp.authorizationRequest({ scope, extra: { last: "é" } }).url);
    same(searchParams.get("scope"), scope.join(" "), `${count} scopes`);
    same(searchParams.get("last"), "é", `what comes after ${count} scopes`);
    const { body } = rp.tokenRequest({ ...refresh, scope });
    same(new URLSearchParams(body).get("scope"), scope.join(" "), `${count} scopes of a refresh`);
  }
});

test("borders: bytes that claim another length are read whole", async () => {
  const rp = party();
  const short = (text) => {
    const body = new TextEncoder().encode(text);
    return { ...reply, body: Object.defineProperty(body, "length", { value: reply.body.length }) };
  };
  same(rp.tokenResponse(short(`${reply.body} `), refresh), rp.tokenResponse(reply, refresh));
  await throws("json.trailing", () => rp.tokenResponse(short(`${reply.body}}`), refresh));
});

test("borders: a part of a string that is not ASCII", () => {
  const rp = party();
  for (const text of ["é", "€", "😀", "e\u0301", "a😀b€cédd", "", "\u0000", "x".repeat(70_000), "é".repeat(40_000)]) {
    const login = `https://app.example.com/start?${new URLSearchParams({ iss: issuer, login_hint: text })}`;
    same(rp.initiatedLogin(login).loginHint, text, `a login hint of ${text.length}`);
    const { url, state, transaction } = rp.authorizationRequest({ loginHint: text || "x", extra: { after: text } });
    same(new URL(url).searchParams.get("after"), text, `a parameter of ${text.length}`);
    const form = new URLSearchParams({ code: "the-code", state, session_state: `s${text.slice(0, 1000)}` });
    same(rp.authorizationResponse(form, transaction).code, "the-code");
    const grant = {
      type: "password",
      username: `m${text}`,
      password: secret("the-password"),
      parameters: { after: text },
    };
    const sent = new URLSearchParams(rp.tokenRequest(grant).body);
    same([sent.get("username"), sent.get("password"), sent.get("after")], [`m${text}`, "the-password", text]);
  }
});

test("borders: empty values", async () => {
  const rp = party();
  const empty = { ...reply, body: new Uint8Array() };
  await throws("json.syntax", () => rp.tokenResponse(empty, refresh));
  await throws("json.syntax", () => rp.tokenResponse({ ...reply, body: "" }, refresh));
  const named = (name) => rp.tokenResponse({ ...reply, body: reply.body.replace("}", `,"name":"${name}"}`) }, refresh);
  await throws("json.utf8", () => named("\ud83d"));
  same(named("\ud83d\ude00").access_token, "at", "a whole surrogate pair");
  const fetch = async () => response({ body: "" });
  await rp.revoke(secret("the-token"), { fetch });
  await throws("json.syntax", () => rp.userInfo("at", "s", { fetch }));
  await throws("json.syntax", () => rp.introspect("at", { fetch }));
  await throws("argument.response", () => rp.authorizationResponse("", "x"));
  await throws("argument.refreshToken", () => rp.tokenRequest({ ...refresh, refreshToken: "" }));
  same(parseChallenges(""), []);
  ok(createPkce().verifier.length >= 43);
  ok((await throws("pkce.verifier", () => codeChallenge(""))) instanceof OidcError);
});

test("calls inside calls: a host function inside a call cannot call the engine, and the call continues", async () => {
  const { getRandomValues } = crypto;
  const codes = [];
  const nested = () => {
    try {
      codeChallenge("x".repeat(43));
      codes.push("ok");
    } catch (error) {
      codes.push(error.code);
    }
  };
  const rp = party();
  for (const draw of [() => createPkce().verifier, () => rp.authorizationRequest().state]) {
    drain({ createPkce });
    crypto.getRandomValues = (bytes) => {
      nested();
      return getRandomValues.call(crypto, bytes);
    };
    try {
      ok(draw().length >= 22);
    } finally {
      crypto.getRandomValues = getRandomValues;
    }
  }
  same(codes, ["internal", "internal"]);
  same(codeChallenge("x".repeat(43)).length, 43, "the next call");
});

test("calls inside calls: a replaced Headers.prototype.get", async () => {
  const { get } = Headers.prototype;
  let made = 0;
  Headers.prototype.get = function (name) {
    made += codeChallenge("x".repeat(43)).length;
    return get.call(this, name);
  };
  try {
    const headers = new Headers({ ...json, "www-authenticate": 'Basic realm="mine"' });
    const refused = { status: 401, headers, body: '{"error":"invalid_client"}' };
    const error = await throws("token.oauth_error", () => party().tokenResponse(refused, refresh));
    same(error.challenges?.[0]?.parameters, { realm: "mine" });
  } finally {
    Headers.prototype.get = get;
  }
  ok(made > 0, "calls came in between");
});

test("each random byte is used once, and many come with one draw", () => {
  const { getRandomValues } = crypto;
  const drawn = [];
  drain({ createPkce });
  crypto.getRandomValues = (bytes) => {
    for (const at of bytes.keys()) bytes[at] = (at >> 5) + 32 * drawn.length;
    drawn.push(bytes.length);
    return bytes;
  };
  const verifiers = [];
  try {
    while (verifiers.length < 64) verifiers.push(createPkce().verifier);
  } finally {
    crypto.getRandomValues = getRandomValues;
  }
  same(drawn, [1024, 1024]);
  const used = verifiers.flatMap((verifier) => [...new Set(fromBase64url(verifier))]);
  same(
    used.sort((a, b) => a - b),
    Array.from({ length: 64 }, (_, at) => at),
  );
});

test("a random source that returns only zeros is rejected", async () => {
  const { getRandomValues } = crypto;
  const rp = party();
  drain({ createPkce });
  crypto.getRandomValues = (bytes) => bytes.fill(0);
  try {
    await throws("entropy.unavailable", () => createPkce());
    await throws("entropy.unavailable", () => rp.authorizationRequest());
    crypto.getRandomValues = (bytes) => {
      bytes.fill(0)[bytes.length - 1] = 1;
      return bytes;
    };
    ok(createPkce().verifier, "one bit is enough");
  } finally {
    crypto.getRandomValues = getRandomValues;
  }
});

test("a clock without a time after 1970 makes every token expired", async () => {
  const { now } = Date;
  const token = await sign({
    header: { alg: "HS256" },
    claims: { iss: issuer, sub: "ann", aud: "app", iat: 1, exp: 4e9 },
  });
  const verdict = () =>
    party()
      .checkIdToken(token)
      .checks.find(({ rule }) => rule === "id_token.exp").verdict;
  try {
    for (const [time, expected] of [
      [1, "pass"],
      [0, "fail"],
      [-1, "fail"],
      [Number.NaN, "fail"],
      [undefined, "fail"],
    ]) {
      Date.now = () => time;
      same(verdict(), expected, `at ${time}`);
    }
  } finally {
    Date.now = now;
  }
});

test("the class has its own name, and no method of a symbol that is missing", () => {
  same(RelyingParty.name, "RelyingParty");
  const names = Object.getOwnPropertyNames(RelyingParty.prototype);
  same(names.includes("undefined"), false, "a method named undefined");
  if (!Symbol.dispose) return;
  const rp = party();
  rp[Symbol.dispose]();
  try {
    rp.authorizationRequest();
    fail("free() was called");
  } catch (error) {
    same(error.code, "relying_party.freed");
  }
});
