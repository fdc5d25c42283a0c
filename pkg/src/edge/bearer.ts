/** RFC 6750 §2.1: `b64token`. */
export const TOKEN = /^[\w.~+/-]+=*$/;

/** What follows the scheme in an Authorization header (RFC 9110 §11.4). Null without credentials of this scheme. */
export function credentialsOf(header: string, scheme = "bearer"): string | null {
  // It matches every string.
  const [start, given] = /^([^ ]*) */.exec(header) as unknown as [string, string];
  return given.toLowerCase() === scheme ? header.slice(start.length) : null;
}
