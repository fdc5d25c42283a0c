// The rows of docs/compare.md. Each is a fault of the test provider, or a property that the first request must have.

/** A library that does not find the fault accepts the login. @type {[string, string][]} */
export const faults = [
  ["redirect.state", "`state` of another login"],
  ["redirect.iss", "`iss` of another provider in the redirect ([RFC 9207](https://www.rfc-editor.org/rfc/rfc9207))"],
  ["redirect.iss missing", "no `iss`, although the metadata announce it"],
  ["redirect.duplicate_parameter", "a parameter twice in the redirect"],
  ["json.duplicate", "a JSON member twice in the token response"],
  ["jws.signature", "an ID token with a wrong signature"],
  ["jws.alg none", "an ID token with `alg: none`"],
  ["jwks.weak_key", "a signature by a weak key (RSA with 1024 bits)"],
  ["id_token.iss", "an ID token of another issuer"],
  ["id_token.aud", "an ID token for another client"],
  ["id_token.aud beside another", "an ID token for another client too"],
  ["id_token.azp", "an ID token issued to another client (`azp`)"],
  ["id_token.exp", "an expired ID token"],
  ["id_token.nonce", "an ID token of another login (`nonce`)"],
  ["id_token.nonce missing", "an ID token without the `nonce` that was sent"],
  ["id_token.at_hash", "an ID token for another access token (`at_hash`)"],
  ["token.token_type", "a token of an unknown type"],
];

/** The features of each library beyond a login, found by its exports. @type {[string, string, (library: any) => boolean][]} */
export const better = [
  ["openid-client", "decrypts ID tokens and userinfo", (it) => typeof it.enableDecryptingResponses === "function"],
  ["openid-client", "reads signed authorization responses (JARM)", (it) => typeof it.useJwtResponseMode === "function"],
  ["openid-client", "has CIBA", (it) => typeof it.initiateBackchannelAuthentication === "function"],
  ["oauth4webapi", "has a function for each protocol step", (it) => Object.keys(it).length > 80],
  ["oidc-client-ts", "monitors the session by `check_session_iframe`", (it) => typeof it.SessionMonitor === "function"],
  [
    "arctic",
    "knows more than 50 providers by name, OAuth-only ones too",
    (it) =>
      Object.keys(it).filter((name) => typeof it[name] === "function" && it[name].prototype?.createAuthorizationURL)
        .length > 50,
  ],
  [
    "@auth0/auth0-spa-js",
    "has Auth0's own features, such as MFA",
    (it) => typeof it.MfaError === "function" || "mfa" in it.Auth0Client.prototype,
  ],
];
