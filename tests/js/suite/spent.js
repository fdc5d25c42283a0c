// A code works once, so the package fetches the keys before it sends the code. A refresh token is spent before the ID
// token arrives. If only the keys or the clock fail, the error returns the new tokens.
import { RelyingParty } from "oidc-wasm";
import { fakeFetch, withGlobals } from "./fake.js";
import { ok, outcome, same, secret, test, throws } from "./harness.js";
import { keys, publicKey, sign } from "./tokens.js";

const issuer = "https://op.example.com";
const provider = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/jwks`,
};
const client = { clientId: "app", redirectUri: "https://app.example.com/cb" };
const shared = /** @type {const} */ ({
  auth: { method: "client_secret_basic", secret: "a secret of thirty-two bytes or more" },
  idTokenSignedResponseAlg: "HS256",
});
const now = () => Math.floor(Date.now() / 1000);
const json = { "content-type": "application/json" };

/** A provider with this key set, and this ID token in its token response. */
function answering({
  idToken = async () => undefined,
  jwks = () => ({ body: { keys: [publicKey("rsa1")] } }),
  ...more
}) {
  const fetch = fakeFetch(async (url) => {
    if (url.endsWith("/jwks")) return jwks();
    const tokens = {
      access_token: "the-new-access-token",
      token_type: "Bearer",
      refresh_token: "the-new-refresh-token",
    };
    return { headers: json, body: { ...tokens, id_token: await idToken(), ...more } };
  });
  return Object.assign(fetch, { paths: () => fetch.calls.map(({ url }) => new URL(url).pathname) });
}

const signed = (claims, { key = "rsa1", alg = "RS256", ...header } = {}) =>
  sign({
    header: { alg, ...(alg === "RS256" && { kid: keys.rsa1.kid }), ...header },
    claims: { iss: issuer, sub: "mara", aud: "app", iat: now(), exp: now() + 300, ...claims },
    key,
  });

/** The redirect of a login, and its callback. */
function login(rp, params = {}) {
  const { url, state, transaction } = rp.authorizationRequest(params);
  const response = `${client.redirectUri}?${new URLSearchParams({ code: "the-code", state })}`;
  const nonce = new URL(url).searchParams.get("nonce");
  return { nonce, callback: (options) => rp.callback(response, transaction, options) };
}

/** @type {Record<string, [string, () => any]>} */
const outages = {
  "the network fails": ["http.failed", () => Promise.reject(new TypeError("the network is down"))],
  503: ["http.status", () => ({ status: 503 })],
  "a page": ["json.syntax", () => ({ body: "<!doctype html>" })],
  "no keys member": ["jwks.malformed", () => ({ body: {} })],
  "an empty set": ["jwks.no_match", () => ({ body: { keys: [] } })],
};

for (const [name, [code, jwks]] of Object.entries(outages)) {
  test(`spent: callback, keys: ${name}: the code is not sent, and the same call works later`, async () => {
    const rp = new RelyingParty(provider, client);
    const { nonce, callback } = login(rp);
    const down = answering({ jwks });
    await throws(code, () => callback({ fetch: down }));
    same(down.paths(), ["/jwks"], "requests");
    const waited = Date.now() + 1_001;
    const { now: real } = Date;
    Date.now = () => Math.max(waited, real());
    try {
      const up = answering({ idToken: () => signed({ nonce }) });
      same((await callback({ fetch: up })).claims.sub, "mara");
      same(up.paths(), ["/jwks", "/token"], "requests");
    } finally {
      Date.now = real;
    }
  });

  test(`spent: refresh, keys: ${name}: the error returns the new tokens`, async () => {
    const rp = new RelyingParty(provider, client);
    const fetch = answering({ jwks, idToken: () => signed({}) });
    const error = await throws(code, () => rp.refresh("the-old-refresh-token", { fetch }));
    same(error.tokens, {
      access_token: "the-new-access-token",
      token_type: "Bearer",
      refresh_token: "the-new-refresh-token",
    });
    const without = answering({ jwks, id_token: undefined });
    same((await rp.refresh("the-old-refresh-token", { fetch: without })).tokens.access_token, "the-new-access-token");
    same(without.paths(), ["/token"], "without an ID token, no keys are needed");
  });
}

const jwtSecret = /** @type {const} */ ({ auth: { ...shared.auth, method: "client_secret_jwt" } });

test("spent: callback, no WebCrypto: the code is not sent, and the same call works later", async () => {
  const bare = { getRandomValues: crypto.getRandomValues.bind(crypto) };
  for (const config of [client, { ...client, ...shared }, { ...client, ...jwtSecret }])
    for (const missing of [bare, {}, undefined]) {
      const rp = new RelyingParty(provider, config);
      const { nonce, callback } = login(rp);
      const claims = idClaims({ nonce });
      const isShared = "idTokenSignedResponseAlg" in config;
      const idToken = () =>
        isShared ? sign({ header: { alg: "HS256" }, claims, secret: shared.auth.secret }) : signed(claims);
      const fetch = answering({ idToken });
      await withGlobals({ crypto: missing }, () => throws("crypto.unavailable", () => callback({ fetch })));
      same(fetch.paths(), [], "requests");
      same((await callback({ fetch })).claims.sub, "mara");
      same(fetch.paths(), isShared ? ["/token"] : ["/jwks", "/token"], "requests");
    }
});

test("spent: refresh, no crypto.subtle: nothing is sent if an ID token may come", async () => {
  const fetch = answering({ id_token: undefined });
  const refresh = (metadata) => new RelyingParty(metadata, client).refresh("the-old-refresh-token", { fetch });
  const { jwks_uri: _, ...plain } = provider;
  await withGlobals({ crypto: {} }, async () => {
    await throws("crypto.unavailable", () => refresh(provider));
    same(fetch.paths(), [], "requests");
    same((await refresh(plain)).tokens.refresh_token, "the-new-refresh-token");
  });
});

test("spent: no keys are fetched without an ID token, or if the secret signs it", async () => {
  const plain = answering({ id_token: undefined });
  await login(new RelyingParty(provider, client), { scope: "read" }).callback({ fetch: plain });
  same(plain.paths(), ["/token"], "without openid");
  const { nonce, callback } = login(new RelyingParty(provider, { ...client, ...shared }));
  const secretly = answering({
    idToken: () => sign({ header: { alg: "HS256" }, claims: idClaims({ nonce }), secret: shared.auth.secret }),
  });
  same((await callback({ fetch: secretly })).claims.sub, "mara");
  same(secretly.paths(), ["/token"], "with a secret");
});

const idClaims = (claims) => ({ iss: issuer, sub: "mara", aud: "app", iat: now(), exp: now() + 300, ...claims });
const previous = () => idClaims({ iat: now() - 600, exp: now() - 300, auth_time: 1_000 });

/** Wrong times in the ID token, with the verdict. @type {Record<string, [string, object]>} */
const times = {
  expired: ["id_token.exp", { exp: now() - 600 }],
  "from the future": ["id_token.iat", { iat: now() + 3_600, exp: now() + 7_200 }],
  "not valid yet": ["id_token.nbf", { nbf: now() + 3_600 }],
  // The previous claims are those of the same login.
  "of a login in the future": ["id_token.auth_time", { auth_time: now() + 3_600 }],
};
for (const [name, [code, claims]] of Object.entries(times))
  test(`spent: a refreshed ID token, ${name}: the error returns the new tokens`, async () => {
    const rp = new RelyingParty(provider, client);
    const fetch = answering({ idToken: () => signed(claims) });
    const before = { ...previous(), ...("auth_time" in claims && claims) };
    const error = await throws(code, () => rp.refresh("the-old-refresh-token", { fetch, previous: before }));
    same([error.tokens.refresh_token, error.tokens.id_token], ["the-new-refresh-token", undefined]);
    const kept = answering({ idToken: () => signed(claims), refresh_token: undefined });
    const second = await throws(code, () => rp.refresh("the-old-refresh-token", { fetch: kept }));
    same(second.tokens.refresh_token, "the-old-refresh-token", "the old one, without a new one");
    same(error.tokens.refresh_token, "the-new-refresh-token", "each error has its own tokens");
  });

/** Faults that make the tokens suspect, other than missing keys or a wrong clock. @type {Record<string, object>} */
const suspect = {
  iss: { iss: "https://evil.example" },
  aud: { aud: "another" },
  azp: { azp: "another" },
  sub: { sub: "" },
  "previous sub": { sub: "another" },
  nonce: { nonce: "another" },
  at_hash: { at_hash: "AAAAAAAAAAAAAAAAAAAAAA" },
  events: { events: { "http://schemas.openid.net/event/backchannel-logout": {} } },
};
for (const [name, claims] of Object.entries(suspect))
  test(`spent: a refreshed ID token with a wrong ${name} returns no tokens`, async () => {
    const refresh = (more, options = {}, jwks = undefined) => {
      const fetch = answering({ idToken: () => signed({ ...claims, ...more }, options), ...(jwks && { jwks }) });
      const rp = new RelyingParty(provider, client);
      return outcome(() => rp.refresh("the-old-refresh-token", { fetch, previous: previous() }));
    };
    for (const { error } of [
      await refresh({}),
      await refresh({ exp: now() - 600 }),
      await refresh({ nbf: now() + 3_600 }),
      await refresh({}, {}, outages[503][1]),
      await refresh({}, { kid: "unknown" }),
    ]) {
      ok(error, "refused");
      same(error.tokens, undefined, error.code);
    }
  });

test("spent: a wrong signature or an unreadable token returns no tokens", async () => {
  /** @type {[string, () => Promise<string>][]} */
  const tokens = [
    ["jws.signature", () => signed({}, { key: "rsa2" })],
    ["jws.signature", () => signed({ exp: now() - 600 }, { key: "rsa2" })],
    ["jws.malformed", async () => "a.b"],
    ["jws.alg", () => signed({}, { alg: "none", key: "none" })],
  ];
  for (const [code, idToken] of tokens) {
    const fetch = answering({ idToken });
    const refresh = () => new RelyingParty(provider, client).refresh("the-old-refresh-token", { fetch });
    same((await throws(code, refresh)).tokens, undefined, code);
  }
  const down = answering({ jwks: outages[503][1], idToken: async () => "a.b.c" });
  const { error } = await outcome(() => new RelyingParty(provider, client).refresh("the-old", { fetch: down }));
  same(error.tokens, undefined, error.code);
});

test("spent: only an error of a refresh has tokens, and printing does not show them", async () => {
  const rp = new RelyingParty(provider, client);
  const jwks = outages[503][1];
  const idToken = () => signed({});
  const fetch = answering({ jwks, idToken });
  const error = await throws("http.status", () => rp.refresh("the-old-refresh-token", { fetch }));
  for (const value of ["the-new-access-token", "the-new-refresh-token", "the-old-refresh-token"]) secret(value);
  ok(error.tokens, "the tokens exist");
  same(Object.keys(error).includes("tokens"), false, "a member");
  const seen = [String(error), error.stack, JSON.stringify(error), JSON.stringify({ ...error }), `${error.cause}`];
  same(
    seen.filter((text) => text?.includes("the-new")),
    [],
    "shown",
  );
  const clone = typeof structuredClone === "function" ? structuredClone(error) : {};
  same(/** @type {any} */ (clone).tokens, undefined, "a clone");
  const { callback } = login(rp);
  same((await throws("http.status", () => callback({ fetch }))).tokens, undefined, "a login");
  const token = await signed({ exp: now() - 600 });
  const up = answering({});
  same((await throws("http.status", () => rp.verifyIdToken(token, {}, { fetch }))).tokens, undefined, "verifyIdToken");
  const other = new RelyingParty(provider, client);
  same((await throws("id_token.exp", () => other.verifyIdToken(token, {}, { fetch: up }))).tokens, undefined);
});

test("spent: two refreshes that wait for one key set return their own tokens", async () => {
  const rp = new RelyingParty(provider, client);
  let names = 0;
  // Both have their tokens before the keys fail: signing takes any time on a busy machine.
  const tokens = [signed({}), signed({})];
  const fetch = fakeFetch(async (url) => {
    if (url.endsWith("/jwks")) {
      await Promise.all(tokens);
      await new Promise((next) => setTimeout(next, 50));
      return { status: 503 };
    }
    const name = ++names;
    return {
      body: {
        access_token: `at-${name}`,
        token_type: "Bearer",
        refresh_token: `rt-${name}`,
        id_token: await tokens[name - 1],
      },
    };
  });
  const errors = await Promise.all(
    ["one", "two"].map(async (name) => (await outcome(() => rp.refresh(name, { fetch }))).error),
  );
  same(
    errors.map(({ tokens }) => tokens.refresh_token),
    ["rt-1", "rt-2"],
  );
  same(fetch.calls.filter(({ url }) => url.endsWith("/jwks")).length, 1, "fetches of the keys");
});
