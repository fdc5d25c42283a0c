import { MALFORMED, refusal } from "./refusal.js";

/** The token of a request (RFC 6750 §2.1); null where its credentials are absent or of another scheme. */
export function bearerToken(request: Request): string | null {
  const header = request.headers.get("authorization") ?? "";
  if (!/^bearer( |$)/i.test(header)) return null;
  const [, token] = /^\w+ +([\w.~+/-]+=*)$/.exec(header) ?? [];
  if (!token) throw refusal(MALFORMED, 400, "invalid_request");
  return token;
}

/** A refusal with its challenge (RFC 6750 §3). Parameters without a value are left out. */
export function challenge(status: number, parameters: Record<string, string | undefined>): Response {
  const written = Object.entries(parameters)
    .filter(([, value]) => value)
    // The characters that RFC 6750 §3 allows.
    .map(([name, value]) => `${name}="${value?.replace(/[^ !#-[\]-~]/g, "?")}"`);
  const headers = { "www-authenticate": `Bearer ${written.join(", ")}`, "cache-control": "no-store" };
  return new Response(null, { status, headers });
}
