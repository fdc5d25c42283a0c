// Makes signed tokens with the test keys, using WebCrypto alone.

import vectors from "../vectors.js";
import { secret } from "./harness.js";

export const keys = vectors["keys.json"];

const text = new TextEncoder();

export function base64url(bytes) {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

export function fromBase64url(value) {
  return Uint8Array.from(atob(value.replace(/-/g, "+").replace(/_/g, "/")), (character) => character.charCodeAt(0));
}

export const encode = (value) => base64url(text.encode(typeof value === "string" ? value : JSON.stringify(value)));

/** Name of the test key, import and signing parameters for each algorithm. */
export const algorithms = {
  ...Object.fromEntries(
    ["256", "384", "512"].flatMap((bits) => [
      [`RS${bits}`, { key: "rsa1", other: "rsa2", import: { name: "RSASSA-PKCS1-v1_5", hash: `SHA-${bits}` } }],
      [
        `PS${bits}`,
        {
          key: "rsa1",
          other: "rsa2",
          import: { name: "RSA-PSS", hash: `SHA-${bits}` },
          sign: { name: "RSA-PSS", saltLength: bits / 8 },
        },
      ],
      [`HS${bits}`, { hmac: true, import: { name: "HMAC", hash: `SHA-${bits}` } }],
    ]),
  ),
  ES256: {
    key: "p256a",
    other: "p256b",
    import: { name: "ECDSA", namedCurve: "P-256" },
    sign: { name: "ECDSA", hash: "SHA-256" },
  },
  ES384: { key: "p384", import: { name: "ECDSA", namedCurve: "P-384" }, sign: { name: "ECDSA", hash: "SHA-384" } },
  ES512: { key: "p521", import: { name: "ECDSA", namedCurve: "P-521" }, sign: { name: "ECDSA", hash: "SHA-512" } },
  EdDSA: { key: "ed25519", other: "ed25519b", import: { name: "Ed25519" } },
  Ed25519: { key: "ed25519", other: "ed25519b", import: { name: "Ed25519" } },
};

/** The public half of a test key, as a provider would publish it. */
export function publicKey(name, members = {}) {
  const { kty, n, e, crv, x, y, kid } = keys[name];
  return JSON.parse(JSON.stringify({ kty, n, e, crv, x, y, kid, ...members }));
}

/** The private half of a test key, as a client that signs with it holds it. */
export const privateKey = (name, alg, extractable = false) =>
  crypto.subtle.importKey("jwk", stripped(keys[name]), algorithms[alg].import, extractable, ["sign"]);

/** Whether a JWS is signed with a test key, or with a secret. */
export async function isSigned(jws, alg, signer) {
  const algorithm = algorithms[alg];
  const [format, material] = algorithm.hmac ? ["raw", text.encode(signer)] : ["jwk", publicKey(signer)];
  const key = await crypto.subtle.importKey(format, material, algorithm.import, false, ["verify"]);
  const [, input, signature] = /^(.*)\.(.*)$/.exec(jws);
  const how = algorithm.sign ?? algorithm.import.name;
  return crypto.subtle.verify(how, key, fromBase64url(signature), text.encode(input));
}

/** Header and claims of a compact JWS. */
export function decoded(jws) {
  const [header, claims] = jws.split(".", 2).map((part) => JSON.parse(new TextDecoder().decode(fromBase64url(part))));
  return { header, claims };
}

/**
 * A compact JWS. `headerText` and `payload` stand in for the JSON of `header` and `claims`.
 * @param {{ header: any, headerText?: string, claims?: object, payload?: string, key?: string, secret?: string }} parts
 */
export async function sign({ header, headerText, claims, payload, key, secret: shared }) {
  const input = `${encode(headerText ?? header)}.${encode(payload ?? claims)}`;
  return secret(`${input}.${base64url(await signature(input, header?.alg, key, shared))}`);
}

async function signature(input, alg, key, shared) {
  const algorithm = Object.hasOwn(algorithms, alg) ? algorithms[alg] : undefined;
  if (alg === "none" || key === "none") return new Uint8Array();
  if (!algorithm) return filler;
  if (!algorithm.hmac && !keys[key ?? algorithm.key]) throw new Error(`no key ${key}`);
  try {
    const imported = algorithm.hmac
      ? await crypto.subtle.importKey("raw", text.encode(shared ?? keys.secret), algorithm.import, false, ["sign"])
      : await privateKey(key ?? algorithm.key, alg);
    return new Uint8Array(
      await crypto.subtle.sign(algorithm.sign ?? algorithm.import.name, imported, text.encode(input)),
    );
  } catch (error) {
    if (key !== "rsa1024") throw error;
    return filler;
  }
}

/** Where nothing can be signed (an unheard-of algorithm, the weak key in a runtime that refuses it): such a token is refused before its signature is looked at. */
const filler = new Uint8Array(256).fill(7);

function stripped({ kid, alg, use, key_ops, ...jwk }) {
  return jwk;
}

/** The same token with one bit of its signature changed. */
export function flipped(token) {
  const dot = token.lastIndexOf(".");
  const bytes = fromBase64url(token.slice(dot + 1));
  bytes[bytes.length >> 1] ^= 4;
  return secret(`${token.slice(0, dot)}.${base64url(bytes)}`);
}
