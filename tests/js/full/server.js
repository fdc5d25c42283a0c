// A server with sessions whose tokens are bound to its key.

import { createLogin } from "oidc-wasm/edge";
import { createDpopKey } from "oidc-wasm/full";

/** @param {{ issuer: string, clientId: string, redirectUri: string, audience: string, api: string }} settings */
export async function createSite({ issuer, clientId, redirectUri, audience, api }) {
  const login = createLogin({
    issuer,
    clientId,
    redirectUri,
    cookieSecret: "a cookie secret of thirty-two characters",
    scope: "openid email read",
    resource: audience,
    keep: "tokens",
    dpop: await createDpopKey(),
  });
  const page = login.protect((_request, session) => new Response(session.claims.sub));
  /** @param {Request} request */
  return (request) => {
    const { pathname } = new URL(request.url);
    return pathname.startsWith("/api/") ? login.proxy(request, api + pathname.slice(4)) : page(request);
  };
}
