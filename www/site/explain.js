// @ts-check
/**
 * What the names on the wire mean: the section that defines each, and whether its value is secret. The sentences are strings.
 * @typedef {{ text: string, spec: string, secret?: boolean }} Meaning
 */
import { strings } from "./strings.js";

const core = "OpenID Connect Core";
const discovery = "OpenID Connect Discovery";

/**
 * @param {Record<string, string>} sentences
 * @param {Record<string, string>} sections
 * @param {string[]} [secrets]
 * @returns {Record<string, Meaning>}
 */
const meanings = (sentences, sections, secrets = []) =>
  Object.fromEntries(
    Object.entries(sections).map(([name, spec]) => [
      name,
      { text: sentences[name] ?? "", spec, secret: secrets.includes(name) },
    ]),
  );

export const authorizationParameters = meanings(strings.explain.authorization, {
  response_type: "RFC 6749 §3.1.1",
  response_mode: "OAuth 2.0 Multiple Response Types §2.1",
  resource: "RFC 8707 §2.1",
  prompt: `${core} §3.1.2.1, §11`,
  client_id: "RFC 6749 §2.2",
  redirect_uri: "RFC 6749 §3.1.2",
  scope: `${core} §3.1.2.1, §5.4`,
  state: "RFC 6749 §10.12",
  nonce: `${core} §3.1.2.1`,
  code_challenge: "RFC 7636 §4.2",
  code_challenge_method: "RFC 7636 §4.3",
  ui_locales: `${core} §3.1.2.1`,
});

export const redirectParameters = meanings(
  strings.explain.redirect,
  {
    code: "RFC 6749 §4.1.2",
    state: "RFC 6749 §4.1.2",
    iss: "RFC 9207 §2",
    id_token: `${core} §3.2.2.5`,
    access_token: "RFC 6749 §4.2.2",
    token_type: "RFC 6750 §1.2",
    expires_in: "RFC 6749 §4.2.2",
    scope: "RFC 6749 §4.2.2",
    session_state: "OpenID Connect Session Management §2",
    error: "RFC 6749 §4.1.2.1",
    error_description: "RFC 6749 §4.1.2.1",
    error_uri: "RFC 6749 §4.1.2.1",
  },
  ["code", "id_token", "access_token"],
);

export const tokenParameters = meanings(
  strings.explain.token,
  {
    grant_type: "RFC 6749 §4.1.3, §6",
    code: "RFC 6749 §4.1.3",
    redirect_uri: "RFC 6749 §4.1.3",
    client_id: "RFC 6749 §3.2.1",
    client_secret: "RFC 6749 §2.3.1",
    client_assertion_type: "RFC 7523 §2.2",
    client_assertion: `${core} §9`,
    resource: "RFC 8707 §2.2",
    code_verifier: "RFC 7636 §4.5",
    refresh_token: "RFC 6749 §6",
    scope: "RFC 6749 §6",
  },
  ["code", "client_secret", "client_assertion", "code_verifier", "refresh_token"],
);

export const tokenMembers = meanings(
  strings.explain.tokens,
  {
    access_token: "RFC 6749 §1.4",
    token_type: "RFC 6750 §1.2",
    expires_in: "RFC 6749 §5.1",
    refresh_token: "RFC 6749 §1.5",
    id_token: `${core} §2`,
    scope: "RFC 6749 §5.1",
    error: "RFC 6749 §5.2",
    error_description: "RFC 6749 §5.2",
  },
  ["access_token", "refresh_token", "id_token"],
);

export const headerNames = meanings(
  strings.explain.headers,
  {
    authorization: "RFC 6750 §2.1",
    "content-type": "RFC 9110 §8.3",
    accept: "RFC 9110 §12.5.1",
    "cache-control": "RFC 6749 §5.1",
  },
  ["authorization"],
);

export const tokenHeaders = {
  ...headerNames,
  authorization: { text: strings.explain.tokenAuthorization, spec: "RFC 6749 §2.3.1", secret: true },
};

export const metadataMembers = meanings(strings.explain.metadata, {
  issuer: `${discovery} §3`,
  authorization_endpoint: `${discovery} §3`,
  token_endpoint: `${discovery} §3`,
  jwks_uri: `${discovery} §3`,
  userinfo_endpoint: `${discovery} §3`,
  end_session_endpoint: "OpenID Connect RP-Initiated Logout §2.1",
  id_token_signing_alg_values_supported: `${discovery} §3`,
  code_challenge_methods_supported: "RFC 8414 §2",
  authorization_response_iss_parameter_supported: "RFC 9207 §3",
});

export const joseMembers = meanings(strings.explain.jose, {
  alg: "RFC 7515 §4.1.1",
  kid: "RFC 7515 §4.1.4",
  typ: "RFC 7515 §4.1.9",
});

export const keyMembers = meanings(strings.explain.key, {
  kid: "RFC 7517 §4.5",
});

export const claims = meanings(strings.explain.claims, {
  iss: `${core} §2`,
  sub: `${core} §2`,
  aud: `${core} §2`,
  azp: `${core} §2`,
  exp: `${core} §2`,
  iat: `${core} §2`,
  nbf: "RFC 7519 §4.1.5",
  auth_time: `${core} §2`,
  nonce: `${core} §2`,
  acr: `${core} §2`,
  amr: `${core} §2`,
  sid: "OpenID Connect Front-Channel Logout §3",
  at_hash: `${core} §3.1.3.6`,
  c_hash: `${core} §3.3.2.11`,
  name: `${core} §5.1`,
  given_name: `${core} §5.1`,
  family_name: `${core} §5.1`,
  middle_name: `${core} §5.1`,
  nickname: `${core} §5.1`,
  preferred_username: `${core} §5.1`,
  profile: `${core} §5.1`,
  picture: `${core} §5.1`,
  website: `${core} §5.1`,
  gender: `${core} §5.1`,
  birthdate: `${core} §5.1`,
  zoneinfo: `${core} §5.1`,
  locale: `${core} §5.1`,
  updated_at: `${core} §5.1`,
  email: `${core} §5.1`,
  email_verified: `${core} §5.1`,
});

export const logoutParameters = meanings(
  strings.explain.logout,
  {
    id_token_hint: "RP-Initiated Logout §2",
    client_id: "RP-Initiated Logout §2",
    post_logout_redirect_uri: "RP-Initiated Logout §2",
    state: "RP-Initiated Logout §2",
    ui_locales: "RP-Initiated Logout §2",
  },
  ["id_token_hint"],
);

/** Claims whose value is a time (RFC 7519 §2, NumericDate). */
export const times = new Set(["exp", "iat", "nbf", "auth_time", "updated_at"]);
