/**
 * The demo's registrations at the provider: the page itself, which keeps no secret, and one temporary client for each other way to
 * authenticate. Their secrets are made when the demo starts, work on this machine only, and end with it: that alone is why a page may be given them.
 */
import { generateKeyPair, randomBytes } from "node:crypto";
import { promisify } from "node:util";

export const publicClientId = "oidc-wasm-demo";

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
 * @param {string} origin the site's
 * @returns {Promise<{ registered: object[], given: Map<string, object> }>} what the provider knows, and what the page is given for each method
 */
export async function createClients(origin) {
  const { privateKey, publicKey } = await promisify(generateKeyPair)("ec", { namedCurve: "P-256" });
  const jwk = (key) => ({ ...key.export({ format: "jwk" }), kid: "throw-away", alg: "ES256", use: "sig" });
  const credentials = {
    none: {},
    client_secret_basic: { client_secret: newSecret() },
    client_secret_post: { client_secret: newSecret() },
    client_secret_jwt: { client_secret: newSecret(), token_endpoint_auth_signing_alg: "HS256" },
    private_key_jwt: { jwks: { keys: [jwk(publicKey)] }, token_endpoint_auth_signing_alg: "ES256" },
  };
  /** @type {Record<string, any>[]} */
  const clients = Object.entries(credentials).map(([method, registered]) => ({
    client_id: method === "none" ? publicClientId : `${publicClientId}-${method}`,
    client_name: "The oidc-wasm demo",
    token_endpoint_auth_method: method,
    redirect_uris: [`${origin}/callback`],
    post_logout_redirect_uris: [`${origin}/signed-out`],
    response_types: responseTypes,
    grant_types: ["authorization_code", "implicit", "refresh_token"],
    ...registered,
  }));
  /** @type {[string, object][]} */
  const given = clients.map(({ token_endpoint_auth_method: method, client_id, client_secret }) => [
    method,
    { client_id, client_secret, key: method === "private_key_jwt" ? jwk(privateKey) : undefined },
  ]);
  return { registered: clients, given: new Map(given) };
}

const newSecret = () => randomBytes(32).toString("base64url");
