// The start of every case on every runtime: one client, the messages of one provider, and each library configured once.
// The messages do not come from the endpoints of tests/support/provider: it signs an ID token when the token request comes, so
// the signature would be in the timed part. It takes longer than what a case measures. The keys and tokens are of that provider.
import * as oauth from "oauth4webapi";
import * as openid from "openid-client";
import init, { RelyingParty } from "#oidc-wasm";
import { base64url, compact, createKey, encode, halfHash, random, sha256 } from "../../tests/support/provider/jws.js";

export { base64url };

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

/** A PKCE challenge without a library, for comparison. */
export const challengeOf = async (verifier) => base64url(await sha256(verifier));

/** A provider's signer: `sign(alg, claims)`, its header, and its key set. */
async function createSigner() {
  const keys = await Promise.all([createKey("RS256", "2026-rsa"), createKey("ES256", "2026-ec")]);
  const headerOf = (alg) => ({ alg, kid: keys.find((key) => key.alg === alg).kid });
  const sign = (alg, claims) => compact(headerOf(alg), claims, keys.find((key) => key.alg === alg).privateKey);
  return { sign, headerOf, jwks: { keys: keys.map(({ alg, jwk }) => ({ ...jwk, alg })) } };
}

/** The claims of a person who has just signed in. */
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

/**
 * A `fetch` that needs no network: the keys at their address, `answer` anywhere else. It turns a body into text, as one that
 * sends it does: a library that leaves that to `fetch` pays for it here.
 */
const createNetwork = (keySet) => {
  const network = {
    answer: "",
    sent: "",
    async fetch(address, init) {
      network.sent = `${init?.body ?? ""}`;
      return new Response(`${address}` === metadata.jwks_uri ? keySet : network.answer, { headers: json });
    },
  };
  return network;
};

/** The number of logins that take turns in a case. Each has its own secrets. */
const LOGINS = 512;

export async function createProvider() {
  await init();
  const signer = await createSigner();
  const keySet = JSON.stringify(signer.jwks);
  const rp = new RelyingParty(metadata, { clientId, redirectUri });

  /** The provider's part of a login: the redirect address and the answer of the token endpoint. */
  async function signIn(url, alg = "RS256", /** @type {any} */ sign = signer.sign) {
    const { state, nonce } = Object.fromEntries(new URL(url).searchParams);
    const [code, accessToken] = [random(24), random(32)];
    const claims = { ...claimsOf(nonce), at_hash: await halfHash(alg, accessToken), c_hash: await halfHash(alg, code) };
    const idToken = await sign(alg, claims);
    const tokens = { access_token: accessToken, token_type: "Bearer", expires_in: 3600, scope, id_token: idToken };
    // A host's own address is one flat string. A joined string would be copied again in each call.
    const { href: redirect } = new URL(`${redirectUri}?${new URLSearchParams({ code, state, iss: issuer })}`);
    return { redirect, reply: JSON.stringify(tokens), code, idToken, claims };
  }

  /** One login: what the app stored, as the engine's transaction and as single values. */
  async function login(params, alg) {
    const { url, state, transaction } = rp.authorizationRequest({ scope, ...params });
    const { body } = rp.tokenRequest({ type: "authorization_code", code: "any", transaction });
    const verifier = new URLSearchParams(body).get("code_verifier");
    const nonce = new URL(url).searchParams.get("nonce");
    return { state, nonce, verifier, transaction, ...(await signIn(url, alg)) };
  }

  /** An unsigned ID token of a signed one's length, for libraries that do not verify signatures. It takes a hundredth of the time. */
  const signBlindly = (alg, claims) => [encode(signer.headerOf(alg)), encode(claims), random(256)].join(".");
  const signInUnsigned = (url) => signIn(url, "RS256", signBlindly);

  const made = new Map();
  /** Logins with their redirects, made at first use. */
  async function logins(params = {}, alg = "RS256") {
    const kind = JSON.stringify([params, alg]);
    const all = made.get(kind) ?? [];
    while (all.length < LOGINS) all.push(await login(params, alg));
    made.set(kind, all);
    return all;
  }

  return {
    ...signer,
    ...peers,
    metadata,
    rp,
    network: () => createNetwork(keySet),
    claimsOf,
    signIn,
    signInUnsigned,
    logins,
  };
}

/** The peers, configured once, as their READMEs show. */
const peers = {
  client: { client_id: clientId },
  none: oauth.None(),
  configure(fetch) {
    const configuration = new openid.Configuration(metadata, clientId, undefined, openid.None());
    configuration[openid.customFetch] = fetch;
    return configuration;
  },
};
