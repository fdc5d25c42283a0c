// @ts-check
/**
 * The client for a way to authenticate. A page cannot keep a secret, so a real page uses the method "none".
 * The others belong to servers. Here the site's server makes temporary ones, which work on this machine until it stops.
 */

/**
 * @param {import("./asked.js").Method} method
 * @param {import("oidc-wasm").ClientConfig} publicClient
 * @returns {Promise<import("oidc-wasm").ClientConfig>}
 */
export async function loadClient(method, publicClient) {
  if (method === "none") return publicClient;
  const reply = await fetch(`/clients/${method}.json`, { cache: "no-store" });
  const { client_id: clientId, client_secret: secret, key: jwk } = await reply.json();
  if (method !== "private_key_jwt") return { ...publicClient, clientId, auth: { method, secret } };
  const algorithm = { name: "ECDSA", namedCurve: jwk.crv };
  const key = await crypto.subtle.importKey("jwk", jwk, algorithm, false, ["sign"]);
  return { ...publicClient, clientId, auth: { method, key, kid: jwk.kid } };
}
