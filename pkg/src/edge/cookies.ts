import { refusal, TOO_LARGE } from "./problem.js";

/** Characters of one cookie's value. With name and attributes it stays below the 4,096 that browsers accept. */
const CHUNK = 3_800;
const MOST = 4;

/** In the order of the header, oldest first (RFC 6265 §5.4). */
export type Cookies = Map<string, string>;

export function readCookies(request: Request): Cookies {
  // No value of this package has an equals sign.
  const pairs = (request.headers.get("cookie") ?? "").split(/; */).map((pair) => pair.split("="));
  return new Map(pairs.map(([name = "", value = ""]) => [name, value]));
}

/** `Set-Cookie` lines for a value in several cookies. The first starts with their count. Deletes the ones of an earlier value. */
export function writeChunks(cookies: Cookies, name: string, value: string, line: CookieLine, large: string): string[] {
  const count = Math.ceil(value.length / CHUNK);
  if (count > MOST) throw refusal(TOO_LARGE, 500, null, large);
  return Array.from({ length: MOST }, (_, at) => {
    const chunk = value.slice(at * CHUNK, (at + 1) * CHUNK);
    const key = at ? `${name}.${at}` : name;
    return chunk ? line(key, at ? chunk : `${count}.${chunk}`) : cookies.has(key) ? line(key) : "";
  }).filter(Boolean);
}

/** The value that {@link writeChunks} wrote, or an empty string. */
export function readChunks(cookies: Cookies, name: string): string {
  const [, count, first] = /^([1-4])\.(.*)$/.exec(cookies.get(name) ?? "") ?? [];
  const chunks = Array.from({ length: Number(count ?? 0) }, (_, at) => (at ? cookies.get(`${name}.${at}`) : first));
  return chunks.every(Boolean) ? chunks.join("") : "";
}

/** Writes a `Set-Cookie` line. Without a value, it deletes the cookie. */
export type CookieLine = (name: string, value?: string) => string;

export function cookieLine(attributes: string, seconds: number): CookieLine {
  return (name, value) => `${name}=${value ?? ""}; Max-Age=${value ? Math.floor(seconds) : 0}; HttpOnly${attributes}`;
}
