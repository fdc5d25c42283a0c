import { full, only } from "./capabilities.js";
import type { CallOptions, ResourceMetadata, StepUp } from "./types.js";

/**
 * The metadata of a protected resource (RFC 9728), in oidc-wasm/full: by its URL, or by its response, whose challenge
 * may name the metadata's URL. The metadata must belong to this resource. Throws `resource.*`, `json.*` and `http.*`.
 *
 * @example
 * ```ts
 * const { resource, authorization_servers, scopes_supported } = await discoverResource(await fetch("https://mcp.example.com/"));
 * ```
 */
export const discoverResource: (resource: string | URL | Response, options?: CallOptions) => Promise<ResourceMetadata> =
  /* @__PURE__ */ only("discoverResource");

/**
 * The requirements of a challenge for the next authorization request, in oidc-wasm/full: more scope (RFC 6750 §3), or another
 * authentication (RFC 9470). Undefined if another login would not help. A string is a `WWW-Authenticate` value. Throws `step_up.*`.
 *
 * @example
 * ```ts
 * const asked = stepUp(await rp.fetch("https://api.example.com/transfer", { method: "POST" }, tokens));
 * if (asked) location.assign((await rp.authorize({ scope: "openid", ...asked })).url);
 * ```
 */
export function stepUp(challenged: string | Response): StepUp | undefined {
  return full().stepUp(challenged);
}
