/**
 * The token of a request (RFC 6750 §2.1, RFC 9449 §7.1). Null if its credentials are absent or of another scheme, false
 * if they are malformed.
 */
export function tokenOf(request: Request, scheme = "bearer"): string | null | false {
  const header = request.headers.get("authorization") ?? "";
  // It matches every string.
  const parts = /^([^ ]*)(?: +([\w.~+/-]+=*)$)?/.exec(header) as unknown as [string, string, string?];
  const [, given, token = false] = parts;
  return given.toLowerCase() === scheme ? token : null;
}
