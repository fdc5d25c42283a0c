// @ts-check
/**
 * What the names on the wire mean, in a sentence, with the section that defines them.
 * @typedef {{ text: string, spec: string, secret?: boolean }} Meaning
 */

const core = "OpenID Connect Core";
const discovery = "OpenID Connect Discovery";

/** @type {Record<string, Meaning>} */
export const authorizationParameters = {
  response_type: {
    text: "What should come back: a code, to be exchanged for tokens, or tokens at once.",
    spec: "RFC 6749 §3.1.1",
  },
  response_mode: {
    text: "How it should come back: in the address, or in a form that is posted.",
    spec: "OAuth 2.0 Multiple Response Types §2.1",
  },
  resource: { text: "A service that a token should be for.", spec: "RFC 8707 §2.1" },
  prompt: {
    text: "What the provider should ask. Access while you are away needs your consent each time.",
    spec: `${core} §3.1.2.1, §11`,
  },
  client_id: { text: "Which site is asking. Not a secret.", spec: "RFC 6749 §2.2" },
  redirect_uri: {
    text: "Where to send the answer. The provider compares it with the address registered for this site.",
    spec: "RFC 6749 §3.1.2",
  },
  scope: {
    text: "What is asked for: openid makes it a login; the others name kinds of data about you.",
    spec: `${core} §3.1.2.1, §5.4`,
  },
  state: {
    text: "A random string. The answer must repeat it. Otherwise it does not belong to this login.",
    spec: "RFC 6749 §10.12",
  },
  nonce: {
    text: "Another random string. The ID token must contain it. So a token from another login is useless here.",
    spec: `${core} §3.1.2.1`,
  },
  code_challenge: {
    text: "The SHA-256 of a secret that stays in this browser until the token request. A stolen code is worth nothing without it.",
    spec: "RFC 7636 §4.2",
  },
  code_challenge_method: { text: "How the challenge was made: S256 is SHA-256.", spec: "RFC 7636 §4.3" },
};

/** @type {Record<string, Meaning>} */
export const redirectParameters = {
  code: {
    text: "Represents your consent. The holder of the code verifier can exchange it once, within a minute.",
    spec: "RFC 6749 §4.1.2",
    secret: true,
  },
  state: {
    text: "The random string of the request. If it differs, the answer belongs to another login.",
    spec: "RFC 6749 §4.1.2",
  },
  iss: { text: "The issuer that answers. It must equal the provider’s issuer exactly.", spec: "RFC 9207 §2" },
  id_token: {
    text: "The provider’s signed statement about who you are, through the browser. It is taken apart below.",
    spec: `${core} §3.2.2.5`,
    secret: true,
  },
  access_token: {
    text: "The key to the provider’s services, through the browser: addresses get into histories, so a code is better.",
    spec: "RFC 6749 §4.2.2",
    secret: true,
  },
  token_type: { text: "How to show the access token: Bearer means that holding it is enough.", spec: "RFC 6750 §1.2" },
  expires_in: { text: "For how many seconds the access token works.", spec: "RFC 6749 §4.2.2" },
  scope: { text: "What was granted.", spec: "RFC 6749 §4.2.2" },
  session_state: {
    text: "Lets a page notice that the session at the provider has changed.",
    spec: "OpenID Connect Session Management §2",
  },
  error: { text: "Why the provider refused.", spec: "RFC 6749 §4.1.2.1" },
  error_description: { text: "The same in the provider’s own words.", spec: "RFC 6749 §4.1.2.1" },
  error_uri: { text: "A page with more about it.", spec: "RFC 6749 §4.1.2.1" },
};

/** @type {Record<string, Meaning>} */
export const tokenParameters = {
  grant_type: { text: "What is given in exchange for tokens.", spec: "RFC 6749 §4.1.3, §6" },
  code: { text: "The code from the redirect.", spec: "RFC 6749 §4.1.3", secret: true },
  redirect_uri: { text: "The same address as in the authorization request.", spec: "RFC 6749 §4.1.3" },
  client_id: { text: "Which site is asking. Not a secret.", spec: "RFC 6749 §3.2.1" },
  client_secret: {
    text: "This site’s own password. A page cannot keep it secret, so this one is temporary.",
    spec: "RFC 6749 §2.3.1",
    secret: true,
  },
  client_assertion_type: { text: "The client proves its identity with a signed token.", spec: "RFC 7523 §2.2" },
  client_assertion: {
    text: "That token. It names this site and the provider, and is good for a minute, once. No secret leaves the page.",
    spec: `${core} §9`,
    secret: true,
  },
  resource: { text: "The service that the token should be for.", spec: "RFC 8707 §2.2" },
  code_verifier: {
    text: "The secret behind the challenge. The provider hashes it and compares.",
    spec: "RFC 7636 §4.5",
    secret: true,
  },
  refresh_token: { text: "The key to new tokens, from the last token response.", spec: "RFC 6749 §6", secret: true },
  scope: { text: "What is asked for.", spec: "RFC 6749 §6" },
};

/** @type {Record<string, Meaning>} */
export const tokenMembers = {
  access_token: {
    text: "The key to the provider’s services, such as userinfo. This page does not look inside.",
    spec: "RFC 6749 §1.4",
    secret: true,
  },
  token_type: { text: "How to show the access token: Bearer means that holding it is enough.", spec: "RFC 6750 §1.2" },
  expires_in: { text: "For how many seconds the access token works.", spec: "RFC 6749 §5.1" },
  refresh_token: { text: "The key to new tokens without asking you again.", spec: "RFC 6749 §1.5", secret: true },
  id_token: {
    text: "The provider’s signed statement about who you are. It is taken apart below.",
    spec: `${core} §2`,
    secret: true,
  },
  scope: { text: "What was granted.", spec: "RFC 6749 §5.1" },
  error: { text: "Why the provider refused.", spec: "RFC 6749 §5.2" },
  error_description: { text: "The same in the provider’s own words.", spec: "RFC 6749 §5.2" },
};

/** @type {Record<string, Meaning>} */
export const headerNames = {
  authorization: { text: "The access token, shown to the provider.", spec: "RFC 6750 §2.1", secret: true },
  "content-type": { text: "The media type of the body.", spec: "RFC 9110 §8.3" },
  accept: { text: "The media types that this page reads.", spec: "RFC 9110 §12.5.1" },
  "cache-control": { text: "no-store: no cache may keep this answer.", spec: "RFC 6749 §5.1" },
};

/** @type {Record<string, Meaning>} */
export const tokenHeaders = {
  ...headerNames,
  authorization: {
    text: "Which site is asking, and its password: each form-encoded, then both in base64.",
    spec: "RFC 6749 §2.3.1",
    secret: true,
  },
};

/** The members of the metadata that this login uses. @type {Record<string, Meaning>} */
export const metadataMembers = {
  issuer: {
    text: "The provider’s name. It must be the address that was asked, and it returns in every message.",
    spec: `${discovery} §3`,
  },
  authorization_endpoint: { text: "Where you are sent to sign in.", spec: `${discovery} §3` },
  token_endpoint: { text: "Where the code is exchanged for tokens.", spec: `${discovery} §3` },
  jwks_uri: { text: "Where the public keys are that verify signatures.", spec: `${discovery} §3` },
  userinfo_endpoint: { text: "Where more about you can be asked.", spec: `${discovery} §3` },
  end_session_endpoint: { text: "Where you are sent to sign out.", spec: "OpenID Connect RP-Initiated Logout §2.1" },
  id_token_signing_alg_values_supported: {
    text: "The signature algorithms that its ID tokens may use.",
    spec: `${discovery} §3`,
  },
  code_challenge_methods_supported: { text: "The ways to make a code challenge that it knows.", spec: "RFC 8414 §2" },
  authorization_response_iss_parameter_supported: {
    text: "The provider names itself in every redirect, so this page requires it.",
    spec: "RFC 9207 §3",
  },
};

/** @type {Record<string, Meaning>} */
export const joseMembers = {
  alg: {
    text: "The signature algorithm. It must be an expected one, and never “none”.",
    spec: "RFC 7515 §4.1.1",
  },
  kid: { text: "Which of the provider’s keys signed it.", spec: "RFC 7515 §4.1.4" },
  typ: { text: "What kind of token it is.", spec: "RFC 7515 §4.1.9" },
};

/** @type {Record<string, Meaning>} */
export const keyMembers = {
  kid: { text: "The key’s name. The ID token’s header repeats it.", spec: "RFC 7517 §4.5" },
};

/** @type {Record<string, Meaning>} */
export const claims = {
  iss: { text: "The issuer: the provider that signed it.", spec: `${core} §2` },
  sub: { text: "Who you are: a name for you that this provider never gives to another person.", spec: `${core} §2` },
  aud: { text: "The audience: this site.", spec: `${core} §2` },
  azp: { text: "The client that received it.", spec: `${core} §2` },
  exp: { text: "When it expires.", spec: `${core} §2` },
  iat: { text: "When it was made.", spec: `${core} §2` },
  nbf: { text: "Not to be used before this time.", spec: "RFC 7519 §4.1.5" },
  auth_time: { text: "When you last signed in.", spec: `${core} §2` },
  nonce: { text: "The random string of the authorization request.", spec: `${core} §2` },
  acr: { text: "How carefully you were signed in.", spec: `${core} §2` },
  amr: { text: "By what means you were signed in.", spec: `${core} §2` },
  sid: { text: "Your session at the provider.", spec: "OpenID Connect Front-Channel Logout §3" },
  at_hash: { text: "A hash of the access token, which ties the two together.", spec: `${core} §3.1.3.6` },
  c_hash: { text: "A hash of the code, which ties the two together.", spec: `${core} §3.3.2.11` },
  name: { text: "Your full name.", spec: `${core} §5.1` },
  given_name: { text: "Your given name.", spec: `${core} §5.1` },
  family_name: { text: "Your family name.", spec: `${core} §5.1` },
  middle_name: { text: "Your middle name.", spec: `${core} §5.1` },
  nickname: { text: "What people call you.", spec: `${core} §5.1` },
  preferred_username: {
    text: "The short name you like to use. It is not sure to be yours alone.",
    spec: `${core} §5.1`,
  },
  profile: { text: "A page about you.", spec: `${core} §5.1` },
  picture: { text: "A picture of you.", spec: `${core} §5.1` },
  website: { text: "Your own website.", spec: `${core} §5.1` },
  gender: { text: "Your gender.", spec: `${core} §5.1` },
  birthdate: { text: "Your birthday. The year may be left out, or be all there is.", spec: `${core} §5.1` },
  zoneinfo: { text: "Your time zone.", spec: `${core} §5.1` },
  locale: { text: "Your language and country.", spec: `${core} §5.1` },
  updated_at: { text: "When any of this last changed.", spec: `${core} §5.1` },
  email: { text: "Your email address. It may change; sub does not.", spec: `${core} §5.1` },
  email_verified: { text: "Whether the provider has made sure that the address is yours.", spec: `${core} §5.1` },
};

/** Claims whose value is a time (RFC 7519 §2, NumericDate). */
export const times = new Set(["exp", "iat", "nbf", "auth_time", "updated_at"]);

/** @type {Record<string, Meaning>} */
export const logoutParameters = {
  id_token_hint: {
    text: "Your last ID token: it says who is leaving, and which site asks.",
    spec: "RP-Initiated Logout §2",
    secret: true,
  },
  client_id: { text: "Which site is asking.", spec: "RP-Initiated Logout §2" },
  post_logout_redirect_uri: {
    text: "Where to send you afterwards. It has to be registered.",
    spec: "RP-Initiated Logout §2",
  },
  state: { text: "A random string. It comes back with you.", spec: "RP-Initiated Logout §2" },
};
