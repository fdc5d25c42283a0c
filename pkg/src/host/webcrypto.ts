import { kindOf } from "../engine/frame.js";
import { OidcError, wrongArgument } from "../error.js";
import { ALGORITHMS } from "../generated/calls.js";

// RFC 7518 §3.1: the first two letters name the family, the rest names the hash.
const FAMILIES: Record<string, string> = { RS: "RSASSA-PKCS1-v1_5", PS: "RSA-PSS", ES: "ECDSA", HS: "HMAC" };

type Parameters = { name: string; hash?: string; saltLength?: number; namedCurve?: string };

const known: Record<string, Parameters> = { EdDSA: { name: "Ed25519" }, Ed25519: { name: "Ed25519" } };

function algorithm(alg: string): Parameters {
  known[alg] ??= parameters(alg);
  return known[alg];
}

function parameters(alg: string): Parameters {
  const bits = Number(alg.slice(2));
  return {
    name: FAMILIES[alg.slice(0, 2)] ?? alg,
    hash: `SHA-${bits}`,
    saltLength: bits / 8,
    namedCurve: `P-${bits === 512 ? 521 : bits}`,
  };
}

/** Missing on http:// pages other than localhost. */
export function webCrypto(): SubtleCrypto {
  const subtle = globalThis.crypto?.subtle;
  if (!subtle) throw new OidcError("crypto.unavailable");
  return subtle;
}

const SIGNER = "a private CryptoKey with the usage sign; an RSA key of 2048 bits or more";

/** The JWS algorithm of a private key. */
export function signingAlgorithm(key: CryptoKey): string {
  type Known = Partial<RsaHashedKeyAlgorithm & EcKeyAlgorithm>;
  const { name, hash, namedCurve, modulusLength = 2048 } = (key?.algorithm ?? {}) as Known;
  const alg = ALGORITHMS.find((alg) => {
    const known = algorithm(alg);
    return (
      known.name === name && (!hash || known.hash === hash.name) && (!namedCurve || known.namedCurve === namedCurve)
    );
  });
  // RFC 7518 §3.3 and §3.5
  if (kindOf(key) !== "CryptoKey" || !alg || /^H/.test(alg) || !key.usages?.includes("sign") || modulusLength < 2048)
    throw wrongArgument("key", SIGNER);
  return alg;
}

/** Signs with a private key, or with the bytes of a secret. */
export async function sign(
  alg: string,
  key: CryptoKey | Uint8Array<ArrayBuffer>,
  input: BufferSource,
): Promise<Uint8Array> {
  const subtle = webCrypto();
  const signer = ArrayBuffer.isView(key) ? await subtle.importKey("raw", key, algorithm(alg), false, ["sign"]) : key;
  try {
    return new Uint8Array(await subtle.sign(algorithm(alg), signer, input));
  } catch (cause) {
    // An object that only imitates a key.
    throw wrongArgument("key", SIGNER, cause);
  }
}

/** The engine has checked the signature's length and the key. So with another error, this runtime lacks a feature. */
export const unsupported = (alg: string, cause: unknown): OidcError =>
  cause instanceof OidcError ? cause : new OidcError("jws.unsupported_key", { found: alg }, { cause });

/** A provider's key, or the shared secret, for one algorithm. */
export interface Key {
  readonly alg: string;
  /** A public JWK as JSON text, or the bytes of a secret. */
  readonly material: string | Uint8Array<ArrayBuffer>;
  /** The imported key. It is no promise, because requests of a Worker may not share promises. */
  imported?: CryptoKey;
}

/**
 * Did this key make the signature? True if it did. A rejection's reason is for {@link unsupported}. The host copies its
 * input first, so views of memory are safe. It is the host's own promise, because each further one takes time.
 */
export function verify(key: Key, signature: Uint8Array, signed: Uint8Array): Promise<unknown> {
  const subtle = webCrypto();
  const { alg, imported } = key;
  const ask = (key: CryptoKey, signature: Uint8Array, signed: Uint8Array) =>
    subtle.verify(algorithm(alg), key, signature as BufferSource, signed as BufferSource);
  if (!imported) {
    const [own, text] = [signature.slice(), signed.slice()];
    return usable(subtle, key).then((imported) => ask(imported, own, text));
  }
  try {
    return ask(imported, signature, signed);
  } catch (cause) {
    return Promise.reject(cause);
  }
}

async function usable(subtle: SubtleCrypto, key: Key): Promise<CryptoKey> {
  const { alg, material } = key;
  try {
    key.imported = await (typeof material === "string"
      ? subtle.importKey("jwk", JSON.parse(material), algorithm(alg), false, ["verify"])
      : subtle.importKey("raw", material, algorithm(alg), false, ["verify"]));
    return key.imported;
  } catch (cause) {
    throw (cause as Error).name === "NotSupportedError"
      ? new OidcError("jws.unsupported_alg", { found: alg }, { cause })
      : unsupported(alg, cause);
  }
}
