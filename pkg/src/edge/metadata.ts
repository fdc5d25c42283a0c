import { RelyingParty } from "oidc-wasm";
import { type Issuer, words } from "./issuer.js";

const WELL_KNOWN = "/.well-known/oauth-protected-resource";

/** The URL of a resource's metadata (RFC 9728 §3.1): the well-known path is between host and path. */
export function metadataAddress(resource: string): string {
  const { origin, pathname, search } = new URL(resource);
  return origin + WELL_KNOWN + pathname.replace(/^\/$/, "") + search;
}

/** The response to a request for the metadata of `resource` (RFC 9728 §3.2). Null for another URL. */
export function protectedResource(
  request: Request,
  resource: string,
  issuers: Issuer[],
  dpop_bound_access_tokens_required: boolean | undefined,
): Response | null {
  const { pathname } = new URL(request.url);
  if (pathname !== WELL_KNOWN && pathname !== WELL_KNOWN + new URL(resource).pathname) return null;
  const { dpopAlgorithms } = RelyingParty;
  const metadata = {
    resource,
    authorization_servers: issuers.map(({ name }) => name),
    scopes_supported: issuers.flatMap(({ config }) => words(config.scope)),
    bearer_methods_supported: ["header"],
    ...(dpopAlgorithms.length && {
      dpop_signing_alg_values_supported: dpopAlgorithms,
      dpop_bound_access_tokens_required,
    }),
  };
  return Response.json(metadata, {
    // Pages of other origins read it with their own headers, so a preflight gets the same response.
    headers: { "access-control-allow-origin": "*", "access-control-allow-headers": "*" },
  });
}
