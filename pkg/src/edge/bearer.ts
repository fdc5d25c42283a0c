/** What follows the scheme in an Authorization header (RFC 9110 §11.4). Null without credentials of this scheme. */
export function credentialsOf(header: string, scheme = "bearer"): string | null {
  const space = header.indexOf(" ");
  const given = space < 0 ? header : header.slice(0, space);
  return given.toLowerCase() === scheme ? header.slice(given.length).replace(/^ +/, "") : null;
}
