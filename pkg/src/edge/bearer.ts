/**
 * The token of a request (RFC 6750 §2.1, RFC 9449 §7.1). Null if its credentials are absent or of another scheme, false
 * if they are malformed.
 */
export function tokenOf(request: Request, scheme = "bearer"): string | null | false {
  const header = request.headers.get("authorization") ?? "";
  const [, given = header.replace(/ .*/s, ""), token = false] = /^(\w+) +([\w.~+/-]+=*)$/.exec(header) ?? [];
  return given.toLowerCase() === scheme ? token : null;
}
