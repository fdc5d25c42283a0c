import { OidcError, RelyingParty } from "oidc-wasm";
import { tokenOf } from "./bearer.js";
import type { Judge } from "./dpop.js";
import { createIssuer, type Issuer, JWT, words } from "./issuer.js";
import { metadataAddress, protectedResource } from "./metadata.js";
import { wrongConfig } from "./refusal.js";
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
  const { preflight, token: read = tokenOf, dpop, certificate, onRefused } = issuers[0].config;
  const resource = issuers.map(({ config }) => config.resource).find(Boolean);

  /** With several issuers, the token's `iss` chooses. */
  const issuerOf = (token: string): Issuer | Promise<Issuer> =>
    issuers[1]
      ? import("./several.js").then(({ issuerOf }) => issuerOf(token, issuers, { JWT, OidcError }))
      : issuers[0];

  const judgeOf =
    (request: Request, options: GuardOptions): Judge =>
    async (scheme, proof) => {
      let [issuer] = issuers;
      try {
        const token = read(request, scheme);
        if (token === null || token === false) throw (await import("./refused.js")).withoutToken(token, OidcError);
        issuer = await issuerOf(token);
        return await issuer.verify(token, options, request, await proof?.());
      } catch (problem) {
        // A client cannot fix an error of the API itself.
        if (!(problem instanceof OidcError) || /^(argument|request)\./.test(problem.code)) throw problem;
        onRefused?.(problem, request);
        const { refused } = await import("./refused.js");
        return refused(problem, issuer, options, { words, metadata: resource && metadataAddress(resource) });
      }
    };

  async function guard(request: Request, options: GuardOptions = {}): Promise<Guarded | Response> {
    if (preflight && request.method === "OPTIONS" && request.headers.has("access-control-request-method"))
      return { claims: {}, token: "", scopes: new Set() };
    const judge = judgeOf(request, options);
    const { dpopAlgorithms: algorithms } = RelyingParty;
    // The engine can verify proofs, and the token is in the header.
    if (algorithms.length && read === tokenOf)
      return (await import("./dpop.js")).bound(request, { ...dpop, certificate }, { algorithms, wrongConfig }, judge);
    if ((dpop || certificate) && !algorithms.length) throw new OidcError("build.full");
    return judge();
  }

  return Object.assign(guard, {
    metadata: (request: Request) => (resource ? protectedResource(request, resource, issuers, dpop?.required) : null),
    async verify(token: string, options: GuardOptions & { request?: Request } = {}) {
      return (await issuerOf(token)).verify(token, options, options.request);
    },
  });
}
