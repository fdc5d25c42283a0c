// Nine servers as they were seen, each an imitation: how a client is registered there, what is sent, and the setting that it needs,
// if any. `without` is the same login without that setting; `refresh: false` where no refresh token is given.
import { halfHash } from "../../support/provider/jws.js";

const isPublic = { auth: "none", secret: undefined };

// ── ID tokens ──

const withoutKid = ({ header }) => delete header.kid;
const withoutAtHash = ({ claims }) => delete claims.at_hash;
const withCHash = async ({ header, claims }, { code }) =>
  Object.assign(claims, { c_hash: await halfHash(header.alg, code) });
const withListedAud = ({ claims }) => Object.assign(claims, { aud: [claims.aud] });
/** The login's nonce again in the refreshed ID token. */
const withNonce = ({ claims }, { grant }) => Object.assign(claims, { nonce: grant.nonce });

const both =
  (...bends) =>
  (...given) => {
    for (const bend of bends) bend(...given);
  };

// ── answers ──

/** Changes the answers of some endpoints. */
const answers = (bends) => (endpoint, answer) => bends[endpoint]?.(answer);
const headers = (changes) => (answer) => Object.assign(answer.headers, changes);
const bodyless = (answer) => Object.assign(answer, { body: "" });
const jwkSet = headers({ "content-type": "application/jwk-set+json; charset=utf-8" });
/** A 401 with its own challenge, or none, and its own body. */
const unauthorized = (challenge, type, body) => (answer) => {
  if (answer.status !== 401) return;
  answer.headers = { "content-type": type, ...(challenge && { "www-authenticate": challenge }) };
  answer.body = body;
};
const oauthError = '{"error":"invalid_client"}';

const rawBasic = (authorization) => Buffer.from(authorization.slice("Basic ".length), "base64").toString().split(":");

/**
 * @type {Record<string, {
 *   registered?: object, settings?: object, params?: object, refresh?: false | ((verifier: string) => object),
 *   without?: [object, string][], faults: (op: { issuer: string }) => import("../../support/provider/index.js").Changes
 * }>}
 */
export const servers = {
  "Open Liberty": {
    registered: { secret: "a-secret (raw) + 100%", idTokenSignedResponseAlg: "HS256" },
    settings: { idTokenSignedResponseAlg: "HS256", relax: ["raw-basic"] },
    refresh: (code_verifier) => ({ parameters: { code_verifier } }),
    without: [
      [{ idTokenSignedResponseAlg: undefined }, "jws.alg"],
      [{ relax: [] }, "token.oauth_error"],
    ],
    faults: () => ({
      redirect: (parameters) => parameters.set("redirectform", "1"),
      credentials: rawBasic,
      refuse: (form) =>
        form.has("refresh_token") && !form.has("code_verifier") ? { error: "server_error" } : undefined,
      "idToken.token": both(withoutKid, ({ claims }) => Object.assign(claims, { code_challenge: "of-the-login" })),
      tokens: (tokens, form) => form.has("refresh_token") && delete tokens.id_token,
      answer: answers({
        jwks: bodyless,
        userinfo: unauthorized(
          "Bearer error=invalid_token, error_description=CWWKS1617E: A userinfo request was made: /oidc",
          "text/plain",
          "",
        ),
      }),
    }),
  },
  Keycloak: {
    registered: { ...isPublic, idTokenSignedResponseAlg: "EdDSA" },
    faults: () => ({
      answer: answers({ userinfo: unauthorized(undefined, "application/json", '{"error":"invalid_token"}') }),
    }),
  },
  Logto: {
    registered: { idTokenSignedResponseAlg: "ES384" },
    params: { scope: "openid offline_access", prompt: "consent" },
    faults: () => ({
      metadata: (metadata) => Object.assign(metadata, { id_token_signing_alg_values_supported: ["ES384"] }),
      keys: (keys) => keys.splice(0, keys.length, ...keys.filter(({ crv }) => crv === "P-384")),
      "idToken.refresh": withNonce,
      answer: answers({ jwks: jwkSet }),
    }),
  },
  "Ory Hydra": {
    faults: () => ({
      redirect: (parameters) => parameters.set("scope", "openid email"),
      "idToken.token": withListedAud,
      "idToken.refresh": both(withListedAud, withNonce),
      tokens: (tokens) => Object.assign(tokens, { token_type: "bearer", scope: "" }),
    }),
  },
  Dex: {
    faults: () => ({
      "idToken.token": withCHash,
      "idToken.refresh": withNonce,
      tokens: (tokens) => Object.assign(tokens, { token_type: "bearer" }),
    }),
  },
  zitadel: {
    faults: () => ({
      "idToken.token": withCHash,
      answer: answers({
        token: ({ headers }) => delete headers["cache-control"],
        userinfo: unauthorized(undefined, "text/plain", "access token invalid"),
      }),
    }),
  },
  "oidc-provider": {
    params: { scope: "openid offline_access", prompt: "consent" },
    faults: ({ issuer }) => ({
      metadata: (metadata) => Object.assign(metadata, { authorization_response_iss_parameter_supported: true }),
      redirect: (parameters) => parameters.set("iss", issuer),
      "idToken.token": withoutAtHash,
      "idToken.refresh": both(withoutAtHash, withNonce),
      answer: answers({ jwks: jwkSet }),
    }),
  },
  "Spring Authorization Server": {
    registered: isPublic,
    refresh: false,
    faults: () => ({
      keys: (keys) => {
        for (const key of keys) delete key.use;
      },
      "idToken.token": withoutAtHash,
      tokens: (tokens) => {
        delete tokens.refresh_token;
        tokens.expires_in = 599;
      },
      answer: answers({
        jwks: headers({ "content-type": "application/json;charset=ISO-8859-1" }),
        token: headers({ "cache-control": "no-cache, no-store, max-age=0, must-revalidate" }),
        userinfo: unauthorized(undefined, "text/html", ""),
      }),
    }),
  },
  "django-oauth-toolkit": {
    registered: { idTokenSignedResponseAlg: "HS256" },
    settings: { idTokenSignedResponseAlg: "HS256" },
    without: [[{ idTokenSignedResponseAlg: undefined }, "jws.alg"]],
    faults: () => ({
      "idToken.token": withoutKid,
      "idToken.refresh": withoutKid,
      answer: answers({
        token: unauthorized('Bearer error="invalid_client"', "application/json", oauthError),
        userinfo: unauthorized(undefined, "text/html", ""),
      }),
    }),
  },
};
