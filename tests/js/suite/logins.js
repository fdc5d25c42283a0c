// The token request with a code or a refresh token, and the result's members beside the tokens.
import { createPkce, RelyingParty } from "oidc-wasm";
import { drain, fakeFetch, withGlobals } from "./fake.js";
import { ok, same, secret, test, throws, withClock } from "./harness.js";
import { keys, publicKey, sign } from "./tokens.js";

const issuer = "https://op.example.com";
const provider = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  revocation_endpoint: `${issuer}/revoke`,
  jwks_uri: `${issuer}/jwks`,
};
const client = { clientId: "app", redirectUri: "https://app.example.com/cb" };
const api = "https://api.example.com";
const other = "https://api.another.com";
const now = 1_311_281_000;

/** A provider with `tokens` as token response. It records the token requests. */
function answering(tokens) {
  const fetch = fakeFetch(async (url) => {
    if (url.endsWith("/jwks")) return { body: { keys: [publicKey("rsa1")] } };
    return { body: { access_token: "the-access-token", token_type: "Bearer", ...(await tokens()) } };
  });
  const forms = () =>
    fetch.calls.filter(({ url }) => url.endsWith("/token")).map(({ body }) => new URLSearchParams(body));
  return Object.assign(fetch, { forms });
}

const signed = (claims = {}) =>
  sign({
    header: { alg: "RS256", kid: keys.rsa1.kid },
    claims: { iss: issuer, sub: "mara", aud: "app", iat: now, exp: now + 300, ...claims },
    key: "rsa1",
  });

/** A login with a code in its redirect. */
function login(rp, params) {
  const { url, state, transaction } = rp.authorizationRequest(params);
  const nonce = new URL(url).searchParams.get("nonce") ?? undefined;
  return { nonce, transaction: secret(transaction), response: `${client.redirectUri}?code=the-code&state=${state}` };
}

test("logins: the token request repeats the one requested resource, or has callback's option", async () => {
  /** @type {[any, any, any][]} */
  const cases = [
    [{ resource: api }, {}, [api]],
    [{ resource: api }, { resource: other }, [other]],
    [{ resource: api }, { resource: [api, other] }, [api, other]],
    [{ resource: api }, { resource: [] }, []],
    [{ resource: [api, other] }, {}, []],
    [{}, {}, []],
    [{}, { resource: api }, [api]],
  ];
  for (const [params, options, expected] of cases) {
    const rp = new RelyingParty(provider, client);
    const { response, transaction } = login(rp, { scope: "read", ...params });
    const fetch = answering(() => ({}));
    await rp.callback(response, transaction, { fetch, ...options });
    same(fetch.forms()[0].getAll("resource"), expected, JSON.stringify([params, options]));
  }
});

test("logins: the token request has the provider's own parameters; the library's names are rejected first", async () => {
  const auth = /** @type {const} */ ({ method: "client_secret_jwt", secret: "a secret of thirty-two bytes or more" });
  for (const config of [client, { ...client, auth }]) {
    const rp = new RelyingParty(provider, config);
    const { response, transaction } = login(rp, { scope: "read" });
    const fetch = answering(() => ({}));
    for (const name of ["code", "code_verifier", "resource", "client_id"]) {
      const parameters = { [name]: "x" };
      await throws("request.reserved", () => rp.callback(response, transaction, { fetch, parameters }), name);
    }
    same(fetch.calls.length, 0, "nothing was sent");
    await rp.callback(response, transaction, { fetch, parameters: { audience: [api, other], x: "y" } });
    const [form] = fetch.forms();
    same([form.getAll("audience"), form.get("x"), form.get("code")], [[api, other], "y", "the-code"]);
  }
});

test("logins: kept data is returned, and the expiry of the access token", async () => {
  for (const keep of ["/where/I/was?x=ü", "", "a;b", "x".repeat(1024)]) {
    const rp = new RelyingParty(provider, client);
    const { response, transaction, nonce } = login(rp, { keep });
    const fetch = answering(async () => ({ expires_in: 3600.5, id_token: await signed({ nonce }) }));
    const { kept, expiresAt, claims } = await withClock(now, () => rp.callback(response, transaction, { fetch }));
    same([kept, expiresAt, claims.sub], [keep, now + 3600, "mara"]);
    ok(
      !fetch.calls.some(({ body, url }) => keep && `${url}${body}`.includes(encodeURIComponent(keep))),
      "sent nowhere",
    );
  }
  const rp = new RelyingParty(provider, client);
  const { response, transaction } = login(rp, { scope: "read" });
  const bare = await rp.callback(response, transaction, { fetch: answering(() => ({})) });
  same(Object.keys(bare), ["tokens"], "no kept data and no expiry");
});

test("logins: tokens in the redirect have their expiry and the kept data", async () => {
  const rp = new RelyingParty(provider, client);
  const { state, transaction } = rp.authorizationRequest({ scope: "read", responseType: "token", keep: "x" });
  const answer = `access_token=${secret("the-front-access-token")}&token_type=bearer&expires_in=60&state=${state}`;
  const login = await withClock(now, () => rp.callback(`${client.redirectUri}#/${answer}`, transaction));
  same([login.kept, login.expiresAt], ["x", now + 60]);
});

test("logins: a refresh continues the previous login", async () => {
  const rp = new RelyingParty(provider, client);
  const claims = { iss: issuer, sub: "mara", aud: "app", iat: now, exp: now + 300 };
  const previous = {
    tokens: { access_token: "a", token_type: "Bearer", id_token: secret("the.old.id-token") },
    claims,
  };
  const refresh = (tokens, options) =>
    withClock(now, () => rp.refresh("the-refresh-token", { fetch: answering(tokens), previous, ...options }));
  const silent = await refresh(() => ({ expires_in: "60" }));
  same([silent.claims, silent.tokens.id_token, silent.expiresAt], [claims, "the.old.id-token", now + 60]);
  same(silent.tokens.refresh_token, "the-refresh-token");
  const id_token = await signed({ iat: now + 1 });
  const spoken = await refresh(() => ({ id_token, refresh_token: secret("the-new-refresh-token") }));
  same(
    [spoken.claims.iat, spoken.tokens.id_token, spoken.tokens.refresh_token],
    [now + 1, id_token, "the-new-refresh-token"],
  );
  const stranger = await signed({ sub: "eve" });
  await throws("id_token.previous", () => refresh(() => ({ id_token: stranger })));
  const oauth = { tokens: { access_token: "a", token_type: "Bearer" } };
  same(Object.keys(await refresh(() => ({}), { previous: oauth })), ["tokens"], "a login without claims");
  const bare = await refresh(() => ({}), { previous: claims });
  same(Object.keys(bare), ["tokens"], "claims alone are no login");
});

test("logins: a refresh with the login's transaction sends its code_verifier, each time", async () => {
  const rp = new RelyingParty(provider, client);
  const { response, transaction } = login(rp, { scope: "read" });
  const fetch = answering(() => ({ refresh_token: secret("a-refresh-token") }));
  await rp.callback(response, transaction, { fetch });
  for (let count = 0; count < 2; count++) await rp.refresh("a-refresh-token", { fetch, transaction });
  await rp.refresh("a-refresh-token", { fetch });
  const [sent, ...refreshed] = fetch.forms().map((form) => form.get("code_verifier"));
  ok(secret(sent).length >= 43, "a verifier");
  same(refreshed, [sent, sent, null]);
  const stranger = new RelyingParty(provider, { ...client, clientId: "other" });
  await throws("transaction.mismatch", () => stranger.refresh("a-refresh-token", { fetch, transaction }));
  await throws("transaction.missing", () => rp.refresh("a-refresh-token", { fetch, transaction: "" }));
  same(fetch.forms().length, 4, "nothing was sent");
});

test("logins: an OAuth provider without metadata, keys, scope and ID tokens", async () => {
  const github = {
    issuer: "https://github.example/login/oauth",
    authorization_endpoint: "https://github.example/login/oauth/authorize",
    token_endpoint: "https://github.example/login/oauth/access_token",
  };
  const rp = new RelyingParty(github, { ...client, auth: { method: "client_secret_post", secret: "a client secret" } });
  for (const scope of ["read:user", "", []]) {
    const { url, state, transaction } = rp.authorizationRequest({ scope });
    const { searchParams } = new URL(url);
    same([searchParams.get("scope"), searchParams.has("nonce")], [scope.length ? scope : null, false]);
    const fetch = fakeFetch(() => ({ body: { access_token: "gho", token_type: "bearer", scope: "read:user,gist" } }));
    const response = `${client.redirectUri}?${new URLSearchParams({ code: "c", state, iss: github.issuer })}`;
    const login = await rp.callback(response, transaction, { fetch });
    same(login, { tokens: { access_token: "gho", token_type: "bearer", scope: "read:user,gist" } });
    same(fetch.calls.length, 1, "one request, and none for keys");
    const told = await throws("token.oauth_error", () =>
      rp.callback(response, transaction, { fetch: fakeFetch(() => ({ body: { error: "bad_verification_code" } })) }),
    );
    same(told.error, "bad_verification_code");
  }
});

test("logins: a client without signatures needs no random bytes to refresh and to revoke", async () => {
  const none = () => {
    throw new Error("there is no entropy here");
  };
  const shared = /** @type {const} */ ({ secret: "a secret of thirty-two bytes or more" });
  for (const method of /** @type {const} */ ([
    "none",
    "client_secret_basic",
    "client_secret_post",
    "client_secret_jwt",
  ])) {
    const auth = method === "none" ? { method } : { method, ...shared };
    const rp = new RelyingParty(provider, { ...client, auth });
    const fetch = answering(() => ({}));
    const { subtle } = crypto;
    drain({ createPkce });
    await withGlobals({ crypto: { subtle, getRandomValues: none } }, async () => {
      const calls = [() => rp.refresh("a-refresh-token", { fetch }), () => rp.revoke("a-refresh-token", { fetch })];
      for (const call of calls)
        if (method === "client_secret_jwt") await throws("entropy.unavailable", call, method);
        else await call();
    });
    same(fetch.calls.length, method === "client_secret_jwt" ? 0 : 2, method);
  }
});
