// Keys and signed tokens, only with WebCrypto, so that every runtime can make them.

// Created at the call, because importing must not throw without TextEncoder.
const utf8 = { encode: (text) => new TextEncoder().encode(text) };

export const base64url = (bytes) =>
  btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");

export const fromBase64url = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));

/** A part of a token: a string unchanged, any other value as JSON. */
export const encode = (value) => base64url(utf8.encode(typeof value === "string" ? value : JSON.stringify(value)));

const decode = (part) => JSON.parse(new TextDecoder().decode(fromBase64url(part)));

/** Header and claims of a compact token. */
export function decoded(token) {
  const [header, claims] = token.split(".", 2).map(decode);
  return { header, claims };
}

export const random = (bytes = 24) => base64url(crypto.getRandomValues(new Uint8Array(bytes)));

const curves = { 256: "P-256", 384: "P-384", 512: "P-521" };

/** WebCrypto's parameters for each algorithm: to import or generate a key, and to sign with it. */
export const algorithms = {
  ...Object.fromEntries(
    [256, 384, 512].flatMap((bits) => {
      const hash = `SHA-${bits}`;
      return [
        [`RS${bits}`, { key: { name: "RSASSA-PKCS1-v1_5", hash }, sign: "RSASSA-PKCS1-v1_5" }],
        [`PS${bits}`, { key: { name: "RSA-PSS", hash }, sign: { name: "RSA-PSS", saltLength: bits / 8 } }],
        [`ES${bits}`, { key: { name: "ECDSA", namedCurve: curves[bits] }, sign: { name: "ECDSA", hash } }],
        [`HS${bits}`, { key: { name: "HMAC", hash }, sign: "HMAC" }],
      ];
    }),
  ),
  EdDSA: { key: { name: "Ed25519" }, sign: "Ed25519" },
  Ed25519: { key: { name: "Ed25519" }, sign: "Ed25519" },
};

/**
 * A new signing key with its public JWK.
 * @typedef {{ alg: string, kid: string, privateKey: CryptoKey, jwk: JsonWebKey & { kid: string } }} Key
 * @param {string} alg
 * @returns {Promise<Key>}
 */
export async function createKey(alg, kid = random(12)) {
  if (!Object.hasOwn(algorithms, alg) || alg.startsWith("HS")) throw new TypeError(`${alg} has no key pair`);
  const rsa = { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
  const pair = /** @type {CryptoKeyPair} */ (
    await crypto.subtle.generateKey({ ...rsa, ...algorithms[alg].key }, true, ["sign", "verify"])
  );
  const { kty, n, e, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const jwk = JSON.parse(JSON.stringify({ kty, n, e, crv, x, y, use: "sig", kid }));
  return { alg, kid, privateKey: pair.privateKey, jwk };
}

/** Imports a secret of an HS algorithm or a JWK into WebCrypto. Returns a CryptoKey unchanged. */
export function importKey(alg, key, use, extractable = false) {
  const kind = algorithms[alg].key;
  if (typeof key === "string") return crypto.subtle.importKey("raw", utf8.encode(key), kind, extractable, [use]);
  const { alg: _alg, use: _use, key_ops, kid, ...jwk } = key;
  return "kty" in key ? crypto.subtle.importKey("jwk", jwk, kind, extractable, [use]) : key;
}

/**
 * A compact token. Header and payload are values or JSON strings.
 * @param {string | CryptoKey | JsonWebKey} [key] omitted for `alg: "none"`
 */
export async function compact(header, payload, key, alg = header.alg) {
  const input = `${encode(header)}.${encode(payload)}`;
  if (alg === "none") return `${input}.`;
  const bytes = await crypto.subtle.sign(algorithms[alg].sign, await importKey(alg, key, "sign"), utf8.encode(input));
  return `${input}.${base64url(new Uint8Array(bytes))}`;
}

/**
 * Did this key sign the compact token?
 * @param {string | JsonWebKey} key
 */
export async function isSigned(token, alg, key) {
  const [, input, signature] = /^(.*)\.(.*)$/.exec(token) ?? [];
  const verifier = await importKey(alg, key, "verify");
  return crypto.subtle.verify(algorithms[alg].sign, verifier, fromBase64url(signature), utf8.encode(input));
}

/** The same token with one changed bit in its signature. */
export function flipped(token) {
  const dot = token.lastIndexOf(".");
  const bytes = fromBase64url(token.slice(dot + 1));
  bytes[bytes.length >> 1] ^= 4;
  return `${token.slice(0, dot)}.${base64url(bytes)}`;
}

export const sha256 = async (text) => new Uint8Array(await crypto.subtle.digest("SHA-256", utf8.encode(text)));

/** The left half of a hash (OpenID Connect Core 1.0 §3.1.3.6). Ed25519 uses SHA-512. */
export async function halfHash(alg, text) {
  const bits = alg.startsWith("Ed") ? 512 : alg.slice(2);
  const hash = new Uint8Array(await crypto.subtle.digest(`SHA-${bits}`, utf8.encode(text)));
  return base64url(hash.subarray(0, hash.length / 2));
}
