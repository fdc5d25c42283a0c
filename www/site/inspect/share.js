// @ts-check
/** What the visitor shares: the message in an address's fragment, which no server receives, without anything that works. */
import { isToken, parsed } from "./kinds.js";

/** @typedef {import("./kinds.js").Kind} Kind */

/** A token without its signature. @param {string} token */
const unsigned = (token) => token.split(".").slice(0, 2).concat("").join(".");

/** Parameters and members that are keys to something. @type {Record<string, (value: string) => string>} */
const secrets = {
  code: () => "…",
  access_token: () => "…",
  refresh_token: () => "…",
  device_code: () => "…",
  client_secret: () => "…",
  session_state: () => "…",
  state: () => "…",
  id_token: unsigned,
};

/** @param {Kind} kind @param {string} text */
export function harmless(kind, text) {
  if (isToken(kind)) return unsigned(text);
  if (kind === "redirect")
    return text.replace(/([?#&]|^)(\w+)=([^&#]*)/g, (all, before, name, value) =>
      secrets[name] ? `${before}${name}=${encodeURIComponent(secrets[name](value))}` : all,
    );
  const value = kind === "tokenResponse" ? parsed(text) : undefined;
  if (!value) return kind === "tokenResponse" ? "" : text;
  const shown = Object.entries(value).map(([name, one]) => [
    name,
    typeof one === "string" && secrets[name] ? secrets[name](one) : one,
  ]);
  return JSON.stringify(Object.fromEntries(shown));
}

/** @param {Kind} kind @param {string} text */
export function shareAddress(kind, text) {
  const address = new URL(location.href);
  address.hash = `${new URLSearchParams({ kind, message: harmless(kind, text) })}`;
  return address.href;
}

/** What an address of that form brings. @returns {{ kind: string, message: string } | undefined} */
export function shared() {
  const sent = new URLSearchParams(location.hash.slice(1));
  const message = sent.get("message");
  return message ? { kind: sent.get("kind") ?? "", message } : undefined;
}
