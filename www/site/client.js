// @ts-check
/**
 * The client for a way to authenticate. A page cannot keep a secret, so a real page uses the method "none".
 * The others belong to servers. Here the provider makes temporary ones, which work there only.
 */

/**
 * @param {import("./asked.js").Method} method
 * @param {import("oidc-wasm/full").ClientConfig} publicClient
 * @param {string} clients where the temporary ones are
 * @returns {Promise<import("oidc-wasm/full").ClientConfig>}
 */
export async function loadClient(method, publicClient, clients) {
  if (method === "none") return publicClient;
  const reply = await fetch(`${clients}${method}.json`, { cache: "no-store" });
  const { client_id: clientId, client_secret: secret, key: jwk } = await reply.json();
  if (method !== "private_key_jwt") return { ...publicClient, clientId, auth: { method, secret } };
  const algorithm = { name: "ECDSA", namedCurve: jwk.crv };
  const key = await crypto.subtle.importKey("jwk", jwk, algorithm, false, ["sign"]);
  return { ...publicClient, clientId, auth: { method, key, kid: jwk.kid } };
}
