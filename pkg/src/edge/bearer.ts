import { MALFORMED, refusal } from "./refusal.js";

/** The token of a request (RFC 6750 §2.1, RFC 9449 §7.1); null where its credentials are absent or of another scheme. */
export function tokenOf(request: Request, scheme = "bearer"): string | null {
  const header = request.headers.get("authorization") ?? "";
  if (header.split(" ")[0]?.toLowerCase() !== scheme) return null;
  const [, token] = /^\w+ +([\w.~+/-]+=*)$/.exec(header) ?? [];
  if (!token) throw refusal(MALFORMED, 400, "invalid_request");
  return token;
}
