// @ts-check
/** What the visitor shares: the message in an address's fragment, which no server receives, without anything that works. */
import { isToken, kindOf, parsed } from "./kinds.js";

/** @typedef {import("./kinds.js").Kind} Kind */

/** Parameters and members that are keys to something. A `response` is a token with the code inside (JARM §2.3). */
const secret = /(^|_)(code|token|secret|password|verifier|assertion|state|response)$/;

/** The private members of a key (RFC 7518 §6). */
const privateMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/** A token without its signature. @param {string} token */
const unsigned = (token) => token.split(".").slice(0, 2).concat("").join(".");

/** @param {string} name @param {unknown} value */
function harmlessValue(name, value) {
  const isText = typeof value === "string";
  if (isText && name === "id_token") return unsigned(value);
  if (secret.test(name)) return "…";
  return isText && /^ey[\w-]*\./.test(value) ? unsigned(value) : value;
}

/** @param {string} pair a name and a value, form-encoded */
function harmlessPair(pair) {
  const [[name, value] = ["", ""]] = new URLSearchParams(pair);
  const shown = harmlessValue(name, value);
  return shown === value ? pair : new URLSearchParams([[name, String(shown)]]).toString();
}

/** @param {string} text */
function harmlessObject(text) {
  const value = parsed(text);
  const shown = (/** @type {string} */ name, /** @type {unknown} */ one) =>
    privateMembers.includes(name) ? undefined : harmlessValue(name, one);
  return value ? JSON.stringify(value, shown) : "";
}

/** The message by what it is, whatever the visitor chose: empty if that is unknown. @param {string} text */
export function harmless(text) {
  const kind = kindOf(text);
  if (!kind) return "";
  if (isToken(kind)) return unsigned(text);
  // An address has no line breaks. A browser removes them (URL Standard §4.4).
  if (kind === "redirect") return text.replace(/[\t\r\n]/g, "").replace(/(?<=^|[?#&])[^?#&=]+=[^&#]*/g, harmlessPair);
  // A header with a value in place of parameters may be a request's, with a password or a token (RFC 9110 §11.2).
  if (kind === "challenge") return text.replace(/((?:^|,)\s*[\w-]+\s+)[\w.~+/-]+=*(?=\s*(?:,|$))/g, "$1…");
  return harmlessObject(text);
}

/** The address, unless nothing of the message may be shared. @param {Kind} kind @param {string} text */
export function shareAddress(kind, text) {
  const message = harmless(text);
  if (!message) return undefined;
  const address = new URL(location.href);
  address.hash = `${new URLSearchParams({ kind, message })}`;
  return address.href;
}

/** What an address of that form brings. @returns {{ kind: string, message: string } | undefined} */
export function shared() {
  const sent = new URLSearchParams(location.hash.slice(1));
  const message = sent.get("message");
  return message ? { kind: sent.get("kind") ?? "", message } : undefined;
}
