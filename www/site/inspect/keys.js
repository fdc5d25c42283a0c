// @ts-check
/** Judges a key set: which keys the engine would use. */

import { base64url } from "support:jws";
import { RelyingParty } from "oidc-wasm/full";
import { parsed, textOf } from "./kinds.js";
import { metadataOf } from "./tokens.js";
import { elsewhere, listed, serving, tried } from "./verdicts.js";

/** @typedef {import("./verdicts.js").Judged} Judged */
/** @typedef {import("./verdicts.js").Verdict} Verdict */

/** The algorithms to try for a key that names none. */
const candidates = ["RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA"];

/** A token that names this key, and that this key did not sign. @param {any} jwk @param {string} alg */
function strangeToken(jwk, alg) {
  const length = /^(RS|PS)/.test(alg) ? 256 : alg === "ES384" ? 96 : alg === "ES512" ? 132 : 64;
  const header = { alg, ...(jwk?.kid === undefined ? {} : { kid: jwk.kid }) };
  const parts = [header, { iss: elsewhere, aud: elsewhere }].map((part) =>
    base64url(new TextEncoder().encode(JSON.stringify(part))),
  );
  return [...parts, base64url(new Uint8Array(length))].join(".");
}

/** What the engine says with this key set: "jws.signature" means that it took a key. @param {string} token @param {string} set */
async function met(token, set) {
  const rp = new RelyingParty(metadataOf(elsewhere), {});
  const { error } = await tried(() => rp.verifyAccessToken(token, { audience: elsewhere }, serving(set)));
  return error;
}

/** @param {string} text @returns {Promise<Judged>} */
export async function keySet(text) {
  const keys = /** @type {Record<string, any>[]} */ (Array.isArray(parsed(text)?.keys) ? parsed(text)?.keys : []);
  const whole = await met(strangeToken({}, "ES256"), text);
  const isBroken = whole && /^(json|jwks\.malformed)/.test(whole.code);
  /** @type {NonNullable<Judged['keys']>} */
  const judged = [];
  for (const jwk of isBroken ? [] : keys) {
    // Each key alone: without a kid the engine would take another one of the set.
    const alone = JSON.stringify({ keys: [jwk] });
    const algorithms = textOf(jwk?.alg) ? [jwk.alg] : candidates;
    const codes = await Promise.all(algorithms.map((alg) => met(strangeToken(jwk, alg), alone)));
    const used = codes.find((error) => error?.code === "jws.signature");
    const worst =
      codes.find((error) => error?.code === "jwks.weak_key") ??
      codes.find((error) => error?.code.startsWith("jwks.")) ??
      codes[0];
    judged.push({
      name: [jwk?.kty, jwk?.crv, jwk?.alg, jwk?.use, jwk?.kid].filter(textOf).join(" · "),
      verdict: /** @type {Verdict} */ (used ? "pass" : worst?.code === "jwks.weak_key" ? "fail" : "skip"),
      code: used ? undefined : worst?.code,
    });
  }
  // RFC 7518 §6.2.2, §6.3.2 and §6.4.1: d and k are what only the owner of a key knows.
  const isPrivate = keys.some((jwk) => jwk?.d !== undefined || jwk?.k !== undefined);
  return { rows: listed(["jwks.malformed"], isBroken ? [whole] : []), keys: judged, isPrivate };
}
