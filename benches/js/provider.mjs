// What every case starts from, on every runtime: one provider, one client, one login that has come back, and each library set up once.
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import * as oauth from "oauth4webapi";
import * as openid from "openid-client";
import init, { RelyingParty } from "#oidc-wasm";

export const issuer = "https://op.example.com";
export const clientId = "s6BhdRkqt3";
export const redirectUri = "https://app.example.com/cb";
export const scope = "openid profile email";
export const authorizationEndpoint = `${issuer}/authorize`;

const metadata = {
  issuer,
  authorization_endpoint: authorizationEndpoint,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/jwks`,
  response_types_supported: ["code", "code id_token", "code id_token token"],
  subject_types_supported: ["public"],
  id_token_signing_alg_values_supported: ["RS256", "ES256"],
  authorization_response_iss_parameter_supported: true,
};

const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
const sha256 = async (text) => new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));

/** A PKCE challenge by nobody's library: what the others are held against. */
export const challengeOf = async (verifier) => base64url(await sha256(verifier));

/** `at_hash` and `c_hash` (OpenID Connect Core 1.0 §3.3.2.11). */
const hashOf = async (text) => base64url((await sha256(text)).subarray(0, 16));

/** Signs as a provider does: `sign(alg, claims)`, and its key set. */
async function createSigner() {
  const [rsa, ec] = await Promise.all([generateKeyPair("RS256"), generateKeyPair("ES256")]);
  const pairs = { RS256: { ...rsa, kid: "2026-rsa" }, ES256: { ...ec, kid: "2026-ec" } };
  const keys = await Promise.all(
    Object.entries(pairs).map(async ([alg, { publicKey, kid }]) => ({
      ...(await exportJWK(publicKey)),
      kid,
      alg,
      use: "sig",
    })),
  );
  const sign = (alg, claims) =>
    new SignJWT(claims).setProtectedHeader({ alg, kid: pairs[alg].kid }).sign(pairs[alg].privateKey);
  return { sign, jwks: { keys }, publicKeys: { RS256: rsa.publicKey, ES256: ec.publicKey } };
}

/** The claims of somebody who has just signed in. */
function claimsOf(nonce) {
  const now = Math.floor(Date.now() / 1000);
  return {
    iss: issuer,
    sub: "248289761001",
    aud: clientId,
    iat: now,
    auth_time: now,
    exp: now + 86_400,
    nonce,
    name: "Jane Doe",
    given_name: "Jane",
    family_name: "Doe",
    email: "jane.doe@example.com",
    email_verified: true,
    picture: "https://op.example.com/people/248289761001/picture.png",
    updated_at: now - 3600,
  };
}

export const json = { "content-type": "application/json", "cache-control": "no-store" };

/** A `fetch` that needs no network: the keys at their address, `answer` anywhere else. */
const answering = (keySet) => (answer) => async (address) =>
  new Response(`${address}` === metadata.jwks_uri ? keySet : answer, { headers: json });

export async function createProvider() {
  await init();
  const signer = await createSigner();
  const fetching = answering(JSON.stringify(signer.jwks));
  const rp = new RelyingParty(metadata, { clientId, redirectUri });

  const accessToken = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const code = base64url(crypto.getRandomValues(new Uint8Array(24)));

  /** The provider's part of a login: where the person is sent back to, and what the token endpoint will say. */
  async function signIn(url, alg = "RS256") {
    const { state, nonce } = Object.fromEntries(new URL(url).searchParams);
    const claims = { ...claimsOf(nonce), at_hash: await hashOf(accessToken), c_hash: await hashOf(code) };
    const idToken = await signer.sign(alg, claims);
    const tokens = { access_token: accessToken, token_type: "Bearer", expires_in: 3600, scope, id_token: idToken };
    return {
      redirect: `${redirectUri}?${new URLSearchParams({ code, state, iss: issuer })}`,
      reply: JSON.stringify(tokens),
    };
  }

  /** One login as everybody knows it: what the app kept, in the engine's words and in single values. */
  async function login(params) {
    const { url, state, transaction } = rp.authorizationRequest({ scope, ...params });
    const grant = { type: "authorization_code", code, transaction };
    const verifier = new URLSearchParams(rp.tokenRequest(grant).body).get("code_verifier");
    const nonce = new URL(url).searchParams.get("nonce");
    return { url, state, nonce, verifier, transaction, grant, ...(await signIn(url)) };
  }

  return { ...signer, metadata, rp, fetching, accessToken, code, claimsOf, signIn, login, hashOf, ...peers(fetching) };
}

/** The peers, configured once, as their READMEs do. */
function peers(fetching) {
  const client = { client_id: clientId };
  const configuration = new openid.Configuration(metadata, clientId, undefined, openid.None());
  // Without this it takes an ID token from the token endpoint on the word of TLS, and the work would not be the same.
  openid.enableNonRepudiationChecks(configuration);
  configuration[openid.customFetch] = fetching("");
  return { client, none: oauth.None(), configuration };
}
