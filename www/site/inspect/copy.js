// @ts-check
/** Judges the claims of a token behind its signature. */
import { algorithms, base64url, createKey } from "support:jws";
import { decoded, textOf } from "./kinds.js";
import { tried } from "./verdicts.js";

/** @typedef {import("oidc-wasm/full").OidcError} OidcError */

/**
 * The claims of a token as the engine judges them. The engine judges only what is signed, so a copy is signed with a key made here.
 * After a broken rule the expectation follows the token, so that the rules behind it are judged too.
 * @param {string} token
 * @param {string[]} rules in the engine's order
 * @param {(copy: string, keys: string, asked: Record<string, any>) => unknown} verify
 * @param {Record<string, any>} asked
 * @param {Record<string, (asked: Record<string, any>) => Record<string, any>>} lifts by the broken rule
 * @param {(payload: string, asked: Record<string, any>) => string} [changed] the copy's payload, base64url-encoded. Default: the token's
 */
export async function failures(token, rules, verify, asked, lifts, changed = (payload) => payload) {
  const { header } = decoded(token);
  const parts = token.split(".");
  const isAsymmetric = /^(RS|PS|ES)(256|384|512)$|^EdDSA$|^Ed25519$/.test(textOf(header.alg)) && parts.length === 3;
  // Where no copy can be signed the engine refuses the header, or the parts.
  const key = await ownKey(isAsymmetric ? header.alg : "ES256");
  const keys = JSON.stringify({ keys: [{ ...key.jwk, kid: header.kid, alg: key.alg }] });
  /** @type {OidcError[]} */
  const broken = [];
  for (let wanted = asked; ; ) {
    const [head = "", payload = ""] = parts;
    const copy = isAsymmetric ? await signedCopy([head, changed(payload, wanted)], key) : token;
    const { error } = await tried(() => verify(copy, keys, wanted));
    if (!error) return { broken, isEnd: false };
    // A rule before the last broken one has passed: only the lifted expectation breaks it now.
    const last = broken.at(-1)?.code ?? "";
    if (rules.indexOf(error.code) <= rules.indexOf(last) && rules.includes(last)) return { broken, isEnd: true };
    broken.push(error);
    const lift = lifts[error.code];
    if (!lift) return { broken, isEnd: true };
    wanted = { ...wanted, ...lift(wanted) };
  }
}

/** This page's own keys: one for each algorithm. @type {Map<string, Promise<import("support:jws").Key>>} */
const ownKeys = new Map();

/** @param {string} alg */
function ownKey(alg) {
  const key = ownKeys.get(alg) ?? createKey(alg);
  ownKeys.set(alg, key);
  return key;
}

/** Header and payload as they are, byte for byte. @param {string[]} parts @param {import("support:jws").Key} key */
async function signedCopy([header = "", payload = ""], key) {
  const bytes = new TextEncoder().encode(`${header}.${payload}`);
  const signature = await crypto.subtle.sign(algorithms[key.alg]?.sign ?? key.alg, key.privateKey, bytes);
  return `${header}.${payload}.${base64url(new Uint8Array(signature))}`;
}
