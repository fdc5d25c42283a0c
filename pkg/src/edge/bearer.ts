/** What follows the scheme in an Authorization header (RFC 9110 §11.4). Null without credentials of this scheme. */
export function credentialsOf(header: string, scheme = "bearer"): string | null {
  const [, given, token] = /^([^ ]*) *(.*)/.exec(header) as unknown as [string, string, string];
  return given.toLowerCase() === scheme ? token : null;
}
