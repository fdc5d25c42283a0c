import { type AccessTokenExpected, type ClientConfig, OidcError, type Scope } from "oidc-wasm";
import { createMemo } from "./memo.js";
import { createParty, fetchOf } from "./party.js";
import { wrongConfig } from "./refusal.js";
import type { SharedKeys } from "./shared_keys.js";
import type { GuardConfig, Guarded, GuardOptions } from "./types.js";

/** See {@link AccessTokenExpected}. */
type Proof = Partial<AccessTokenExpected>;

/** An issuer of an API's tokens. */
export interface Issuer {
  config: GuardConfig;
  name: string | undefined;
  audience: string[];
  /** Does a token of this form need introspection? */
  introspects(token: string): boolean;
  /** `proof`: the expected values of the proof, for a token that is bound to a key. */
  verify(token: string, options: GuardOptions, request: Request | undefined, proof?: Proof): Promise<Guarded>;
}

export function createIssuer(config: GuardConfig): Issuer {
  const { introspection, clockTolerance, relax, check, keys = "isolate", tokens = "jwt" } = config;
  const { clientId, auth, seconds = 0 } = introspection ?? {};
  const audience = [config.audience ?? [], config.resource ?? []].flat();
  const scopes = words(config.scope);
  /** A new memo for each key set. */
  let memo = createMemo(config.memo);
  let shared: SharedKeys | undefined;
  const send = fetchOf(config);
  const client = { clientId, auth, clockTolerance, relax } as ClientConfig;
  const party = createParty(config, client, (...given) => (shared?.discover ?? send)(...given));
  function outdate(): void {
    memo = createMemo(config.memo);
  }

  const introspects = (token: string) => tokens === "opaque" || (tokens === "either" && !JWT.test(token));

  async function verified(token: string, scope: string[], options: GuardOptions, proof?: Proof): Promise<Guarded> {
    const { acrValues, maxAge, context } = options;
    if (!shared && (context || keys !== "isolate"))
      shared = (await import("./shared_keys.js")).createSharedKeys(keys, send, outdate);
    const rp = await party();
    await shared?.prepare(rp, context);
    const known = memo;
    let isFetched = false;
    const fetch: typeof send = (...given) => {
      isFetched ||= given[0] === rp.provider.jwks_uri;
      return send(...given);
    };
    const expected: AccessTokenExpected = {
      audience,
      scope: scope.length ? scope : undefined,
      issuer: config.tokenIssuer,
      clientId: config.tokenClientId,
      acrValues,
      maxAge,
      ...proof,
    };
    const isOpaque = introspects(token);
    try {
      const claims = await (isOpaque
        ? rp.introspect(token, { expected, fetch })
        : rp.verifyAccessToken(token, expected, { fetch }));
      const seen = { claims: frozen(claims), token, scopes: new Set(words((claims.scope ?? claims.scp) as Scope)) };
      if (isFetched) outdate();
      // The memo stores nothing of an earlier key set. It stores no bound token: each request has its own proof.
      if (!proof && (isFetched || memo === known)) memo.keep(seen, isOpaque ? seconds : undefined);
      return seen;
    } finally {
      if (isFetched) await shared?.share(rp, context);
    }
  }

  return {
    config,
    name: config.tokenIssuer ?? config.issuer ?? config.provider?.issuer,
    audience,
    introspects,
    async verify(token, options, request, proof) {
      const needed = options.scope ? scopes.concat(words(options.scope)) : scopes;
      // The memo only confirms. Every error comes from the engine.
      let seen = (proof ?? options.acrValues ?? options.maxAge) === undefined ? memo.get(token) : undefined;
      if (!seen || !needed.every((scope) => seen?.scopes.has(scope)))
        seen = await verified(token, needed, options, proof);
      if (!check) return seen;
      if (!request) throw wrongConfig("request", "what `check` reads");
      const verdict = await check(seen.claims, request);
      if (verdict !== true) throw (await import("./refused.js")).unchecked(verdict, OidcError);
      return seen;
    },
  };
}

/** RFC 7515 §7.1 */
export const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Words of a string or an array, such as scope values. */
export const words = (scope: Scope = "") =>
  (typeof scope === "string" ? scope : [scope].flat().join(" ")).split(" ").filter(Boolean);

/** The claims, frozen because later requests read them too. */
function frozen<T>(value: T): T {
  if (value && typeof value === "object") Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}
