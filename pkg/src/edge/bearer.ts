/**
 * The token of a request (RFC 6750 §2.1, RFC 9449 §7.1). Null if its credentials are absent or of another scheme, false
 * if they are malformed.
 */
export function tokenOf(request: Request, scheme = "bearer"): string | null | false {
  const header = request.headers.get("authorization") ?? "";
  if (header.split(" ")[0]?.toLowerCase() !== scheme) return null;
  return /^\w+ +([\w.~+/-]+=*)$/.exec(header)?.[1] ?? false;
}
