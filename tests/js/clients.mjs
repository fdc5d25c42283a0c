// Clients for both providers, one for each client authentication: how it is registered, and how the package is told.
import { createKey } from "../support/provider/jws.js";

const secret = "a secret of the tests: 100% of it, with / + & = and more";

/** @param {object} common what all are registered with */
export async function createClients(common) {
  const withSecret = (method, registered = {}) => [
    method,
    { client_secret: secret, ...registered },
    { method, secret },
  ];
  const withKey = async (alg) => {
    const { kid, jwk, privateKey: key } = await createKey(alg, `key for ${alg}`);
    const method = "private_key_jwt";
    const registered = { jwks: { keys: [{ ...jwk, alg }] }, token_endpoint_auth_signing_alg: alg };
    return [`${method} ${alg}`, registered, { method, key, kid }];
  };
  const all = [
    ["none", {}, { method: "none" }],
    withSecret("client_secret_basic"),
    withSecret("client_secret_post"),
    withSecret("client_secret_jwt", { token_endpoint_auth_signing_alg: "HS256" }),
    ...(await Promise.all(["RS256", "PS256", "ES256", "EdDSA"].map(withKey))),
  ];
  return all.map(([name, more, auth]) => {
    const clientId = `a client, ${name}`;
    const registered = { ...common, ...more, client_id: clientId, token_endpoint_auth_method: auth.method };
    return { name, clientId, auth, registered };
  });
}
