/**
 * The demo's registrations at its provider: the page itself, which keeps no secret, and one temporary client for each other way to
 * authenticate. Their secrets are made when the provider starts, work there only, and end with it: that alone is why a page may be given them.
 */
import { createKey, random } from "../tests/support/provider/jws.js";

export const publicClientId = "oidc-wasm-demo";

/** Two resource servers to ask tokens for (RFC 8707), and the scopes that each understands. */
export const demoResources = {
  "https://api.example.com": "read write",
  "https://api.another.com": "read delete",
};

const responseTypes = [
  "code",
  "id_token",
  "id_token token",
  "code id_token",
  "code token",
  "code id_token token",
  "none",
];

/**
 * @param {{ redirectUris: string[], postLogoutRedirectUris: string[] }} site
 * @returns {Promise<{ registered: Record<string, any>[], given: Map<string, object> }>} what the provider knows, and what the page is given for each method
 */
export async function createClients({ redirectUris, postLogoutRedirectUris }) {
  const { privateKey, jwk: published } = await createKey("ES256", "throw-away");
  const publicKey = { ...published, alg: "ES256" };
  const key = { ...(await crypto.subtle.exportKey("jwk", privateKey)), kid: "throw-away", alg: "ES256" };
  const credentials = {
    none: {},
    client_secret_basic: { client_secret: random(32) },
    client_secret_post: { client_secret: random(32) },
    client_secret_jwt: { client_secret: random(32), token_endpoint_auth_signing_alg: "HS256" },
    private_key_jwt: { jwks: { keys: [publicKey] }, token_endpoint_auth_signing_alg: "ES256" },
  };
  /** @type {Record<string, any>[]} */
  const registered = Object.entries(credentials).map(([method, members]) => ({
    client_id: method === "none" ? publicClientId : `${publicClientId}-${method}`,
    client_name: "The oidc-wasm demo",
    token_endpoint_auth_method: method,
    redirect_uris: redirectUris,
    post_logout_redirect_uris: postLogoutRedirectUris,
    response_types: responseTypes,
    grant_types: ["authorization_code", "implicit", "refresh_token"],
    ...members,
  }));
  /** @type {[string, object][]} */
  const given = registered.map(({ token_endpoint_auth_method: method, client_id, client_secret }) => [
    method,
    { client_id, client_secret, key: method === "private_key_jwt" ? key : undefined },
  ]);
  return { registered, given: new Map(given) };
}
