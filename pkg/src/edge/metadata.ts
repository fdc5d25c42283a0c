import { RelyingParty } from "oidc-wasm";
import { type Issuer, words } from "./issuer.js";

const WELL_KNOWN = "/.well-known/oauth-protected-resource";

/** A member without values is absent (§3.2). */
const some = (values: readonly string[]) => values[0] && values;

/** The response to a request for the metadata of `resource` (RFC 9728 §3.2). Null for another URL. */
export function protectedResource(
  request: Request,
  resource: string,
  issuers: Issuer[],
  dpop_bound_access_tokens_required: boolean | undefined,
): Response | null {
  const { pathname } = new URL(request.url);
  if (pathname !== WELL_KNOWN && pathname !== WELL_KNOWN + new URL(resource).pathname) return null;
  const metadata = {
    resource,
    authorization_servers: issuers.map(({ name }) => name),
    scopes_supported: some(issuers.flatMap(({ config }) => words(config.scope))),
    bearer_methods_supported: ["header"],
    dpop_signing_alg_values_supported: some(RelyingParty.dpopAlgorithms),
    dpop_bound_access_tokens_required,
  };
  return Response.json(metadata, {
    // Pages of other origins read it with their own headers, so a preflight gets the same response.
    headers: { "access-control-allow-origin": "*", "access-control-allow-headers": "*" },
  });
}
