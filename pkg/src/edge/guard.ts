import { OidcError, RelyingParty } from "oidc-wasm";
import { credentialsOf } from "./bearer.js";
import type { Judge } from "./dpop.js";
import { createIssuer, type Issuer, words } from "./issuer.js";
import { metadataAddress, protectedResource } from "./metadata.js";
import type { Refusal } from "./refused.js";
import type { Guard, GuardConfig, Guarded, GuardOptions } from "./types.js";

/**
 * Guards an API: returns the verified claims, or the `Response` to send. With several configurations, the token's `iss`
 * chooses exactly one. `token`, `preflight`, `dpop`, `certificate` and `onRefused` come from the first one.
 *
 * @example
 * ```ts
 * const guard = createGuard({ issuer: "https://op.example", audience: "https://api.example.com", scope: "read" });
 * const seen = await guard(request);
 * if (seen instanceof Response) return seen;
 * return Response.json({ hello: seen.claims.sub });
 * ```
 */
export function createGuard(config: GuardConfig | GuardConfig[]): Guard {
  const issuers = [config].flat().map(createIssuer) as [Issuer, ...Issuer[]];
  const first = issuers[0].config;
  const { preflight, token: read, tokens, check, dpop, certificate } = first;
  const resource = issuers.map(({ config }) => config.resource).find(Boolean);

  /**
   * With several issuers, the token's `iss` chooses. `read` marks a token from elsewhere, which may have any form. The second
   * value is true for an opaque token.
   */
  const issuerOf = (token: string, read?: unknown): [Issuer, boolean?] | Promise<[Issuer, boolean]> =>
    issuers[1] || tokens
      ? import("./several.js").then(({ issuerOf }) => issuerOf(token, issuers, { OidcError, read }))
      : (issuers as [Issuer]);

  /** The response to an error, or to credentials without a token. */
  const refuse = (...refusal: Refusal): Promise<Response> =>
    import("./refused.js").then(({ refused }) =>
      refused({ OidcError, words, metadata: resource && metadataAddress(resource), config: first }, ...refusal),
    );

  /** Without a scheme, it chooses the one that the token needs. One function, because each further promise takes time. */
  async function judge(
    request: Request,
    options: GuardOptions,
    scheme?: Parameters<Judge>[0],
    proof?: Parameters<Judge>[1],
  ): Promise<Guarded | Response> {
    if (!scheme) {
      if (preflight && request.method === "OPTIONS" && request.headers.has("access-control-request-method"))
        return { claims: {}, token: "", scopes: new Set() };
      const { dpopAlgorithms: algorithms } = RelyingParty;
      // The engine can verify proofs, and the token is in the header. Another engine refuses these options.
      if (algorithms.length ? !read : dpop || certificate) {
        const { bound } = await import("./dpop.js");
        const one: Judge = (scheme, proof) => judge(request, options, scheme, proof);
        return bound(request, { ...dpop, certificate }, { algorithms, OidcError }, one);
      }
    }
    let [issuer] = issuers;
    let token: string | null = null;
    try {
      token = read ? read(request) : credentialsOf(request.headers.get("authorization") ?? "", scheme);
      if (token === null) return refuse(null, token, request, options, issuer);
      const seen = !check && !proof && issuer.recall(token, options);
      if (seen) return seen;
      let isOpaque: boolean | undefined;
      [issuer, isOpaque] = await issuerOf(token, read);
      return await issuer.verify(token, options, request, isOpaque, proof && (await proof()));
    } catch (problem) {
      return refuse(problem, token, request, options, issuer);
    }
  }

  const guard = (request: Request, options: GuardOptions = {}) => judge(request, options);
  return Object.assign(guard, {
    metadata: (request: Request) => (resource ? protectedResource(request, resource, issuers, dpop?.required) : null),
    async verify(token: string, { request, ...options }: GuardOptions & { request?: Request } = {}) {
      const [issuer, isOpaque] = await issuerOf(token, true);
      return issuer.verify(token, options, request, isOpaque);
    },
  });
}
