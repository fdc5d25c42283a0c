// The good login: every message of the test provider, and the package's steps.
import { createTestProvider } from "../../support/provider/index.js";
import { decoded, halfHash } from "../../support/provider/jws.js";
import { drain } from "../suite/fake.js";

export const now = 1311281000;
export const issuer = "https://op.example";
export const client = { clientId: "s6BhdRkqt3", redirectUri: "https://www.rp.com/cb" };
export const params = { scope: "openid email", maxAge: 3600 };
export const hybridParams = { ...params, responseType: "code id_token token" };

/** The same entropy for every login, so that one set of good messages fits all logins. */
export function withEntropy(body) {
  const real = crypto.getRandomValues;
  /** @param {any} bytes */
  crypto.getRandomValues = (bytes) => {
    for (const at of bytes.keys()) bytes[at] = at * 37 + 11;
    return bytes;
  };
  return body().finally(() => {
    crypto.getRandomValues = real;
  });
}

export const signedReply = (body) => ({ status: 200, headers: { "content-type": "application/jwt" }, body });

/** A test key in the form of a provider's key set. */
export const published = ({ kty, kid, n, e, crv, x, y }, more) =>
  JSON.parse(JSON.stringify({ kty, kid, n, e, crv, x, y, ...more }));

/** The provider, with settings that give its messages many members. */
async function createProvider(keys) {
  const [rsa, ...others] = [
    published(keys.rsa1, { alg: "RS256", use: "sig" }),
    published(keys.rsa2, { use: "enc" }),
    published(keys.p256a, { key_ops: ["verify"] }),
  ];
  const op = await createTestProvider({
    issuer,
    keys: [{ alg: "RS256", kid: rsa.kid, privateKey: keys.rsa1, jwk: rsa }],
    users: { 248289761001: { name: "Jane Doe", email: "jane@example.com", email_verified: true } },
    accessTokenSeconds: 3600,
    idTokenSeconds: 3600,
  });
  const told =
    /^(issuer|(authorization|token|userinfo)_endpoint|jwks_uri|(response_types|code_challenge_methods|authorization_response_iss_parameter)_supported)$/;
  op.change({
    metadata(it) {
      for (const name of Object.keys(it)) if (!told.test(name)) delete it[name];
      Object.assign(it, {
        response_types_supported: ["code"],
        id_token_signing_alg_values_supported: ["RS256", "ES256"],
      });
    },
    keys: (set) => set.splice(0, set.length, rsa, ...others),
    async idToken({ header, claims }, { code }) {
      const times = { iat: now - 5, nbf: now - 5, auth_time: now - 60 };
      const more = { azp: client.clientId, c_hash: await halfHash("RS256", code), amr: ["pwd"], sid: undefined };
      Object.assign(header, { typ: "JWT" });
      Object.assign(claims, times, more);
    },
    redirect: (parameters) => parameters.delete("session_state"),
  });
  return op;
}

const asked = (url, { method, body, headers }) =>
  JSON.stringify([url, method, body, new Headers(headers).get("authorization")]);

/** Every message of a login with these parameters, as sent. */
export async function goodLogin(params, keys, sign, oidc) {
  const op = await createProvider(keys);
  const replies = {};
  const requests = {};
  const fetch = async (url, init) => {
    const { pathname } = new URL(url);
    const reply = await op.fetch(url, init);
    requests[pathname] = asked(url, init);
    const headers = { "content-type": reply.headers.get("content-type") };
    replies[pathname] = { status: reply.status, headers, body: await reply.text() };
    return new Response(replies[pathname].body, { headers });
  };
  const rp = await oidc.RelyingParty.discover(issuer, client, { fetch });
  drain(oidc);
  const request = rp.authorizationRequest(params);
  const { url: redirect } = await op.authorize(request.url);
  const { claims, ...login } = await rp.callback(redirect, request.transaction, { fetch });
  await rp.userInfo(login.tokens.access_token, claims.sub, { fetch });
  rp.free();
  const [metadata, jwks, tokens, info] = ["/.well-known/openid-configuration", "/jwks", "/token", "/userinfo"].map(
    (path) => JSON.parse(replies[path].body),
  );
  const { header } = decoded(tokens.id_token);
  const secrets = [
    new URLSearchParams(redirect.split(/[?#]/)[1]).get("code"),
    tokens.access_token,
    tokens.refresh_token,
  ];
  const signedInfo = await sign(JSON.stringify(header), JSON.stringify({ iss: issuer, aud: client.clientId, ...info }));
  return {
    op,
    params,
    request,
    redirect,
    requests,
    replies,
    metadata,
    jwks,
    tokens,
    info,
    header,
    claims,
    secrets,
    signedInfo,
  };
}

/**
 * Replays the good login's answers, or a change of one. Any other request goes to the provider, which checks the code,
 * the verifier and the token.
 */
const replayed = (good, replies) => async (url, init) => {
  const { pathname } = new URL(url);
  if (asked(url, init) !== good.requests[pathname]) return good.op.fetch(url, init);
  const { status, headers, body } = replies[pathname];
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  return new Response([204, 205, 304].includes(status) ? null : bytes, { status, headers });
};

/** A browser that follows this URL does not reach the provider. */
export class Elsewhere extends Error {}

/** The whole login. Returns the caller's result. */
export async function login(good, { replies = good.replies, redirect = good.redirect }, oidc) {
  const fetch = replayed(good, replies);
  const rp = await oidc.RelyingParty.discover(issuer, client, { fetch });
  try {
    drain(oidc);
    const { url, transaction } = rp.authorizationRequest(good.params);
    if (url !== good.request.url) throw new Elsewhere();
    const { tokens, claims } = await rp.callback(redirect, transaction, { fetch });
    const info = await rp.userInfo(tokens.access_token, claims.sub, { fetch });
    const { id_token: _, ...rest } = tokens;
    return { tokens: rest, claims, info };
  } finally {
    rp.free();
  }
}
