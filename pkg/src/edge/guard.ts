import { OidcError, RelyingParty } from "oidc-wasm";
import { credentialsOf } from "./bearer.js";
import type { Judge } from "./dpop.js";
import { createIssuer, type Issuer, words } from "./issuer.js";
import { protectedResource } from "./metadata.js";
import { wrongConfig } from "./problem.js";
import type { Guard, GuardConfig, Guarded, GuardOptions } from "./types.js";

/**
 * Guards an API: returns the verified claims, or the `Response` to send. With several configurations, the token's `iss`
 * chooses exactly one. `token`, `preflight`, `dpop`, `certificate` and `onRefused` come from the first one. Other values of `token`,
 * `dpop` and `certificate` in a later one are an error.
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
  // Without any configuration, it throws the error of an empty one.
  const [{ config: first } = createIssuer()] = issuers;
  const { token: read, tokens, check, dpop, certificate } = first;
  const resource = issuers.map(({ config }) => config.resource).find(Boolean);
  // The metadata's address is made from it.
  if (resource && !URL.canParse(resource)) throw wrongConfig("resource", "a URL");

  /**
   * With several issuers, the token's `iss` chooses. `read` marks a token from elsewhere, which may have any form. The second
   * value is true for an opaque token.
   */
  const issuerOf = async (token: string, read?: unknown): Promise<[Issuer, boolean?]> =>
    issuers[1] || tokens || dpop
      ? (await import("./refused.js")).issuerOf(token, issuers, { OidcError, read })
      : (issuers as [Issuer]);

  /** Without a scheme, it chooses the one that the token needs. One function, because each further promise takes time. */
  async function judge(
    request: Request,
    options: GuardOptions = {},
    scheme?: Parameters<Judge>[0],
    proof?: Parameters<Judge>[1],
  ): Promise<Guarded | Response> {
    if (!scheme) {
      const { dpopAlgorithms: algs } = RelyingParty;
      // The engine can verify proofs, and the token is in the header. Otherwise these options are refused.
      if ((algs.length ? !read : certificate) || dpop) {
        const { bound } = await import("./dpop.js");
        return bound(request, first, { algs, OidcError }, judge.bind(null, request, options));
      }
    }
    let [issuer] = issuers;
    let token: string | null | undefined;
    /** Null if the credentials are absent. */
    let problem: unknown = null;
    try {
      token = read ? read(request) : credentialsOf(request.headers.get("authorization") ?? "", scheme);
      // A function of JavaScript may return undefined.
      if (token != null) {
        const seen = !check && !proof && issuer.recall(token, options);
        if (seen) return seen;
        let isOpaque: boolean | undefined;
        [issuer, isOpaque] = await issuerOf(token, read);
        return await issuer.verify(token, options, request, isOpaque, proof && (await proof()));
      }
    } catch (cause) {
      problem = cause;
    }
    const { refused } = await import("./refused.js");
    const tools = { OidcError, words, resource, config: first };
    return refused(tools, problem, token, request, options, issuer);
  }

  return Object.assign((request: Request, options?: GuardOptions) => judge(request, options), {
    metadata: (request: Request) => (resource ? protectedResource(request, resource, issuers, dpop?.required) : null),
    async verify(token: string, { request, ...options }: GuardOptions & { request?: Request } = {}) {
      const [issuer, isOpaque] = await issuerOf(token, true);
      return issuer.verify(token, options, request, isOpaque);
    },
  });
}
