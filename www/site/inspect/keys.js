// @ts-check
/** Judges a key set: which keys the engine would use. */

import { base64url } from "support:jws";
import { RelyingParty } from "oidc-wasm/full";
import { parsed, textOf } from "./kinds.js";
import { metadataOf } from "./tokens.js";
import { elsewhere, listed, serving, tried } from "./verdicts.js";

/** @typedef {import("oidc-wasm/full").OidcError} OidcError */
/** @typedef {import("./verdicts.js").Judged} Judged */
/** @typedef {import("./verdicts.js").Verdict} Verdict */

/** The algorithms to try for a key that names none. */
const candidates = ["RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA"];

/** For each key: a token that names it, which this key did not sign. "jws.signature" means that the engine took the key. @param {string} text @returns {Promise<Judged>} */
export async function keySet(text) {
  const rp = new RelyingParty(metadataOf(elsewhere), {});
  const audience = elsewhere;
  const keys = /** @type {Record<string, any>[]} */ (Array.isArray(parsed(text)?.keys) ? parsed(text)?.keys : []);
  /** @type {NonNullable<Judged['keys']>} */
  const judged = [];
  /** @type {OidcError | undefined} */
  let broken;
  for (const jwk of keys.length ? keys : [{}]) {
    /** @type {(OidcError | undefined)[]} */
    const codes = [];
    for (const alg of textOf(jwk?.alg) ? [jwk.alg] : candidates) {
      const signature = base64url(
        new Uint8Array(/^(RS|PS)/.test(alg) ? 256 : alg === "ES384" ? 96 : alg === "ES512" ? 132 : 64),
      );
      const token = [
        { alg, ...(jwk?.kid === undefined ? {} : { kid: jwk.kid }) },
        { iss: elsewhere, aud: audience },
      ]
        .map((part) => base64url(new TextEncoder().encode(JSON.stringify(part))))
        .join(".");
      const { error } = await tried(() => rp.verifyAccessToken(`${token}.${signature}`, { audience }, serving(text)));
      codes.push(error);
    }
    const used = codes.find((error) => error?.code === "jws.signature");
    const worst =
      used ??
      codes.find((error) => error?.code === "jwks.weak_key") ??
      codes.find((error) => error?.code.startsWith("jwks.")) ??
      codes[0];
    if (worst && /^(json|jwks\.malformed)/.test(worst.code)) broken = worst;
    if (!keys.length) continue;
    judged.push({
      name: [jwk?.kty, jwk?.crv, jwk?.alg, jwk?.use, jwk?.kid].filter(textOf).join(" · "),
      verdict: /** @type {Verdict} */ (used ? "pass" : worst?.code === "jwks.weak_key" ? "fail" : "skip"),
      code: used ? undefined : worst?.code,
    });
  }
  // RFC 7518 §6.2.2, §6.3.2 and §6.4.1: d and k are what only the owner of a key knows.
  const isPrivate = keys.some((jwk) => jwk?.d !== undefined || jwk?.k !== undefined);
  return { rows: listed(["jwks.malformed"], broken ? [broken] : []), keys: judged, isPrivate };
}
