// Clients for both providers, one for each client authentication and each signature algorithm: the registration, and
// the package's options.
import { createKey } from "../support/provider/jws.js";

// These characters show whether both halves of Basic are form-encoded (RFC 6749 §2.3.1).
const secret = "a secret of the tests: 100% of it, with / + & = and more";

/** @param {object} common the part of the registration that all clients share */
export async function createClients(common) {
  const open = (registered = {}, config = {}) => [registered, { auth: { method: "none" }, ...config }];
  const withSecret = (method, registered = {}, config = {}) => [
    { client_secret: secret, ...registered },
    { auth: { method, secret }, ...config },
  ];
  const withKey = async (alg) => {
    const { kid, jwk, privateKey: key } = await createKey(alg, `key for ${alg}`);
    const registered = { jwks: { keys: [{ ...jwk, alg }] }, token_endpoint_auth_signing_alg: alg };
    return [`private_key_jwt ${alg}`, [registered, { auth: { method: "private_key_jwt", key, kid } }]];
  };
  const idTokenSignedResponseAlg = "HS256";
  const all = {
    none: open(),
    client_secret_basic: withSecret("client_secret_basic"),
    client_secret_post: withSecret("client_secret_post"),
    client_secret_jwt: withSecret("client_secret_jwt", { token_endpoint_auth_signing_alg: "HS256" }),
    ...Object.fromEntries(await Promise.all(["RS256", "PS256", "ES256", "EdDSA"].map(withKey))),
    "ES256 ID tokens": open({ id_token_signed_response_alg: "ES256" }),
    "EdDSA ID tokens, registered": open(
      { id_token_signed_response_alg: "EdDSA" },
      { idTokenSignedResponseAlg: "EdDSA" },
    ),
    "HS256 ID tokens": withSecret(
      "client_secret_basic",
      { id_token_signed_response_alg: idTokenSignedResponseAlg },
      { idTokenSignedResponseAlg },
    ),
    "signed userinfo": open({ userinfo_signed_response_alg: "PS256" }, { userinfoSignedResponseAlg: "PS256" }),
  };
  return Object.entries(all).map(([name, [more, config]]) => {
    const clientId = `a client, ${name}`;
    const registered = { ...common, ...more, client_id: clientId, token_endpoint_auth_method: config.auth.method };
    return { name, registered, config: { clientId, ...config } };
  });
}
