import { wrongConfig } from "./problem.js";

// Created at the call, because importing must not throw without TextEncoder.
const utf8 = (text: string) => new TextEncoder().encode(text);

/** Derived keys by their secret. A key is no promise, so requests may share it. */
const derived = new Map<string, CryptoKey>();
/** The limit of stored secrets. Above it, keys are derived again. */
const MOST = 32;

async function keyOf(secret: string): Promise<CryptoKey> {
  let key = derived.get(secret);
  if (!key) {
    const { subtle } = crypto;
    const material = await subtle.importKey("raw", utf8(secret), "HKDF", false, ["deriveKey"]);
    const derivation = { name: "HKDF", hash: "SHA-256", salt: utf8("oidc-wasm"), info: utf8("cookies") };
    key = await subtle.deriveKey(derivation, material, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    if (derived.size >= MOST) derived.clear();
    derived.set(secret, key);
  }
  return key;
}

const aesGcm = (iv: Uint8Array<ArrayBuffer>, name: string) => ({
  name: "AES-GCM",
  iv,
  additionalData: utf8(name),
});

/** The secrets of an option, if each is long enough. */
export function secretsOf(given: string | string[], argument = "secret"): [string, ...string[]] {
  const secrets = [given].flat();
  if (!secrets.length || secrets.some((secret) => typeof secret !== "string" || secret.length < 32))
    throw wrongConfig(argument, "32 random bytes as base64, or several");
  return secrets as [string, ...string[]];
}

/**
 * Encrypts a JSON value for one name and a time in seconds (AES-GCM). The first of several secrets encrypts. Each has 32
 * characters or more: `openssl rand -base64 32`.
 *
 * @example
 * ```ts
 * const sealed = await seal({ theme: "dark" }, "settings", secret, 3600);
 * const settings = await open<{ theme: string }>(sealed, "settings", secret);
 * ```
 */
export async function seal(value: unknown, name: string, secret: string | string[], seconds: number): Promise<string> {
  const [first] = secretsOf(secret);
  if (!Number.isFinite(seconds)) throw wrongConfig("seconds", "a number");
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const content = utf8(JSON.stringify([Date.now() / 1000 + seconds, value]));
  const sealed = await crypto.subtle.encrypt(aesGcm(iv, name), await keyOf(first), content);
  return toText(new Uint8Array([...iv, ...new Uint8Array(sealed)]));
}

/** Decrypts a value of this name with one of the secrets. Undefined if the value is absent, changed, expired or of another name. */
export async function open<T>(
  sealed: string | undefined,
  name: string,
  secret: string | string[],
): Promise<T | undefined> {
  for (const one of secretsOf(secret))
    try {
      const bytes = fromText(sealed ?? "");
      const algorithm = aesGcm(bytes.subarray(0, 12), name);
      const content = await crypto.subtle.decrypt(algorithm, await keyOf(one), bytes.subarray(12));
      const [until, value] = JSON.parse(new TextDecoder().decode(content));
      return Date.now() / 1000 < until ? value : undefined;
    } catch {
      // Encrypted with another secret.
    }
  return undefined;
}

/** Bytes as base64url. */
export function toText(bytes: Uint8Array): string {
  // In parts, because the number of arguments is limited.
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(text).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}

function fromText(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** A hash that names a secret and does not reveal it. */
export async function hashed(text: string): Promise<string> {
  return toText(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(text))));
}
