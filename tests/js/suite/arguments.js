// Each argument of each public function, missing or of the wrong type: the error is an OidcError with its name, never a TypeError.
import { codeChallenge, downscope, parseChallenges, RelyingParty } from "oidc-wasm";
import { fakeFetch } from "./fake.js";
import { fail, ok, same, test, throws } from "./harness.js";
import { privateKey, publicKey } from "./tokens.js";

const provider = {
  issuer: "https://op.example.com",
  authorization_endpoint: "https://op.example.com/authorize",
  token_endpoint: "https://op.example.com/token",
  userinfo_endpoint: "https://op.example.com/userinfo",
  jwks_uri: "https://op.example.com/jwks",
  end_session_endpoint: "https://op.example.com/logout",
  revocation_endpoint: "https://op.example.com/revoke",
  introspection_endpoint: "https://op.example.com/introspect",
};
const client = { clientId: "app", redirectUri: "https://app.example.com/cb" };
const party = () => new RelyingParty(provider, client);
const fetch = fakeFetch(() => fail("nothing may be sent with a wrong argument"));

/** A login before its redirect. */
function login() {
  const { state, transaction } = party().authorizationRequest();
  return { response: `https://app.example.com/cb?code=the-code&state=${state}`, transaction };
}

// Wrong values for a string, an object and so on. `undefined` means "missing" and is wrong for a required argument.
const wrong = {
  text: [5, null, {}, true, Symbol("s"), () => {}],
  texts: [5, null, {}, [5], true],
  object: [5, null, "text", true],
  number: ["5", null, {}, Number.NaN, Number.POSITIVE_INFINITY],
  fn: [5, {}, "text", null],
  signal: [5, {}, "text", { aborted: false }],
};

/** `call` receives the wrong value. It may throw at once or reject. */
function refused(title, name, values, call, code = `argument.${name}`) {
  test(`argument: ${title}, ${name}`, async () => {
    for (const value of values) {
      const shown = typeof value === "object" ? JSON.stringify(value) : String(value);
      await throws(code, () => call(value), `${name} = ${shown}`);
    }
  });
}

const required = (values) => [undefined, ...values];

refused("codeChallenge", "verifier", required(wrong.text), (value) => codeChallenge(value));

// ── the constructor ──
refused("RelyingParty", "provider", required(wrong.object), (value) => new RelyingParty(value, client));
refused("RelyingParty", "client", required(wrong.object), (value) => new RelyingParty(provider, value));
refused(
  "RelyingParty",
  "clientId",
  required([...wrong.text, ""]),
  (value) => new RelyingParty(provider, { ...client, clientId: value }),
);
const clientMembers = {
  redirectUri: wrong.text,
  auth: wrong.object,
  idTokenSignedResponseAlg: wrong.text,
  userinfoSignedResponseAlg: wrong.text,
  clockTolerance: [...wrong.number, -1],
  relax: [...wrong.object, {}, [5], ["no-such-relaxation"]],
  trustedAudiences: [5, null, true, {}, [5]],
  requireAuthTime: [5, null, "true", {}],
  clientID: ["a misspelt member"],
};
for (const [name, values] of Object.entries(clientMembers)) {
  refused("RelyingParty", name, values, (value) => new RelyingParty(provider, { ...client, [name]: value }));
  refused("discover", name, values, (value) =>
    RelyingParty.discover(
      provider.issuer,
      { ...client, [name]: value },
      { fetch: fakeFetch(() => ({ body: provider })) },
    ),
  );
}
refused(
  "RelyingParty",
  "method",
  required(["no-such-method", ...wrong.text]),
  (method) => new RelyingParty(provider, { ...client, auth: { method, secret: "a-client-secret" } }),
);
const withAuth = (auth) => new RelyingParty(provider, { ...client, auth });
for (const method of ["client_secret_basic", "client_secret_post", "client_secret_jwt"]) {
  refused(`RelyingParty, ${method}`, "secret", required([...wrong.text, ""]), (secret) => withAuth({ method, secret }));
  refused(`RelyingParty, ${method}`, "key", ["a member of another method"], (key) =>
    withAuth({ method, secret: "a-client-secret", key }),
  );
}
const ofAssertion = {
  audience: [...wrong.text, "https://op.example/token"],
  header: wrong.object,
  claims: wrong.object,
};
for (const [name, values] of Object.entries(ofAssertion))
  refused("RelyingParty, client_secret_jwt", name, values, (value) =>
    withAuth({ method: "client_secret_jwt", secret: "a secret of thirty-two bytes or more", [name]: value }),
  );
refused("RelyingParty, none", "secret", ["a member of another method"], (secret) =>
  withAuth({ method: "none", secret }),
);
refused(
  "RelyingParty, private_key_jwt",
  "key",
  required([5, null, "text", true, {}, { algorithm: 5, usages: 5 }, { kty: "RSA" }]),
  (key) => withAuth({ method: "private_key_jwt", key }),
);
test("argument: RelyingParty, private_key_jwt, keys that cannot sign", async () => {
  const verifying = await crypto.subtle.importKey(
    "jwk",
    publicKey("p256a"),
    { name: "ECDSA", namedCurve: "P-256" },
    false,
    ["verify"],
  );
  const shared = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const sha1 = await crypto.subtle.generateKey(
    {
      name: "RSASSA-PKCS1-v1_5",
      hash: "SHA-1",
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
    },
    false,
    ["sign", "verify"],
  );
  const weak = await privateKey("rsa1024", "RS256");
  const others = {
    "a public key": verifying,
    "a shared key": shared,
    "SHA-1": sha1.privateKey,
    "a pair": sha1,
    "1024 bits": weak,
  };
  for (const [name, key] of Object.entries(others))
    await throws("argument.key", () => withAuth({ method: "private_key_jwt", key }), name);
});
test("argument: RelyingParty, private_key_jwt, an object that only imitates a key", async () => {
  const like = (members) => ({ [Symbol.toStringTag]: "CryptoKey", ...members });
  const ecdsa = { name: "ECDSA", namedCurve: "P-256" };
  await throws("argument.key", () => withAuth({ method: "private_key_jwt", key: like({ algorithm: ecdsa }) }));
  const key = like({ algorithm: ecdsa, usages: ["sign"] });
  const rp = new RelyingParty(
    { issuer: "https://op.example.com", token_endpoint: "https://op.example.com/token" },
    { clientId: "app", auth: { method: "private_key_jwt", key } },
  );
  await throws("argument.key", () => rp.grant({ type: "client_credentials" }, { fetch: fakeFetch(() => ({})) }));
});
for (const name of ["kid", "secret", "alg"]) {
  const values = name === "kid" ? wrong.text : ["a member of another method"];
  test(`argument: RelyingParty, private_key_jwt, ${name}`, async () => {
    const key = await privateKey("rsa1", "RS256");
    for (const value of values)
      await throws(`argument.${name}`, () => withAuth({ method: "private_key_jwt", key, [name]: value }));
  });
}

// ── messages ──
const params = {
  scope: wrong.texts,
  responseType: [...wrong.text, "no-such-type"],
  responseMode: [...wrong.text, "no-such-mode"],
  redirectUri: wrong.text,
  resource: wrong.texts,
  prompt: wrong.text,
  maxAge: [...wrong.number, -1],
  display: wrong.text,
  loginHint: wrong.text,
  idTokenHint: wrong.text,
  uiLocales: wrong.text,
  acrValues: wrong.text,
  claims: wrong.object,
  keep: [...wrong.text, "x".repeat(1025)],
  extra: [...wrong.object, { name: 5 }, new URLSearchParams("name=1"), new Map([["name", "1"]])],
  max_age: ["a member by its wire name"],
};
refused("authorizationRequest", "params", wrong.object, (value) => party().authorizationRequest(value));
for (const [name, values] of Object.entries(params)) {
  refused("authorizationRequest", name, values, (value) => party().authorizationRequest({ [name]: value }));
}
test("argument: authorizationRequest without any redirectUri", () =>
  throws("argument.redirectUri", () => new RelyingParty(provider, { clientId: "app" }).authorizationRequest()));

for (const method of ["authorizationResponse", "callback"]) {
  refused(method, "response", required(wrong.text), (value) => party()[method](value, login().transaction, { fetch }));
  const notText = wrong.text.filter((value) => value !== null);
  refused(method, "transaction", notText, (value) => party()[method](login().response, value, { fetch }));
  refused(
    method,
    "transaction",
    [undefined, null, ""],
    (value) => party()[method](login().response, value, { fetch }),
    "transaction.missing",
  );
  refused(method, "response", [[], { href: 5 }, { code: "x" }, new Map(), withFile()], (value) =>
    party()[method](value, login().transaction, { fetch }),
  );
}

/** A form with a file: no authorization response. */
function withFile() {
  const form = new FormData();
  form.append("code", new Blob(["x"]));
  return form;
}

test("argument: other values than an address or a form", async () => {
  const { response, transaction } = login();
  const { href, search } = new URL(response);
  const form = new FormData();
  for (const [name, value] of new URLSearchParams(search)) form.append(name, value);
  const { code } = party().authorizationResponse(response, transaction);
  const alike = { href, toString: () => "another" };
  for (const handed of [new URL(href), alike, Object.create(alike), new URLSearchParams(search), form])
    if (party().authorizationResponse(handed, transaction).code !== code) fail("another code");
  const error = await throws("argument.response", () =>
    party().authorizationResponse(/** @type {any} */ (5), transaction),
  );
  if (!/URL.*URLSearchParams.*FormData/.test(error.message)) fail("the message does not name the accepted types");
});

const grants = {
  tokenRequest: (grant) => party().tokenRequest(grant),
  grant: (grant) => party().grant(grant, { fetch }),
};
grants.tokenResponse = (grant) =>
  party().tokenResponse(
    {
      status: 200,
      headers: { "content-type": "application/json" },
      body: '{"access_token":"the-access-token","token_type":"Bearer"}',
    },
    grant,
  );
for (const [method, call] of Object.entries(grants)) {
  refused(method, "grant", required(wrong.object), call);
  refused(method, "type", required([...wrong.text, "no-such-grant"]), (type) => call({ type }));
}
for (const method of ["tokenRequest", "grant"]) {
  const call = grants[method];
  refused(method, "code", required(wrong.text), (code) =>
    call({ type: "authorization_code", code, transaction: login().transaction }),
  );
  refused(method, "transaction", required(wrong.text), (transaction) =>
    call({ type: "authorization_code", code: "the-code", transaction }),
  );
  refused(method, "resource", wrong.texts, (resource) =>
    call({ type: "authorization_code", code: "the-code", transaction: login().transaction, resource }),
  );
  refused(method, "refreshToken", required(wrong.text), (refreshToken) =>
    call({ type: "refresh_token", refreshToken }),
  );
  refused(method, "scope", wrong.texts, (scope) =>
    call({ type: "refresh_token", refreshToken: "refresh-token", scope }),
  );
  for (const grant of [
    { type: "refresh_token", refreshToken: "refresh-token" },
    { type: "password", username: "johndoe", password: "A3ddj3w" },
    { type: "authorization_code", code: "the-code" },
    { type: "urn:ietf:params:oauth:grant-type:device_code" },
  ])
    refused(`${method}, ${grant.type}`, "parameters", [...wrong.object, { name: 5 }], (parameters) =>
      call({ ...grant, ...(grant.code && { transaction: login().transaction }), parameters }),
    );
  refused(method, "transaction", wrong.text, (transaction) =>
    call({ type: "refresh_token", refreshToken: "refresh-token", transaction }),
  );
  refused(method, "refresh_token", ["a member by its wire name"], (refresh_token) =>
    call({ type: "refresh_token", refreshToken: "refresh-token", refresh_token }),
  );
}

const reply = {
  status: 200,
  headers: { "content-type": "application/json" },
  body: '{"access_token":"the-access-token","token_type":"Bearer"}',
};
const refreshGrant = /** @type {const} */ ({ type: "refresh_token", refreshToken: "refresh-token" });
refused("tokenResponse", "reply", required(wrong.object), (value) => party().tokenResponse(value, refreshGrant));
refused("tokenResponse", "status", required(wrong.number), (status) =>
  party().tokenResponse({ ...reply, status }, refreshGrant),
);
refused("tokenResponse", "headers", required([5, null, "text", { "bad name": "x" }]), (headers) =>
  party().tokenResponse({ ...reply, headers }, refreshGrant),
);
refused("tokenResponse", "body", required([5, null, {}, []]), (body) =>
  party().tokenResponse({ ...reply, body }, refreshGrant),
);

// ── tokens ──
const expected = {
  nonce: wrong.text,
  maxAge: [...wrong.number, -1],
  acrValues: wrong.text,
  accessToken: wrong.text,
  code: wrong.text,
  state: wrong.text,
  previous: wrong.object,
  now: wrong.number,
  max_age: ["a member by its wire name"],
};
const token = "eyJhbGciOiJSUzI1NiJ9.e30.AAAA";
for (const method of ["checkIdToken", "verifyIdToken"]) {
  refused(method, "idToken", required(wrong.text), (value) => party()[method](value, {}, { fetch }));
  refused(method, "expected", wrong.object, (value) => party()[method](token, value, { fetch }));
  for (const [name, values] of Object.entries(expected)) {
    refused(method, name, values, (value) => party()[method](token, { [name]: value }, { fetch }));
  }
}
const audience = "https://api.example.com";
refused("verifyAccessToken", "jwt", required(wrong.text), (value) =>
  party().verifyAccessToken(value, { audience }, { fetch }),
);
refused("verifyAccessToken", "expected", required(wrong.object), (value) =>
  party().verifyAccessToken(token, value, { fetch }),
);
for (const [name, values] of Object.entries({
  audience: required(wrong.texts),
  scope: wrong.texts,
  now: wrong.number,
  aud: ["a member by its wire name"],
})) {
  refused("verifyAccessToken", name, values, (value) =>
    party().verifyAccessToken(token, { audience, [name]: value }, { fetch }),
  );
}
refused("verifyLogoutToken", "jwt", required(wrong.text), (value) => party().verifyLogoutToken(value, { fetch }));
refused("verifyLogoutToken", "now", wrong.number, (now) => party().verifyLogoutToken(token, { fetch, now }));

refused("userInfo", "accessToken", required(wrong.text), (value) => party().userInfo(value, "subject", { fetch }));
refused("userInfo", "expectedSubject", required(wrong.text), (value) =>
  party().userInfo("access-token", value, { fetch }),
);

for (const method of ["revoke", "introspect"])
  refused(method, "token", required([...wrong.text, ""]), (value) => party()[method](value, { fetch }));

refused("refresh", "refreshToken", required(wrong.text), (value) => party().refresh(value, { fetch }));
for (const [name, values] of Object.entries({
  scope: wrong.texts,
  resource: wrong.texts,
  parameters: [...wrong.object, { name: 5 }],
  previous: [...wrong.object, { tokens: {}, claims: 5 }, { tokens: {}, claims: { iss: 5 } }],
  transaction: wrong.text,
})) {
  refused("refresh", name, values, (value) => party().refresh("refresh-token", { fetch, [name]: value }));
}

refused("endSessionUrl", "params", wrong.object, (value) => party().endSessionUrl(value));
for (const name of ["idTokenHint", "postLogoutRedirectUri", "state", "logoutHint", "uiLocales"]) {
  refused("endSessionUrl", name, wrong.text, (value) => party().endSessionUrl({ [name]: value }));
}
refused("endSessionUrl", "extra", [...wrong.object, { name: 5 }], (extra) => party().endSessionUrl({ extra }));
refused("isFrontChannelLogout", "address", required(wrong.text), (value) => party().isFrontChannelLogout(value, {}));
refused("isFrontChannelLogout", "session", required(wrong.object), (value) =>
  party().isFrontChannelLogout("https://app.example.com/bye", value),
);
refused("isFrontChannelLogout", "sid", wrong.text, (sid) =>
  party().isFrontChannelLogout("https://app.example.com/bye", { sid }),
);
refused("endSessionUrl", "id_token_hint", ["a member by its wire name"], (value) =>
  party().endSessionUrl(/** @type {any} */ ({ id_token_hint: value })),
);

refused("endSessionReturned", "response", required(wrong.text), (value) => party().endSessionReturned(value, "state"));
refused("endSessionReturned", "state", required(wrong.text), (state) =>
  party().endSessionReturned("https://app.example.com/bye?state=x", state),
);
refused("initiatedLogin", "request", required(wrong.text), (value) => party().initiatedLogin(value));
refused("importKeys", "keys", required([...wrong.text, "", "{}", '{"keys":[]}', "0\n{}"]), (value) =>
  party().importKeys(value),
);

// ── functions ──
refused("parseChallenges", "header", required(wrong.text), (value) => parseChallenges(value));
const registry = { [audience]: ["read"] };
refused("downscope", "request", required(wrong.object), (value) => downscope(value, registry));
refused("downscope", "scope", required(wrong.texts), (scope) => downscope({ scope }, registry));
refused("downscope", "resource", wrong.texts, (resource) => downscope({ scope: "openid", resource }, registry));
refused("downscope", "registry", required([...wrong.object, [], { x: 5 }, { x: "read" }, { x: [5] }]), (value) =>
  downscope({ scope: "openid" }, value),
);
refused("downscope", "audience", ["an unknown member"], (value) =>
  downscope(/** @type {any} */ ({ scope: "openid", audience: value }), registry),
);

// ── discovery, and the options of every method that fetches ──
refused("discover", "issuer", required(wrong.text), (value) => RelyingParty.discover(value, client, { fetch }));
refused("discover", "expectedIssuer", wrong.text, (expectedIssuer) =>
  RelyingParty.discover(provider.issuer, client, { fetch, expectedIssuer }),
);
refused("discover", "issuer", ["", "op.example.com", "http://op.example.com", "https://op.example.com?x"], (value) =>
  RelyingParty.discover(value, client, { fetch }),
);
refused("discover", "client", required(wrong.object), (value) =>
  RelyingParty.discover(provider.issuer, value, { fetch: fakeFetch(() => ({ body: provider })) }),
);
refused("discover", "metadata", [...wrong.text, "no-such-metadata"], (metadata) =>
  RelyingParty.discover(provider.issuer, client, { fetch, metadata }),
);

for (const [name, values] of Object.entries({ resource: wrong.texts, parameters: [...wrong.object, { name: 5 }] })) {
  refused("callback", name, values, (value) => {
    const { response, transaction } = login();
    return party().callback(response, transaction, { fetch, [name]: value });
  });
}
const fetching = {
  discover: (options) => RelyingParty.discover(provider.issuer, client, options),
  callback: (options) => {
    const rp = party();
    const { state, transaction } = rp.authorizationRequest();
    return rp.callback(`https://app.example.com/cb?code=the-code&state=${state}`, transaction, options);
  },
  refresh: (options) => party().refresh("refresh-token", options),
  grant: (options) => party().grant(refreshGrant, options),
  verifyIdToken: (options) => party().verifyIdToken(token, {}, options),
  verifyAccessToken: (options) => party().verifyAccessToken(token, { audience }, options),
  verifyLogoutToken: (options) => party().verifyLogoutToken(token, options),
  userInfo: (options) => party().userInfo("access-token", "subject", options),
  revoke: (options) => party().revoke("access-token", options),
  introspect: (options) => party().introspect("access-token", options),
};
for (const [method, callWith] of Object.entries(fetching)) {
  refused(method, "options", wrong.object, callWith);
  refused(method, "fetch", wrong.fn, (value) => callWith({ fetch: value }));
  refused(method, "signal", wrong.signal, (signal) => callWith({ fetch, signal }));
  refused(method, "timeout", ["an unknown member"], (timeout) => callWith({ fetch, timeout }));
}

test("argument: members that a page adds to every object and array are ignored", async () => {
  const added = { configurable: true, enumerable: true, writable: true, value: () => "added" };
  Object.defineProperty(Object.prototype, "addedToObjects", added);
  Object.defineProperty(Array.prototype, "addedToLists", added);
  try {
    const rp = new RelyingParty(
      { issuer: "https://op.example.com", authorization_endpoint: "https://op.example.com/authorize" },
      { clientId: "app", redirectUri: "https://app.example.com/cb", relax: ["content-type"] },
    );
    rp.authorizationRequest({ scope: ["openid"], resource: ["https://api.example.com"] });
    await throws("request.endpoint", () => rp.userInfo("token", "sub", { fetch: fakeFetch(() => ({})) }));
  } finally {
    Reflect.deleteProperty(Object.prototype, "addedToObjects");
    Reflect.deleteProperty(Array.prototype, "addedToLists");
  }
});

test("argument: an array counts by its iterator, also if its length differs", () => {
  const rp = new RelyingParty(
    { issuer: "https://op.example.com", authorization_endpoint: "https://op.example.com/authorize" },
    { clientId: "app", redirectUri: "https://app.example.com/cb" },
  );
  const resource = ["https://a.example.com", "https://b.example.com"];
  resource[Symbol.iterator] = function* () {
    yield "https://api.example.com";
  };
  const { searchParams } = new URL(rp.authorizationRequest({ scope: ["openid"], resource, loginHint: "ann" }).url);
  same(searchParams.getAll("resource"), ["https://api.example.com"]);
  same(searchParams.get("login_hint"), "ann");
});

// ── values that no message can hold ──

const MEBIBYTE = 1 << 20;
const HALF = "\ud800";

test("argument: a string of 1 MiB is read, and of one character or byte more is refused by its name", async () => {
  await throws("pkce.verifier", () => codeChallenge("x".repeat(MEBIBYTE)));
  await throws("argument.verifier", () => codeChallenge("x".repeat(MEBIBYTE + 1)), "characters");
  await throws("pkce.verifier", () => codeChallenge("é".repeat(MEBIBYTE / 2)));
  await throws("argument.verifier", () => codeChallenge(`${"é".repeat(MEBIBYTE / 2)}x`), "bytes");
});

test("argument: options of more than 1 MiB together are refused", async () => {
  const extra = (length) => ({ extra: { one: "x".repeat(MEBIBYTE / 2), other: "x".repeat(length) } });
  ok(party().authorizationRequest(extra(MEBIBYTE / 4)).url.length > MEBIBYTE / 2, "less is sent");
  await throws("argument.params", () => party().authorizationRequest(extra(MEBIBYTE / 2)));
});

test("argument: half a surrogate pair is refused by its option's name, in a string and in JSON", async () => {
  const ask = (params) => party().authorizationRequest(params);
  ok(ask({ loginHint: "\ud83d\ude00", claims: { id_token: { sub: { value: "\ud83d\ude00" } } } }), "whole pairs");
  await throws("argument.loginHint", () => ask({ loginHint: HALF }));
  await throws("argument.value", () => ask({ claims: { id_token: { sub: { value: HALF } } } }));
});

test("argument: what JSON cannot hold is refused by its option's name", async () => {
  const ask = (claims) => party().authorizationRequest({ claims });
  ok(ask({ id_token: { auth_time: { essential: true } } }), "data");
  for (const value of [() => {}, Symbol("s"), 10n])
    await throws("argument.essential", () => ask({ id_token: { auth_time: { essential: value } } }));
  for (const value of [new Map(), new URLSearchParams("a=b")])
    await throws("argument.auth_time", () => ask({ id_token: { auth_time: value } }));
  const circle = {};
  circle.id_token = circle;
  await throws("argument.claims", () => ask(circle), "a circle");
});
