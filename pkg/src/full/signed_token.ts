import { encode } from "../engine/frame.js";
import { sign } from "../host/webcrypto.js";

/** The token with this signing input (RFC 7515 §7.1). */
export async function signedToken(alg: string, key: CryptoKey, input: string): Promise<string> {
  const signature = btoa(String.fromCharCode(...(await sign(alg, key, encode(input)))));
  // Base64url without padding (RFC 7515 §2).
  return `${input}.${signature.replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "")}`;
}
