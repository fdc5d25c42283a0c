// @ts-check
/**
 * The rules of each message in the order in which the engine applies them. The engine reports every rule of an ID token. Of the other
 * messages it reports the first broken rule, so this order says what passed before it. A test compares the order with the engine.
 */

const signed = ["jws.malformed", "jws.too_large", "id_token.encrypted", "jws.alg", "jws.crit"];

export const order = {
  accessToken: [
    ...signed,
    "access_token.typ",
    "access_token.iss",
    "access_token.client_id",
    "access_token.aud",
    "access_token.exp",
    "access_token.nbf",
    "access_token.certificate",
    "access_token.cnf",
    "access_token.authorization_details",
    "access_token.scope",
    "access_token.acr",
    "access_token.auth_time",
  ],
  logoutToken: [
    ...signed,
    "logout_token.typ",
    "logout_token.iss",
    "logout_token.aud",
    "logout_token.iat",
    "logout_token.exp",
    "logout_token.jti",
    "logout_token.events",
    "logout_token.nonce",
    "logout_token.subject",
  ],
  redirect: [
    "redirect.malformed",
    "redirect.response_mode",
    "redirect.duplicate_parameter",
    "redirect.iss",
    "redirect.state",
    "redirect.oauth_error",
    "redirect.unexpected_parameter",
    "redirect.missing_parameter",
  ],
  /** Behind the signature of a signed response (JARM §2.4). */
  signedResponse: [
    ...signed,
    "jws.typ",
    "jarm.iss",
    "jarm.aud",
    "jarm.exp",
    "redirect.iss",
    "redirect.state",
    "redirect.oauth_error",
    "redirect.missing_parameter",
  ],
  tokenResponse: [
    "token.oauth_error",
    "token.status",
    "token.content_type",
    "token.access_token",
    "token.refresh_token",
    "token.id_token",
    "token.token_type",
    "token.authorization_details",
    "token.issued_token_type",
    "token.scope",
    "token.expires_in",
    "token.missing_id_token",
  ],
  metadata: ["json.syntax", "json.duplicate", "discovery.issuer", "discovery.metadata"],
};
