// The good login: every message of it, the provider that it is made with, and the steps that the package takes.
import { constants, createHash, createHmac, createPrivateKey, sign as signed } from "node:crypto";

export const now = 1311281000;
export const issuer = "https://op.example";
export const client = { clientId: "s6BhdRkqt3", redirectUri: "https://www.rp.com/cb" };
export const params = { scope: "openid email", maxAge: 3600 };
export const hybridParams = { ...params, responseType: "code id_token token" };
export const secrets = {
  code: "SplxlOBeZQQYbYS6WxSbIA",
  access: "SlAV32hkKGkeyJhbGci",
  refresh: "8xLOxBtZp8QmnvR7vYAa",
};

export const metadata = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  userinfo_endpoint: `${issuer}/userinfo`,
  jwks_uri: `${issuer}/jwks`,
  response_types_supported: ["code"],
  id_token_signing_alg_values_supported: ["RS256", "ES256"],
  code_challenge_methods_supported: ["S256"],
  authorization_response_iss_parameter_supported: true,
};

export const part = (value) => Buffer.from(value).toString("base64url");
const half = (text) => createHash("sha256").update(text).digest().subarray(0, 16).toString("base64url");
export const reply = (value, type = "application/json") => ({
  status: 200,
  headers: { "content-type": type },
  body: typeof value === "object" ? JSON.stringify(value) : value,
});

/** Entropy that is the same for every login, so that one set of good messages fits them all. */
export function withEntropy(body) {
  const real = crypto.getRandomValues;
  crypto.getRandomValues = (bytes) => {
    for (const at of bytes.keys()) bytes[at] = at * 37 + 11;
    return bytes;
  };
  return body().finally(() => {
    crypto.getRandomValues = real;
  });
}

export const signedReply = (token) => reply(token, "application/jwt");

/** Signs with a test key. */
export function signer(keys) {
  const imported = Object.fromEntries(
    Object.entries(keys)
      .filter(([, jwk]) => jwk.kty)
      .map(([name, key]) => [name, createPrivateKey({ key, format: "jwk" })]),
  );
  return (header, payload, { alg = "RS256", key = "rsa1", secret = keys.secret } = {}) => {
    const input = `${part(header)}.${part(payload)}`;
    const digest = alg === "EdDSA" ? undefined : `sha${alg.slice(2)}`;
    if (alg.startsWith("HS")) return `${input}.${createHmac(digest, secret).update(input).digest("base64url")}`;
    const options = { key: imported[key], dsaEncoding: "ieee-p1363" };
    if (alg.startsWith("PS"))
      Object.assign(options, { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: alg.slice(2) / 8 });
    return `${input}.${signed(digest, Buffer.from(input), options).toString("base64url")}`;
  };
}

/** A test key as a provider shows it. */
export const published = ({ kty, kid, n, e, crv, x, y }, more) =>
  JSON.parse(JSON.stringify({ kty, kid, n, e, crv, x, y, ...more }));

/** Every message of the login that was asked for. */
export function goodLogin(rp, params, keys, sign) {
  const request = rp.authorizationRequest(params);
  const asked = new URL(request.url).searchParams;
  const header = { alg: "RS256", kid: "rsa1", typ: "JWT" };
  const claims = {
    iss: issuer,
    sub: "248289761001",
    aud: client.clientId,
    azp: client.clientId,
    exp: now + 3600,
    iat: now - 5,
    nbf: now - 5,
    auth_time: now - 60,
    nonce: asked.get("nonce"),
    at_hash: half(secrets.access),
    c_hash: half(secrets.code),
    amr: ["pwd"],
  };
  const info = { sub: claims.sub, name: "Jane Doe", email: "jane@example.com", email_verified: true };
  const tokens = {
    access_token: secrets.access,
    token_type: "Bearer",
    expires_in: 3600,
    refresh_token: secrets.refresh,
    scope: "openid email",
    id_token: sign(JSON.stringify(header), JSON.stringify(claims)),
  };
  const jwks = {
    keys: [
      published(keys.rsa1, { alg: "RS256", use: "sig" }),
      published(keys.rsa2, { use: "enc" }),
      published(keys.p256a, { key_ops: ["verify"] }),
    ],
  };
  const signedInfo = sign(JSON.stringify(header), JSON.stringify({ iss: issuer, aud: client.clientId, ...info }));
  const { id_token, access_token } = tokens;
  const more = { id_token, access_token, token_type: "Bearer", expires_in: "3600" };
  const back = { code: secrets.code, state: request.state, iss: issuer };
  return {
    ...{ params, header, claims, info, tokens, jwks, signedInfo, request, challenge: asked.get("code_challenge") },
    redirect: params.responseType
      ? `${client.redirectUri}#${new URLSearchParams({ ...more, ...back })}`
      : `${client.redirectUri}?${new URLSearchParams(back)}`,
    // By the address they are fetched from.
    replies: {
      "/.well-known/openid-configuration": reply(metadata),
      "/jwks": reply(jwks),
      "/token": reply(tokens),
      "/userinfo": reply(info),
    },
  };
}

/** A provider that looks at what it is asked, as a real one does. */
function provider(good, replies, { codeChallenge }) {
  const refused = reply({ error: "invalid_grant" });
  const isGood = {
    "/token": ({ body }) => {
      const sent = new URLSearchParams(body);
      return (
        sent.get("code") === secrets.code &&
        sent.get("redirect_uri") === client.redirectUri &&
        sent.get("client_id") === client.clientId &&
        codeChallenge(sent.get("code_verifier")) === good.challenge
      );
    },
    "/userinfo": ({ headers }) => new Headers(headers).get("authorization") === `Bearer ${secrets.access}`,
  };
  return async (url, init) => {
    const { origin, pathname, search } = new URL(url);
    const found = origin === issuer && !search ? replies[pathname] : undefined;
    if (!found) throw new TypeError("fetch failed");
    const { status, headers, body } = isGood[pathname]?.(init) === false ? { ...refused, status: 400 } : found;
    const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
    return new Response([204, 205, 304].includes(status) ? null : bytes, { status, headers });
  };
}

/** Whoever follows the address does not come to the provider. */
export class Elsewhere extends Error {}

/** The whole login; what the caller is given. */
export async function login(good, { replies = good.replies, redirect = good.redirect }, oidc) {
  const fetch = provider(good, replies, oidc);
  const rp = await oidc.RelyingParty.discover(issuer, client, { fetch });
  try {
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
