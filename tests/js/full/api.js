// An API that accepts bound tokens, requires its own nonces, and accepts each proof once. It allows requests of other origins (CORS).
import "oidc-wasm/full";
import { createGuard } from "oidc-wasm/edge";

/** Headers that a page of another origin may send and see. */
const cors = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "authorization, dpop",
  "access-control-expose-headers": "WWW-Authenticate, DPoP-Nonce",
};

/** @param {{ issuer: string, audience: string, elsewhere: string }} settings */
export function createApi({ issuer, audience, elsewhere }) {
  const proofs = new Set();
  const replay = (jti) => proofs.size === proofs.add(jti).size;
  const dpop = { replay, nonceSecret: "a secret for nonces, of 32 characters" };
  /** The answers in order. */
  const log = [];
  const guard = createGuard({ issuer, audience, scope: "read", dpop, preflight: true });

  /** @param {Request} request */
  async function answered(request) {
    const seen = await guard(request);
    if (seen instanceof Response) return new Response(null, seen);
    if (request.method === "OPTIONS") return new Response(null, { status: 204 });
    const { pathname } = new URL(request.url);
    if (pathname === "/moved") return new Response(null, { status: 307, headers: { location: elsewhere } });
    const headers = seen.dpopNonce === undefined ? {} : { "dpop-nonce": seen.dpopNonce };
    return new Response(`${seen.claims.sub}: ${await request.text()}`, { headers });
  }

  return {
    /** @param {Request} request */
    async fetch(request) {
      if (new URL(request.url).pathname === "/log") return Response.json(log);
      const response = await answered(request);
      for (const [name, value] of Object.entries(cors)) response.headers.set(name, value);
      const [, error = ""] = /error="(\w+)"/.exec(response.headers.get("www-authenticate") ?? "") ?? [];
      if (request.method !== "OPTIONS") log.push(`${response.status} ${error}`.trim());
      return response;
    },
  };
}
