// Cookies that only this Worker can read or make: AES-GCM, each under a key and for a time of its own.

export type Cookies = Map<string, string>;

export function readCookies(request: Request): Cookies {
  const pairs = (request.headers.get("cookie") ?? "").split("; ").map((pair) => pair.split("=", 2));
  return new Map(pairs.map(([name = "", value = ""]) => [name, value]));
}

/** SameSite=Lax: sent when the provider sends the person back, not when another site posts here. */
export function cookie(url: URL, name: string, value: string, maxAge: number): string {
  const secure = url.protocol === "https:" ? "; Secure" : ""; // not on http://localhost
  return `${name}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure}`;
}

/** Encrypts a value for the cookie of this name. */
export async function seal(value: unknown, name: string, secret: string, maxAge: number): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const content = new TextEncoder().encode(JSON.stringify({ value, until: Date.now() + maxAge * 1000 }));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await keyFor(name, secret), content);
  return toText(new Uint8Array([...iv, ...new Uint8Array(sealed)]));
}

/** What was sealed under this name, or nothing: no cookie, another one's content, altered, expired. */
export async function open<T>(cookies: Cookies, name: string, secret: string): Promise<T | undefined> {
  try {
    const bytes = fromText(cookies.get(name) ?? "");
    const algorithm = { name: "AES-GCM", iv: bytes.slice(0, 12) };
    const content = await crypto.subtle.decrypt(algorithm, await keyFor(name, secret), bytes.slice(12));
    const { value, until } = JSON.parse(new TextDecoder().decode(content));
    return Date.now() < until ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A key for each name, so that no cookie can stand in for another. */
async function keyFor(name: string, secret: string): Promise<CryptoKey> {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const material = await crypto.subtle.importKey("raw", bytes(secret), "HKDF", false, ["deriveKey"]);
  const derivation = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: bytes(name) };
  return crypto.subtle.deriveKey(derivation, material, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

function toText(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

function fromText(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
