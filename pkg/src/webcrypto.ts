import { OidcError } from "./error.js";

// RFC 7518 §3.1: the first two letters name the family, the rest the hash.
const FAMILIES: Record<string, string> = { RS: "RSASSA-PKCS1-v1_5", PS: "RSA-PSS", ES: "ECDSA", HS: "HMAC" };

function algorithm(alg: string) {
  if (alg === "EdDSA" || alg === "Ed25519") return { name: "Ed25519" };
  const bits = Number(alg.slice(2));
  return {
    name: FAMILIES[alg.slice(0, 2)] ?? alg,
    hash: `SHA-${bits}`,
    saltLength: bits / 8,
    namedCurve: `P-${bits === 512 ? 521 : bits}`,
  };
}

/** A public JWK as JSON text, or the bytes of a secret. */
export type Key = string | Uint8Array<ArrayBuffer>;

/** Checks signatures and keeps the imported keys: the keys themselves, never promises, which a Worker's requests may not share. */
export class Verifier {
  readonly #keys = new Map<string, CryptoKey>();

  async verify(alg: string, key: Key, signature: Uint8Array, signed: Uint8Array): Promise<boolean> {
    const subtle = globalThis.crypto?.subtle;
    if (!subtle) throw new OidcError("crypto.unavailable");
    const id = alg + key;
    let imported = this.#keys.get(id);
    try {
      imported ??= await (typeof key === "string"
        ? subtle.importKey("jwk", JSON.parse(key), algorithm(alg), false, ["verify"])
        : subtle.importKey("raw", key, algorithm(alg), false, ["verify"]));
    } catch (cause) {
      throw (cause as Error).name === "NotSupportedError"
        ? new OidcError("jws.unsupported_alg", { found: alg }, { cause })
        : new OidcError("jwks.weak_key", {}, { cause });
    }
    // A provider that changes its keys at every look may not fill the memory.
    if (this.#keys.size > 99) this.#keys.clear();
    this.#keys.set(id, imported);
    // Engines differ in whether a signature of the wrong shape is false or an exception.
    return subtle
      .verify(algorithm(alg), imported, signature as BufferSource, signed as BufferSource)
      .catch(() => false);
  }
}
