// Observed messages of running servers. Each line names the vectors with the message and their result. Messages without
// a vector follow as code.
import { generateKeyPairSync } from "node:crypto";
import { compact, createKey, decoded } from "../../support/provider/jws.js";

const json = { "content-type": "application/json", "cache-control": "no-store" };

/** @type {{ seen: string, vectors: Record<string, string>, messages?: Record<string, (tools: import("./index.mjs").Tools) => Promise<void>> }[]} */
export const lines = [
  {
    seen: "Basic credentials read raw (Liberty)",
    vectors: {
      "token_request/Basic: unreserved characters stay as they are": "ok",
      "token_request/Basic: all else is form-encoded first": "ok",
      "token_request/Basic: raw for Liberty, with the relaxation": "ok",
    },
  },
  {
    seen: "refresh refused without the code_verifier of the login (Liberty)",
    vectors: { "token_request/refresh with the code_verifier that Liberty requires": "ok" },
    messages: {
      "refresh() sends it, and it is the login's": async ({ party, canned, same }) => {
        const rp = party();
        const { url, transaction } = rp.authorizationRequest({ scope: "read" });
        const { body } = rp.tokenRequest({ type: "authorization_code", code: "any", transaction });
        const code_verifier = new URLSearchParams(body).get("code_verifier");
        const fetch = canned({ token: { headers: json, body: { access_token: "a", token_type: "Bearer" } } });
        await rp.refresh("refresh-token", { fetch, parameters: { code_verifier } });
        const sent = new URLSearchParams(fetch.calls[0].body).get("code_verifier");
        const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(sent));
        const challenge = new URL(url).searchParams.get("code_challenge");
        same(Buffer.from(hash).toString("base64url"), challenge, "challenge of the sent verifier");
      },
    },
  },
  {
    seen: "client credentials without scope: 302 with a JSON error body, no Location (Liberty)",
    vectors: { "token_response/302 with a JSON error and no Location, as Liberty answers": "token.oauth_error" },
  },
  {
    seen: "ID tokens HS256 with the client secret, no kid; the key-set endpoint answers with an empty body (Liberty, Django, oidc-provider)",
    vectors: {
      "id_token/HS256 registered, with a secret and no kid": "ok",
      "id_token/HS256 listed but not registered": "jws.alg",
      "jwks/an empty body": "json.syntax",
    },
    messages: {
      "the key set is never fetched": async ({ party, canned, claims, same }) => {
        const secret = "a secret that is ünique, in UTF-8";
        const rp = party({ idTokenSignedResponseAlg: "HS256", auth: { method: "client_secret_post", secret } });
        const fetch = canned({ jwks: { headers: json, body: "" } });
        const token = await compact({ alg: "HS256" }, claims(), secret);
        same((await rp.verifyIdToken(token, {}, { fetch })).sub, "mara", "subject");
        same(fetch.calls.length, 0, "requests");
      },
    },
  },
  {
    seen: "HS256 signed with a key the client never gets (Keycloak)",
    vectors: { "id_token/HS256 keyed with another secret, as Keycloak signs": "jws.signature" },
  },
  {
    seen: "only ES384 (Logto)",
    vectors: {
      "id_token/ES384 listed": "ok",
      "id_token/RS256 at a provider that lists only ES384, as Logto does": "jws.alg",
      "id_token/ES256 at a provider that lists nothing": "jws.alg",
    },
  },
  {
    seen: "no auth_time even when max_age was sent (Liberty)",
    vectors: {
      "id_token/auth_time missing under max_age, as Liberty leaves it out": "id_token.auth_time",
      "id_token/auth_time as old as max_age": "ok",
    },
  },
  {
    seen: "hybrid or token refused with the error in the query (Liberty, Dex, Logto)",
    vectors: {
      "redirect/hybrid rejected, the error in the query": "redirect.oauth_error",
      "redirect/token rejected, the error in the query": "redirect.oauth_error",
      "redirect/hybrid rejected, the error in the fragment": "redirect.oauth_error",
      "redirect/hybrid rejected in the query with another state: it is not read there": "redirect.response_mode",
      "redirect/code id_token in the query": "redirect.response_mode",
      "redirect/tokens in the query": "redirect.response_mode",
    },
  },
  {
    seen: "RFC 9207 announced, iss left out when an ID token is in the redirect (oidc-provider)",
    vectors: {
      "redirect/iss announced and left out beside an ID token, as oidc-provider does": "ok",
      "redirect/iss of another provider beside an ID token": "redirect.iss",
      "redirect/iss announced and left out beside an access token alone": "redirect.iss",
      "redirect/iss announced and missing": "redirect.iss",
    },
  },
  {
    seen: "an unquoted challenge with spaces and colons inside (Liberty)",
    vectors: {
      "challenge/Liberty: no quotes, spaces and colons inside": "ok",
      "userinfo/401 as Liberty writes it": "userinfo.status",
    },
  },
  {
    seen: "a Bearer challenge on a failed Basic; none at all on 401; userinfo errors as text, as a page, or with an empty body (Django, Keycloak, zitadel, Liberty, Spring)",
    vectors: {
      "token_response/401 with a challenge": "token.oauth_error",
      "token_response/401 without a challenge": "token.oauth_error",
      "userinfo/401 without a challenge": "userinfo.status",
      "userinfo/401 as plain text": "userinfo.status",
      "userinfo/401 as a page": "userinfo.status",
      "userinfo/401 as in RFC 6750 §3": "userinfo.status",
    },
    messages: {
      "a Bearer challenge on a failed Basic": async ({ party, canned, refused, same }) => {
        const rp = party({ auth: { method: "client_secret_basic", secret: "wrong" } });
        const headers = { ...json, "www-authenticate": 'Bearer error="invalid_client"' };
        const fetch = canned({ token: { status: 401, headers, body: { error: "invalid_client" } } });
        const error = await refused("token.oauth_error", () => rp.grant({ type: "client_credentials" }, { fetch }));
        same([error.status, error.error], [401, "invalid_client"], "status and error");
        same(error.challenges, [{ scheme: "Bearer", parameters: { error: "invalid_client" } }], "challenges");
      },
      "a page with the status of a failed Basic, and no error": async ({ party, canned, refused, same }) => {
        const rp = party({ auth: { method: "client_secret_basic", secret: "wrong" } });
        const fetch = canned({
          token: { status: 401, headers: { "content-type": "text/html" }, body: "<html></html>" },
        });
        const error = await refused("token.status", () => rp.grant({ type: "client_credentials" }, { fetch }));
        same(error.status, 401, "status");
      },
      "a JSON error with the content type of an HTML page": async ({ party, canned, refused, same }) => {
        const headers = { "content-type": "text/html;charset=UTF-8" };
        const fetch = canned({ token: { status: 400, headers, body: { error: "invalid_grant" } } });
        const call = () => party().refresh("refresh-token", { fetch });
        same((await refused("token.oauth_error", call)).error, "invalid_grant", "error");
      },
    },
  },
  {
    seen: "errors of the providers' own, extra members (Keycloak, Liberty, Hydra, Logto)",
    vectors: {
      "token_response/401 without a challenge": "token.oauth_error",
      "token_response/400 server_error for a wrong password, as Liberty answers": "token.oauth_error",
      "token_response/members of Logto's own": "token.oauth_error",
      "redirect/OAuth error with a custom name": "redirect.oauth_error",
      "token_response/400 with an empty error": "token.status",
    },
    messages: Object.fromEntries(
      [
        [401, "unauthorized_client"],
        [400, "server_error"],
        [400, "invalid_state"],
        [400, "x"],
      ].map(([status, error]) => [
        `${status} ${error}`,
        async ({ party, canned, refused, same }) => {
          const body = { error, code: 17, message: "m", error_uri: "https://op.example/errors", error_hint: null };
          const fetch = canned({ token: { status, headers: json, body } });
          const told = await refused("token.oauth_error", () => party().refresh("refresh-token", { fetch }));
          same([told.status, told.error, told.error_uri], [status, error, body.error_uri], "error");
          same(told.members, { code: 17, message: "m", error_hint: null }, "members");
        },
      ]),
    ),
  },
  {
    seen: "token_type bearer; an empty scope; no scope; expires_in 599 for 600 (Dex, Hydra, Spring)",
    vectors: {
      "token_response/token_type bearer": "ok",
      "token_response/scope: empty, as Hydra sends it": "ok",
      "token_response/with a scope": "ok",
      "token_response/OpenID Connect Core §3.1.3.3": "ok",
      "token_response/expires_in: 599, for 600": "ok",
      "token_response/token_type: mac": "token.token_type",
    },
  },
  {
    seen: "no cache headers; no-store in a list; no Pragma (zitadel, Spring, oidc-provider, Logto)",
    vectors: {
      "token_response/no cache headers, as zitadel answers": "ok",
      "token_response/no-store in a list": "ok",
      "token_response/no-store": "ok",
      "token_response/no-store inside another word": "ok",
    },
  },
  {
    seen: "an issuer that ends in a slash; aud an array of one; a header with spaces; escaped slashes; updated_at in milliseconds; picture null (zitadel, Hydra, Keycloak, Django, Liberty, Logto)",
    vectors: {
      "discovery/an issuer that ends in a slash": "ok",
      "redirect/iss ending in a slash at an issuer that does": "ok",
      "id_token/iss ending in a slash at an issuer that does, as zitadel's": "ok",
      "id_token/iss with a trailing slash": "id_token.iss",
      "id_token/aud a list of one, as Hydra sends it": "ok",
      "id_token/a header with spaces, as Hydra sends it": "ok",
      "token_response/escaped slashes and spaces": "ok",
      "id_token/updated_at in milliseconds, picture null, code_challenge: as Logto and Liberty send them": "ok",
      "userinfo/updated_at in milliseconds, picture null, escaped slashes": "ok",
    },
  },
  {
    seen: "nonce repeated in the refreshed ID token (Dex, Hydra, oidc-provider, Logto), absent (Keycloak, zitadel, Spring, Django), or no ID token (Liberty)",
    vectors: {
      "id_token/refreshed: the nonce repeated, as Dex does": "ok",
      "id_token/refreshed: the nonce left out, as Keycloak does": "ok",
      "id_token/refreshed: a nonce, the earlier token unknown": "ok",
      "id_token/refreshed: another nonce": "id_token.nonce",
      "token_response/refresh without an ID token, as Liberty answers": "ok",
    },
  },
  {
    seen: "no at_hash in the code flow; at_hash of SHA-384 and SHA-512; c_hash in the code flow; code_challenge among the claims",
    vectors: {
      "id_token/at_hash absent in the code flow": "ok",
      "id_token/at_hash of ES384": "ok",
      "id_token/at_hash of EdDSA": "ok",
      "id_token/at_hash of another value": "id_token.at_hash",
      "id_token/c_hash of RS256": "ok",
      "id_token/c_hash of another value": "id_token.c_hash",
      "id_token/front channel: at_hash missing beside an access token": "id_token.at_hash",
      "id_token/updated_at in milliseconds, picture null, code_challenge: as Logto and Liberty send them": "ok",
    },
  },
  {
    seen: "keys without alg and use; an RSA-OAEP key in the set; a key for each of 13 algorithms; other content types (Spring, oidc-provider, Keycloak, Logto)",
    vectors: {
      "jwks/one key": "ok",
      "jwks/a key for RSA-OAEP beside the signing key, without kid, as Keycloak has it": "ok",
      "jwks/keys for several algorithms under one kid": "ok",
      "jwks/members of the set's own, as application/jwk-set+json allows": "ok",
    },
    messages: {
      "one key for each of 13 algorithms, and the token without kid": async ({
        party,
        canned,
        claims,
        refused,
        same,
      }) => {
        const keys = await keysOf13();
        const { ES256, RS256 } = keys;
        const fetch = canned({ jwks: { headers: json, body: { keys: Object.values(keys).map(({ jwk }) => jwk) } } });
        const listed = { id_token_signing_alg_values_supported: Object.keys(keys) };
        for (const [alg, key] of Object.entries({ ES256, RS256 })) {
          const rp = party({}, listed);
          const token = await compact({ alg }, claims(), key.privateKey);
          same((await rp.verifyIdToken(token, {}, { fetch })).sub, "mara", alg);
        }
        const rp = party({ idTokenSignedResponseAlg: "RS256" }, listed);
        const token = await compact({ alg: "ES256" }, claims(), ES256.privateKey);
        await refused("jws.alg", () => rp.verifyIdToken(token, {}, { fetch }));
      },
      ...Object.fromEntries(
        ["application/jwk-set+json", "application/json;charset=ISO-8859-1", "application/octet-stream", ""].map(
          (type) => [
            `a key set as ${type || "nothing in particular"}`,
            async ({ party, canned, claims, same }) => {
              const { jwk, privateKey } = await createKey("ES256");
              const { use, ...plain } = jwk;
              const fetch = canned({
                jwks: { headers: type ? { "content-type": type } : {}, body: { keys: [plain] } },
              });
              const rp = party({}, { id_token_signing_alg_values_supported: ["ES256"] });
              const token = await compact({ alg: "ES256", kid: jwk.kid }, claims(), privateKey);
              same((await rp.verifyIdToken(token, {}, { fetch })).sub, "mara", "subject");
            },
          ],
        ),
      ),
    },
  },
  {
    seen: "client assertions with two audiences refused (Keycloak)",
    vectors: {},
    messages: {
      "the issuer is the one audience": async ({ party, canned, issuer, same }) => {
        const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
        const rp = party({ auth: { method: "private_key_jwt", key: pair.privateKey } });
        const fetch = canned({ token: { headers: json, body: { access_token: "a", token_type: "Bearer" } } });
        await rp.grant({ type: "client_credentials", scope: "read" }, { fetch });
        const assertion = new URLSearchParams(fetch.calls[0].body).get("client_assertion");
        same(decoded(assertion).claims.aud, issuer, "aud");
      },
    },
  },
  {
    seen: "a redirect with session_state, scope, token_type beside a bare ID token, redirectform (Keycloak, Liberty, Hydra, zitadel)",
    vectors: {
      "redirect/session_state as Keycloak sends it": "ok",
      "redirect/scope as Hydra sends it": "ok",
      "redirect/id_token with a harmless token_type and expires_in": "ok",
      "redirect/unknown parameters": "ok",
      "redirect/id_token with an access token": "redirect.unexpected_parameter",
    },
  },
  {
    seen: "spaces as %20 or +; ? unescaped in a value; non-ASCII state mangled (Spring, Keycloak, Liberty)",
    vectors: {
      "redirect/a plus sign is a space": "ok",
      "redirect/an equals sign and a question mark inside a value": "ok",
      "redirect/a slash inside a value": "ok",
    },
    messages: {
      "%20 in a description": async ({ party, refused, same }) => {
        const rp = party();
        const { state, transaction } = rp.authorizationRequest();
        const back = (text) => `https://app.example/cb?error=access_denied&error_description=${text}&state=${state}`;
        for (const text of ["no%20more%20tries", "no+more+tries"]) {
          const error = await refused("redirect.oauth_error", () => rp.authorizationResponse(back(text), transaction));
          same(error.error_description, "no more tries", text);
        }
      },
      "our state is ASCII that needs no escape": async ({ party, same }) => {
        for (let tries = 0; tries < 20; tries++)
          same(/^[\w-]{22,}$/.test(party().authorizationRequest().state), true, "state");
      },
    },
  },
  {
    seen: "an access token for a resource refused by userinfo; refresh tokens for offline_access and prompt=consent; client credentials need a resource (oidc-provider, Logto)",
    vectors: {
      "userinfo/401 as in RFC 6750 §3": "userinfo.status",
      "userinfo/403 insufficient_scope": "userinfo.status",
      "token_response/openid not requested and no ID token": "ok",
    },
    messages: {
      "offline_access and prompt=consent are asked for": async ({ party, same }) => {
        const { url } = party().authorizationRequest({ scope: "openid offline_access", prompt: "consent" });
        const { searchParams: asked } = new URL(url);
        same([asked.get("scope"), asked.get("prompt")], ["openid offline_access", "consent"], "parameters");
      },
      "client credentials for a resource": async ({ party, canned, same }) => {
        const rp = party({ auth: { method: "client_secret_post", secret: "secret" } });
        const fetch = canned({ token: { headers: json, body: { access_token: "a", token_type: "Bearer" } } });
        await rp.grant({ type: "client_credentials", resource: "https://api.example" }, { fetch });
        same(new URLSearchParams(fetch.calls[0].body).get("resource"), "https://api.example", "resource");
      },
    },
  },
  {
    seen: "public clients get no refresh token; refresh tokens rotate or stay (Spring, Liberty, oidc-provider, Dex)",
    vectors: { "token_response/no refresh token for a public client, as Spring answers": "ok" },
    messages: {
      "the newest is kept": async ({ party, canned, same }) => {
        const kept = async (refresh_token) => {
          const body = { access_token: "a", token_type: "Bearer", refresh_token };
          const { tokens } = await party().refresh("the first", { fetch: canned({ token: { headers: json, body } }) });
          return tokens.refresh_token;
        };
        same([await kept("the second"), await kept(undefined)], ["the second", "the first"], "refresh tokens");
      },
    },
  },
];

/** One key for each. RSA keys differ only by alg, as at servers with many algorithms. */
async function keysOf13() {
  const rsa = await createKey("RS256");
  // Keys of types that WebCrypto does not support. No token uses them.
  const only = ({ publicKey }) => ({ jwk: publicKey.export({ format: "jwk" }) });
  const keys = {
    ...Object.fromEntries(["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"].map((alg) => [alg, rsa])),
    ES256: await createKey("ES256"),
    ES384: await createKey("ES384"),
    ES512: await createKey("ES512"),
    ES256K: only(generateKeyPairSync("ec", { namedCurve: "secp256k1" })),
    EdDSA: await createKey("EdDSA"),
    Ed448: only(generateKeyPairSync("ed448")),
    "ECDH-ES": only(generateKeyPairSync("x25519")),
  };
  const named = ([alg, key]) => [
    alg,
    { ...key, jwk: { use: alg === "ECDH-ES" ? "enc" : "sig", ...key.jwk, kid: alg, alg } },
  ];
  return Object.fromEntries(Object.entries(keys).map(named));
}
