import { type AccessTokenExpected, type ClientConfig, OidcError, type Scope } from "oidc-wasm";
import { createMemo } from "./memo.js";
import { createParty } from "./party.js";
import type { SharedKeys } from "./shared_keys.js";
import type { GuardConfig, Guarded, GuardOptions } from "./types.js";

/** See {@link AccessTokenExpected}. */
export type Proof = Partial<AccessTokenExpected>;

/** An issuer of an API's tokens. */
export interface Issuer {
  config: GuardConfig;
  /** The authorization server's own. Its tokens may name another one: `tokenIssuer`. */
  name: string | undefined;
  /** A remembered token. The memo only confirms, and every error comes from the engine. */
  recall(token: string, options: GuardOptions): Guarded | undefined;
  /** `isOpaque`: the token needs introspection. `proof`: the expected values of the proof, for a token that is bound to a key. */
  verify(
    token: string,
    options: GuardOptions,
    request: Request | undefined,
    isOpaque?: boolean,
    proof?: Proof,
  ): Promise<Guarded>;
}

export function createIssuer(given?: GuardConfig): Issuer {
  const config = given ?? ({} as GuardConfig);
  const {
    issuer,
    provider,
    audience: named = [],
    resource = [],
    scope,
    token: _token,
    tokens,
    introspection,
    tokenClientId: clientId,
    tokenIssuer,
    dpop,
    certificate,
    check,
    preflight,
    memo: bounds,
    keys = "isolate",
    clockTolerance,
    relax,
    onRefused,
    realm,
    fetch,
    ...unknown
  } = config;
  const audience = [named, resource].flat();
  // RFC 9701 §5: a signed answer may name this API as its audience.
  const { seconds = 0, ...own } = introspection ? { trustedAudiences: audience, ...introspection } : {};
  const scopes = words(scope);
  let shared: SharedKeys | undefined;
  // The host's function at the time of the call.
  const send: typeof globalThis.fetch = (input, init) => (fetch ?? globalThis.fetch)(input, init);
  const client = { ...own, clockTolerance, relax } as ClientConfig;
  const party = createParty(issuer, provider, client, (input, init) => (shared?.discover ?? send)(input, init));
  let memo = createMemo(bounds, seconds);
  /** A new memo for each key set. */
  const outdate = () => {
    memo = createMemo(bounds, seconds);
  };

  const needs = (scope: Scope | undefined) => (scope ? scopes.concat(words(scope)) : scopes);

  function recall(token: string, { scope, context, ...more }: GuardOptions): Guarded | undefined {
    // The engine judges all other options.
    const seen = !Object.keys(more).length && memo.get(token);
    return seen && needs(scope).every((scope) => seen.scopes.has(scope)) ? seen : undefined;
  }

  return {
    config,
    name: issuer ?? provider?.issuer,
    recall,
    // One function, because each further promise takes time.
    async verify(token, options, request, isOpaque, proof) {
      let seen: Guarded | undefined | false = !proof && recall(token, options);
      if (!seen) {
        const { scope, acrValues, maxAge, context, ...others } = options;
        if (context || keys !== "isolate")
          shared ??= (await import("./shared_keys.js")).sharedKeys(keys, send, outdate, client);
        const rp = await (shared ? shared.prepare(party, context) : party());
        let known = memo;
        let isFetched = false;
        // The engine refuses the name of an unknown option: a typo must not open the gate.
        const net = {
          ...unknown,
          ...others,
          fetch: (input: string | URL | Request, init?: RequestInit) => {
            isFetched ||= input === rp.provider.jwks_uri;
            return send(input, init);
          },
        };
        const expected: AccessTokenExpected = {
          audience,
          scope: needs(scope).join(" ") || undefined,
          clientId,
          issuer: tokenIssuer,
          acrValues,
          maxAge,
          ...proof,
        };
        try {
          const claims = isOpaque
            ? await rp.introspect(token, { ...net, expected })
            : await rp.verifyAccessToken(token, expected, net);
          freeze(claims);
          seen = { claims, token, scopes: new Set(words((claims.scope ?? claims.scp) as Scope)) };
        } finally {
          // A refused token may bring new keys too.
          if (isFetched) {
            outdate();
            known = memo;
            await shared?.share(rp, context);
          }
        }
        // The memo stores nothing of an earlier key set. It stores no bound token: each request has its own proof.
        if (!proof && memo === known) memo.keep(seen, isOpaque);
      }
      if (!check) return seen;
      const verdict = request && (await check(seen.claims, request));
      if (verdict !== true) throw (await import("./refused.js")).unchecked(verdict, request, OidcError);
      return seen;
    },
  };
}

/** Words of a string or an array, such as scope values. */
export const words = (scope: Scope | undefined) => [scope].flat().join(" ").split(" ").filter(Boolean);

/** Freezes the claims, because later requests read them too. */
function freeze(value: object): void {
  for (const member of Object.values(Object.freeze(value))) if (Object(member) === member) freeze(member);
}
