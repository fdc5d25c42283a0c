import type { Plan, Tools } from "./decryption.js";

type Bytes = Uint8Array<ArrayBuffer>;

/** Decrypts the content with this key (RFC 7516 §5.2). Undefined for every failure. */
export async function decrypted(
  { token, bytes, epk }: Plan,
  own: CryptoKey,
  { encode, webCrypto }: Tools,
): Promise<Bytes | undefined> {
  const [, agreed = 0, wrapping = 0, size = 0, mac = 0, ...info] = bytes;
  const [header = "", ...parts] = token.split(".");
  const [encrypted, iv, text, tag] = parts.map(decoded) as [Bytes, Bytes, Bytes, Bytes];
  const additional = encode(header);
  const subtle = webCrypto();
  const imported = (secret: Bytes, algorithm: AlgorithmIdentifier | HmacImportParams, ...usages: KeyUsage[]) =>
    subtle.importKey("raw", secret, algorithm, false, usages);

  async function contentKey(): Promise<Bytes> {
    if (epk === undefined) return new Uint8Array(await subtle.decrypt("RSA-OAEP", own, encrypted));
    const { kty, crv, x, y } = JSON.parse(epk);
    const { algorithm } = own;
    const open = await subtle.importKey("jwk", { kty, crv, x, y }, algorithm, false, []);
    const secret = new Uint8Array(await subtle.deriveBits({ name: algorithm.name, public: open }, own, agreed * 8));
    // RFC 7518 §4.6.2
    const digest = (round: number) => subtle.digest("SHA-256", joined([0, 0, 0, round], secret, info));
    const derived = joined(new Uint8Array(await digest(1)), new Uint8Array(await digest(2)));
    if (!wrapping) return derived.slice(0, size);
    const wrapper = await imported(derived.slice(0, wrapping), "AES-KW", "unwrapKey");
    // Any bytes are an HMAC key.
    const hmac = { name: "HMAC", hash: "SHA-256" };
    const unwrapped = await subtle.unwrapKey("raw", encrypted, wrapper, "AES-KW", hmac, true, ["sign"]);
    return new Uint8Array(await subtle.exportKey("raw", unwrapped));
  }

  async function content(secret: Bytes): Promise<ArrayBuffer> {
    if (!mac) {
      const by = { name: "AES-GCM", iv, additionalData: additional };
      return subtle.decrypt(by, await imported(secret, by.name, "decrypt"), joined(text, tag));
    }
    // RFC 7518 §5.2.2.2: the tag is checked before anything is decrypted.
    const hmac = { name: "HMAC", hash: `SHA-${mac * 16}` };
    const bits = new Uint8Array(8);
    new DataView(bits.buffer).setUint32(4, additional.length * 8);
    const signer = await imported(secret.slice(0, mac), hmac, "sign");
    const whole = new Uint8Array(await subtle.sign("HMAC", signer, joined(additional, iv, text, bits)));
    // A tag is the first half. Each byte is compared, so that the time does not depend on them.
    if (tag.reduce((difference, byte, at) => difference | (byte ^ (whole[at] as number)), 0)) throw tag;
    const by = { name: "AES-CBC", iv };
    return subtle.decrypt(by, await imported(secret.slice(mac), by.name, "decrypt"), text);
  }

  // RFC 7516 §11.5: without the right content encryption key, a random one makes the content's check fail.
  const found = await contentKey().catch(() => undefined);
  const secret = found?.length === size ? found : random(size);
  try {
    return new Uint8Array(await content(secret));
  } catch {
    return undefined;
  } finally {
    secret.fill(0);
  }
}

const random = (size: number) => crypto.getRandomValues(new Uint8Array(size));

const joined = (...parts: Iterable<number>[]): Bytes => Uint8Array.from(parts.flatMap((part) => [...part]));

/** The bytes of a part that the engine has checked. */
const decoded = (part: string): Bytes =>
  Uint8Array.from(atob(part.replace(/-/g, "+").replace(/_/g, "/")), (character) => character.charCodeAt(0));
