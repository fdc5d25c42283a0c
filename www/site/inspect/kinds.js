// @ts-check
/**
 * What a pasted text is. This only chooses a call of the package: the package alone decides whether the text is good.
 * @typedef {"idToken" | "accessToken" | "logoutToken" | "redirect" | "tokenResponse" | "metadata" | "keySet" | "challenge"} Kind
 */

/** @type {Kind[]} */
export const kinds = [
  "idToken",
  "accessToken",
  "logoutToken",
  "redirect",
  "tokenResponse",
  "metadata",
  "keySet",
  "challenge",
];

/** @param {Kind} kind */
export const isToken = (kind) => kind === "idToken" || kind === "accessToken" || kind === "logoutToken";

/** @param {string} text @returns {Kind | undefined} */
export function kindOf(text) {
  if (!text) return undefined;
  if (text.startsWith("{")) return kindOfObject(parsed(text), text);
  if (/^[\w-]+(\.[\w-]*){2,4}$/.test(text)) return kindOfToken(decoded(text));
  if (/^(www-authenticate:|(bearer|dpop|basic|digest|negotiate)\b)/i.test(text)) return "challenge";
  if (/^([a-z][\w+.-]*:|[?#]|\w+=)/i.test(text)) return "redirect";
  return undefined;
}

/** @param {Record<string, unknown> | undefined} value @param {string} text */
function kindOfObject(value, text) {
  const has = (/** @type {string} */ name) => (value ? Object.hasOwn(value, name) : text.includes(`"${name}"`));
  if (has("keys")) return "keySet";
  return has("issuer") || has("jwks_uri") || has("authorization_endpoint") ? "metadata" : "tokenResponse";
}

/** @param {Decoded} token */
function kindOfToken({ header, claims }) {
  const typ = textOf(header.typ).toLowerCase();
  if (typ.includes("logout+jwt") || "events" in claims) return "logoutToken";
  if (typ.includes("at+jwt")) return "accessToken";
  const isLogin = ["nonce", "at_hash", "c_hash", "auth_time"].some((name) => name in claims);
  return !isLogin && ["scope", "scp", "client_id"].some((name) => name in claims) ? "accessToken" : "idToken";
}

/** @typedef {{ header: Record<string, any>, claims: Record<string, any> }} Decoded */

/** A value that is text. A pasted object may have members that break `String()`. @param {unknown} value */
export const textOf = (value) => (typeof value === "string" ? value : "");

/**
 * The algorithm of a signed token, empty where the header names another one. An expectation that the engine cannot have would
 * hide its verdict on the token, such as that it is encrypted.
 * @param {Record<string, any>} header
 */
export const algorithmOf = ({ alg }) => (/^([RPEH]S(256|384|512)|EdDSA|Ed25519)$/.test(textOf(alg)) ? alg : "");

/** Header and claims, empty where they cannot be read. @param {string} token @returns {Decoded} */
export function decoded(token) {
  const [header, claims] = token.split(".", 2).map(part);
  return { header: header ?? {}, claims: claims ?? {} };
}

/** @param {string} text */
function part(text) {
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    return parsed(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

/** @param {string} text @returns {Record<string, any> | undefined} */
export function parsed(text) {
  try {
    const value = JSON.parse(text);
    return value && typeof value === "object" && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
