import { OidcError, RelyingParty } from "oidc-wasm";
import { challenge, tokenOf } from "./bearer.js";
import type { Presented } from "./dpop.js";
import { createIssuer, type Issuer, JWT, words } from "./issuer.js";
import { metadataAddress, protectedResource } from "./metadata.js";
import { MISSING, refusal, wrongConfig } from "./refusal.js";
import type { Guard, GuardConfig, Guarded, GuardOptions } from "./types.js";

/**
 * Guards an API: returns the verified claims, or the `Response` to send. With several configurations the token's `iss` chooses one, exactly. `token`, `preflight`, `dpop` and `onRefused` are the first one's.
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
  const { preflight, token: read = tokenOf, dpop, onRefused } = issuers[0].config;
  const resource = issuers.map(({ config }) => config.resource).find(Boolean);
  let part: typeof import("./dpop.js") | undefined;

  /** The proof beside the token, if the engine can verify proofs and the token is in the header. */
  async function bound(request: Request): Promise<Presented | undefined> {
    const { dpopAlgorithms: algorithms } = RelyingParty;
    if (dpop && !algorithms.length) throw new OidcError("build.full");
    if (!algorithms.length || read !== tokenOf) return undefined;
    part ??= await import("./dpop.js");
    return part.presented(request, dpop ?? {}, { algorithms, wrongConfig });
  }

  async function guard(request: Request, options: GuardOptions = {}): Promise<Guarded | Response> {
    if (preflight && request.method === "OPTIONS" && request.headers.has("access-control-request-method"))
      return { claims: {}, token: "", scopes: new Set() };
    const presented = await bound(request);
    let [issuer] = issuers;
    try {
      const token = read(request, presented?.scheme);
      if (token === null) throw refusal(MISSING, 401, "");
      issuer = issuerOf(token, issuers);
      const seen = await issuer.verify(token, options, request, await presented?.proof());
      return presented ? presented.taken(seen) : seen;
    } catch (problem) {
      // A client cannot fix an error of the API itself.
      if (!(problem instanceof OidcError) || /^(argument|request)\./.test(problem.code)) throw problem;
      onRefused?.(problem, request);
      const response = refused(problem, issuer, options, resource);
      return presented ? presented.refused(response) : response;
    }
  }

  return Object.assign(guard, {
    metadata(request: Request) {
      const scopes = issuers.flatMap(({ config }) => words(config.scope));
      const names = issuers.map(({ name }) => name);
      return resource ? protectedResource(request, resource, names, scopes, dpop?.required) : null;
    },
    async verify(token: string, options: GuardOptions & { request?: Request } = {}) {
      return issuerOf(token, issuers).verify(token, options, options.request);
    },
  });
}

/** RFC 6750 §3.1: names the error of a token. Without a token there is no error code. */
function refused(problem: OidcError, issuer: Issuer, options: GuardOptions, resource?: string): Response {
  const { code, status, error, error_description = code } = problem;
  const { scope, realm = issuer.audience[0] } = issuer.config;
  // The issuer is unavailable.
  if (!status || /^(introspection|http|discovery)\./.test(code)) {
    const { retryAfter = 30 } = problem as { retryAfter?: number };
    const headers = { "retry-after": `${retryAfter}`, "cache-control": "no-store" };
    return new Response(null, { status: 503, headers });
  }
  const isStepUp = error === "insufficient_user_authentication";
  return challenge(status, {
    realm,
    error,
    error_description: error && error_description,
    scope: !error || code === "access_token.scope" ? [...words(scope), ...words(options.scope)].join(" ") : "",
    acr_values: isStepUp ? options.acrValues : "",
    max_age: isStepUp ? `${options.maxAge ?? ""}` : "",
    resource_metadata: resource && metadataAddress(resource),
  });
}

/** The issuer of a token. With several, the one in the token, which is not verified yet. */
function issuerOf(token: string, issuers: [Issuer, ...Issuer[]]): Issuer {
  if (!issuers[1]) return issuers[0];
  const found = issuers.find((one) => (JWT.test(token) ? one.name === issuerIn(token) : one.introspects(token)));
  if (!found) throw refusal("access_token.iss");
  return found;
}

/** The `iss` of a JWT. Null if unreadable. */
function issuerIn(token: string): unknown {
  try {
    return JSON.parse(atob(`${token.split(".")[1]}`.replace(/-/g, "+").replace(/_/g, "/"))).iss ?? null;
  } catch {
    return null;
  }
}
