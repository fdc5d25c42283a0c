// Clients for both providers, one for each client authentication: how it is registered, and how the package is told.

const secret = "a secret of the tests: 100% of it, with / + & = and more";

const rsa = { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" };
const keys = {
  RS256: { name: "RSASSA-PKCS1-v1_5", ...rsa },
  PS256: { name: "RSA-PSS", ...rsa },
  ES256: { name: "ECDSA", namedCurve: "P-256" },
  EdDSA: { name: "Ed25519" },
};

/** @param {object} common what all are registered with */
export async function createClients(common) {
  const withSecret = (method, registered = {}) => [
    method,
    { client_secret: secret, ...registered },
    { method, secret },
  ];
  const withKey = async ([alg, algorithm]) => {
    const { privateKey, publicKey } = await crypto.subtle.generateKey(algorithm, false, ["sign", "verify"]);
    const { kty, n, e, crv, x, y } = await crypto.subtle.exportKey("jwk", publicKey);
    const jwk = { kty, n, e, crv, x, y, kid: `key for ${alg}`, use: "sig", alg };
    const method = "private_key_jwt";
    const registered = { jwks: { keys: [jwk] }, token_endpoint_auth_signing_alg: alg };
    return [`${method} ${alg}`, registered, { method, key: privateKey, kid: jwk.kid }];
  };
  const all = [
    ["none", {}, { method: "none" }],
    withSecret("client_secret_basic"),
    withSecret("client_secret_post"),
    withSecret("client_secret_jwt", { token_endpoint_auth_signing_alg: "HS256" }),
    ...(await Promise.all(Object.entries(keys).map(withKey))),
  ];
  return all.map(([name, more, auth]) => {
    const clientId = `a client, ${name}`;
    const registered = { ...common, ...more, client_id: clientId, token_endpoint_auth_method: auth.method };
    return { name, clientId, auth, registered };
  });
}
