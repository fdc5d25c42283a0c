import type { Decryptor } from "../capabilities.js";
import { hasMore, nextText, nextView } from "../engine/engine.js";
import { encode, plain } from "../engine/frame.js";
import { wrongArgument } from "../error.js";
import { webCrypto } from "../host/webcrypto.js";
import type { DecryptionConfig } from "../types.js";
import { part } from "./part.js";

const KEY = "{ key, alg, kid } with a private CryptoKey of this alg; an RSA key of 2048 bits or more";

/** The option `decryption`. */
export function decryptors(keys: DecryptionConfig[] | undefined): Decryptor[] {
  if (keys !== undefined && !Array.isArray(keys)) throw wrongArgument("decryption", "an array");
  return keys?.map(decryptor) ?? [];
}

function decryptor(config: DecryptionConfig): Decryptor {
  const { key, alg, kid, ...others } = plain("decryption", config) as unknown as DecryptionConfig;
  const { algorithm, usages } = (key ?? {}) as CryptoKey;
  const {
    name,
    namedCurve = name,
    hash,
    modulusLength = 2048,
  } = (algorithm ?? {}) as EcKeyAlgorithm & Partial<RsaHashedKeyAlgorithm>;
  const isRsa = name === "RSA-OAEP";
  // RFC 7518 §4.3
  const isFit = hash ? `SHA-${alg === "RSA-OAEP" ? 1 : 256}` === hash.name && modulusLength >= 2048 : !isRsa;
  const isNamed = typeof alg === "string" && typeof (kid ?? "") === "string" && !Object.keys(others).length;
  if (!isNamed || !isFit || !usages?.includes(isRsa ? "decrypt" : "deriveBits")) throw wrongArgument("decryption", KEY);
  return { key, facts: [alg, isRsa ? "" : namedCurve].concat(kid ?? []).join(" ") };
}

export type Bytes = Uint8Array<ArrayBuffer>;

/** The computations that the engine requires for one token. */
export interface Plan {
  token: string;
  /**
   * The index of the key; the bytes of the agreed secret, of the wrapping key, of the content encryption key and of the HMAC's key (0 if there
   * is none); then `OtherInfo` (RFC 7518 §4.6.2).
   */
  bytes: Bytes;
  epk: string | undefined;
}

/** Reads it. Undefined for a token that is not encrypted. Its bytes are copied, because the engine's memory is used again. */
export const planned = (token: string): Plan | undefined =>
  hasMore() ? { token, bytes: nextView().slice() as Bytes, epk: nextText() } : undefined;

/** What the part that loads later needs. It is an argument, because a bundler would put shared imports into more files. */
const tools = { encode, webCrypto };
export type Tools = typeof tools;

/** The part that decrypts. */
export const decryption = () => part(import("./decrypted.js"));

/** Decrypts the content (RFC 7516 §5.2). Undefined for every failure, so that all of them look alike (§11.4). */
export async function decrypted(plan: Plan, keys: readonly Decryptor[]): Promise<Bytes | undefined> {
  const { key } = keys[plan.bytes[0] as number] as Decryptor;
  return (await decryption()).decrypted(plan, key, tools);
}
