import { type AccessTokenExpected, type ClientConfig, OidcError, type Scope } from "oidc-wasm";
import { createMemo } from "./memo.js";
import { createParty, fetchOf } from "./party.js";
import type { SharedKeys } from "./shared_keys.js";
import type { GuardConfig, Guarded, GuardOptions } from "./types.js";

/** See {@link AccessTokenExpected}. */
export type Proof = Partial<AccessTokenExpected>;

/** An issuer of an API's tokens. */
export interface Issuer {
  config: GuardConfig;
  name: string | undefined;
  audience: string[];
  /** Does a token of this form need introspection? */
  introspects(token: string): boolean;
  /** A remembered token. The memo only confirms, and every error comes from the engine. */
  recall(token: string, options: GuardOptions): Guarded | undefined;
  /** `proof`: the expected values of the proof, for a token that is bound to a key. */
  verify(token: string, options: GuardOptions, request: Request | undefined, proof?: Proof): Promise<Guarded>;
}

export function createIssuer(config: GuardConfig): Issuer {
  const { introspection, clockTolerance, relax, check, keys = "isolate", tokens = "jwt" } = config;
  const audience = [config.audience ?? [], config.resource ?? []].flat();
  // RFC 9701 §5: a signed answer may name this API as its audience.
  const { seconds = 0, ...own } = introspection ? { trustedAudiences: audience, ...introspection } : {};
  const scopes = words(config.scope);
  /** A new memo for each key set. */
  let memo = createMemo(config.memo);
  let shared: SharedKeys | undefined;
  const send = fetchOf(config);
  const client = { ...own, clockTolerance, relax } as ClientConfig;
  const party = createParty(config, client, (...given) => (shared?.discover ?? send)(...given));
  function outdate(): void {
    memo = createMemo(config.memo);
  }

  const introspects = (token: string) => tokens === "opaque" || (tokens === "either" && !JWT.test(token));

  const needs = ({ scope }: GuardOptions) => (scope ? scopes.concat(words(scope)) : scopes);

  function recall(token: string, options: GuardOptions): Guarded | undefined {
    const seen = (options.acrValues ?? options.maxAge) === undefined ? memo.get(token) : undefined;
    return seen && needs(options).every((scope) => seen.scopes.has(scope)) ? seen : undefined;
  }

  return {
    config,
    name: config.tokenIssuer ?? config.issuer ?? config.provider?.issuer,
    audience,
    introspects,
    recall,
    // One function, because each further promise takes time.
    async verify(token, options, request, proof) {
      let seen = proof ? undefined : recall(token, options);
      if (!seen) {
        const { acrValues, maxAge, context } = options;
        if (!shared && (context || keys !== "isolate"))
          shared = (await import("./shared_keys.js")).createSharedKeys(keys, send, outdate);
        const rp = await party();
        if (shared) await shared.prepare(rp, context);
        const known = memo;
        let isFetched = false;
        const fetch: typeof send = (...given) => {
          isFetched ||= given[0] === rp.provider.jwks_uri;
          return send(...given);
        };
        const needed = needs(options);
        const expected: AccessTokenExpected = {
          audience,
          scope: needed.length ? needed : undefined,
          clientId: config.tokenClientId,
          issuer: config.tokenIssuer,
          acrValues,
          maxAge,
          ...proof,
        };
        const isOpaque = introspects(token);
        try {
          const claims = isOpaque
            ? await rp.introspect(token, { expected, fetch })
            : await rp.verifyAccessToken(token, expected, { fetch });
          freeze(claims);
          seen = { claims, token, scopes: new Set(words((claims.scope ?? claims.scp) as Scope)) };
          if (isFetched) outdate();
          // The memo stores nothing of an earlier key set. It stores no bound token: each request has its own proof.
          if (!proof && (isFetched || memo === known)) memo.keep(seen, isOpaque ? seconds : undefined);
        } finally {
          if (isFetched) await shared?.share(rp, context);
        }
      }
      if (!check) return seen;
      const verdict = request && (await check(seen.claims, request));
      if (verdict !== true) throw (await import("./refused.js")).unchecked(verdict, request, OidcError);
      return seen;
    },
  };
}

/** RFC 7515 §7.1 */
export const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Words of a string or an array, such as scope values. */
export const words = (scope: Scope = "") =>
  (typeof scope === "string" ? scope : [scope].flat().join(" ")).split(" ").filter(Boolean);

/** Freezes the claims, because later requests read them too. */
function freeze(value: object): void {
  for (const member of Object.values(Object.freeze(value))) if (member && typeof member === "object") freeze(member);
}
