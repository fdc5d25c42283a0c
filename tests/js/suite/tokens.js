// Makes signed tokens with the test keys.
import * as jws from "../../support/provider/jws.js";
import vectors from "../vectors.js";
import { secret } from "./harness.js";

export { base64url, decoded, encode, fromBase64url } from "../../support/provider/jws.js";

export const keys = vectors["keys.json"];

const rsa = { key: "rsa1", other: "rsa2" };
const ed25519 = { key: "ed25519", other: "ed25519b" };
const shared = { hmac: true };

/** The test key of each algorithm, and another of its kind. */
export const algorithms = {
  ...Object.fromEntries(
    [256, 384, 512].flatMap((bits) => [
      [`RS${bits}`, rsa],
      [`PS${bits}`, rsa],
      [`HS${bits}`, shared],
    ]),
  ),
  ES256: { key: "p256a", other: "p256b" },
  ES384: { key: "p384" },
  ES512: { key: "p521" },
  EdDSA: ed25519,
  Ed25519: ed25519,
};

/** The public half of a test key, in a provider's form. */
export function publicKey(name, members = {}) {
  const { kty, n, e, crv, x, y, kid } = keys[name];
  return JSON.parse(JSON.stringify({ kty, n, e, crv, x, y, kid, ...members }));
}

/** The private half of a test key, in the form that a client signs with. */
export const privateKey = (name, alg, extractable = false) => jws.importKey(alg, keys[name], "sign", extractable);

/** Is the JWS signed with this test key or secret? */
export const isSigned = (token, alg, signer) =>
  jws.isSigned(token, alg, algorithms[alg].hmac ? signer : publicKey(signer));

/**
 * A compact JWS. `headerText` and `payload` replace the JSON of `header` and `claims`.
 * @param {{ header: any, headerText?: any, claims?: object, payload?: any, key?: string, secret?: string }} parts
 */
export async function sign({ header, headerText = header, claims, payload = claims, key, secret: own = keys.secret }) {
  const alg = key === "none" ? "none" : header?.alg;
  const algorithm = Object.hasOwn(algorithms, alg) && algorithms[alg];
  const compact = (alg, key) => jws.compact(headerText, payload, key, alg);
  // An unknown algorithm. The package rejects such a token before it checks the signature.
  const filled = async () => secret((await compact("none")) + jws.base64url(new Uint8Array(256).fill(7)));
  if (!algorithm) return alg === "none" ? secret(await compact("none")) : filled();
  try {
    return secret(await compact(alg, algorithm.hmac ? own : keys[key ?? algorithm.key]));
  } catch (error) {
    // Some runtimes do not import the weak key. The package rejects such a token too.
    if (key !== "rsa1024") throw error;
    return filled();
  }
}

/** The same token with one changed bit in its signature. */
export const flipped = (token) => secret(jws.flipped(token));

/** A pair of keys as a caller has one. */
export const keyPair = () =>
  crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
