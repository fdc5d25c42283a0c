import type { Claims, ClientConfig, OidcError, ProviderMetadata, Scope } from "oidc-wasm";

/** A Worker's execution context. `waitUntil` lets the guard fetch keys after it has answered. */
export interface ExecutionContextLike {
  waitUntil(promise: Promise<unknown>): void;
}

// ── the guard ──

/** A guard for access tokens. It returns a Response to send if it rejects the request. */
export interface Guard {
  /** Answers 400, 401 and 403 by RFC 6750 §3.1, and 503 with `Retry-After` if keys or introspection are unavailable. */
  (request: Request, options?: GuardOptions): Promise<Guarded | Response>;
  /**
   * Protected resource metadata (RFC 9728 §3): answers `/.well-known/oauth-protected-resource`, also with the resource's path after
   * it. `null` for any other address, and without `resource`.
   */
  metadata(request: Request): Response | null;
  /**
   * Verifies a token from elsewhere, such as a WebSocket or a queue. Throws {@link OidcError}. With `check` it needs the
   * `request`, because `check` reads it. With `dpop.required` it rejects every token, because it gets no proof.
   */
  verify(token: string, options?: GuardOptions & { request?: Request }): Promise<Guarded>;
}

/** Further requirements of one route. */
export interface GuardOptions {
  /** Scope values that the token needs besides the configured ones. */
  scope?: Scope;
  /** Authentication classes, separated by spaces. The token's `acr` must be one of them (RFC 9470 §4). */
  acrValues?: string;
  /** The most seconds since the sign-in (RFC 9470 §4). */
  maxAge?: number;
  context?: ExecutionContextLike;
}

/** A verified token. Its claims are frozen, because later requests with the same token read them too. */
export interface Guarded {
  claims: Claims;
  token: string;
  scopes: ReadonlySet<string>;
  /**
   * With `dpop.nonceSecret`: the value for a header `DPoP-Nonce` of your response. The next proof then needs no
   * challenge (RFC 9449 §8.2).
   */
  dpopNonce?: string;
}

/** An API and the issuer of its tokens. */
export interface GuardConfig {
  /** Required unless `provider` is given. */
  issuer?: string;
  /** Known metadata. Then no discovery request is sent, and its own `issuer` counts. `{ issuer, jwks_uri }` is enough. */
  provider?: ProviderMetadata;
  /** The names of this API. The token's `aud` must contain one. */
  audience: string | string[];
  /** This API's own address (RFC 9728 §1.2). It is an audience too. Default: none, and no metadata. */
  resource?: string;
  /** Scope values that every request needs. */
  scope?: Scope;
  /** Reads the token from the request. Default: only from `Authorization`. A token from elsewhere must not be bound to a key. */
  token?: (request: Request) => string | null;
  /** `"jwt"` (default). `"opaque"`: introspection (RFC 7662). `"either"`: a token with two dots is a JWT. */
  tokens?: "jwt" | "opaque" | "either";
  /**
   * How this API authenticates at the introspection endpoint. An answer is cached for `seconds` (default 0), and until its `exp`. In
   * oidc-wasm/full: whether answers are signed or encrypted (RFC 9701). A bad answer is the issuer's fault, so the guard answers 503.
   */
  introspection?: { clientId: string; auth: NonNullable<ClientConfig["auth"]>; seconds?: number } & Pick<
    ClientConfig,
    "introspectionSignedResponseAlg" | "introspectionEncryptedResponseAlg" | "decryption"
  >;
  /** For tokens without `aud` (Amazon Cognito): the accepted clients, by `client_id` or `azp`. */
  tokenClientId?: string | string[];
  /** The issuer of access tokens, if it differs from the metadata's (AD FS, Microsoft Entra ID version 1). */
  tokenIssuer?: string;
  /**
   * Options for tokens that are bound to a key (RFC 9449). With `oidc-wasm/full`, the guard accepts them with or without this option.
   * Not with `token`.
   */
  dpop?: GuardDpop;
  /**
   * In oidc-wasm/full: the certificate in DER that the sender has presented (mutual TLS), or undefined. A token that is bound to a
   * certificate needs it (RFC 8705 §3). Beside a certificate, a token that is not bound to it is rejected. Not with `token`. In Node,
   * `incomingOf(request)` of oidc-wasm/node has the socket.
   */
  certificate?: (request: Request) => Uint8Array | undefined;
  /** Your own rule on the verified claims. A returned string is the description of the 403. */
  check?: (claims: Claims, request: Request) => boolean | string | Promise<boolean | string>;
  /** Lets the OPTIONS request of a CORS preflight pass, without claims. Default false. */
  preflight?: boolean;
  /**
   * Remembers verified tokens by their whole string, until the token's `exp`, for `seconds` (default 300), and until
   * the key set changes. Default 1,000 entries and 4 MiB. `false` disables it.
   */
  memo?: { entries?: number; bytes?: number; seconds?: number } | false;
  /**
   * Where keys and metadata are stored outside this isolate. Default `"isolate"`: nowhere. `"cache-api"`: in a separate
   * cache. `{ get, put }`: in a store that only you can write. An unknown `kid` always fetches from the issuer.
   */
  keys?: "isolate" | "cache-api" | KeyStore;
  /** Names the protection space in challenges (RFC 9110 §11.5). Default: the first audience, or else the issuer. */
  realm?: string;
  /** Allowed clock difference in seconds. Default 30. */
  clockTolerance?: number;
  relax?: NonNullable<ClientConfig["relax"]>;
  /** Receives every rejection, for your logs: the code, never the token. */
  onRefused?: (problem: OidcError, request: Request) => void;
  fetch?: typeof fetch;
}

/** Requirements of a proof of possession, in addition to RFC 9449 §4.3. */
export interface GuardDpop {
  /**
   * Returns true if you have seen this `jti`, otherwise false. The guard calls it after all other checks. Remember the `jti` until
   * `exp`, in seconds since the epoch.
   */
  replay?: (jti: string, exp: number) => boolean | Promise<boolean>;
  /**
   * 32 characters or more. Then each proof must contain a nonce of this API (§9). The secret and the time determine the
   * nonce, which lasts some minutes. Nothing is stored. Several: the first makes nonces, and all are accepted.
   */
  nonceSecret?: string | string[];
  /** Rejects bearer tokens. Default false: both are accepted. */
  required?: boolean;
  /** The public origin of this API behind a proxy: `https://api.example.com`. Default: the request's origin. */
  origin?: string;
}

/** Stores the issuer's keys for other isolates, for example in a Worker's KV. */
export interface KeyStore {
  get(name: string): string | null | Promise<string | null>;
  put(name: string, value: string, seconds: number): unknown;
}
