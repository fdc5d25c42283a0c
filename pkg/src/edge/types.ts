import type { Claims, ClientConfig, OidcError, ProviderMetadata, Scope } from "oidc-wasm";

/** What a Worker gives with a request: `waitUntil` lets keys be fetched again after the answer went out. */
export interface ExecutionContextLike {
  waitUntil(promise: Promise<unknown>): void;
}

// ── the guard ──

/** A gate for access tokens. The Response it gives is the refusal to send. */
export interface Guard {
  /** Answers 400, 401 and 403 by RFC 6750 §3.1, and 503 with `Retry-After` where keys or introspection can't be had. */
  (request: Request, options?: GuardOptions): Promise<Guarded | Response>;
  /**
   * Protected resource metadata (RFC 9728 §3): the answer to `/.well-known/oauth-protected-resource` and to the same address
   * with the resource's path behind it. `null` for any other address, and where no `resource` is configured.
   */
  metadata(request: Request): Response | null;
  /**
   * Verifies a token that came some other way, such as over a WebSocket or in a queue. Throws {@link OidcError}.
   * With `check` configured it needs the `request`, because `check` reads it.
   */
  verify(token: string, options?: GuardOptions & { request?: Request }): Promise<Guarded>;
}

/** What one route needs beyond the guard's configuration. */
export interface GuardOptions {
  /** Scope values that the token must have beside the configured ones. */
  scope?: Scope;
  /** Authentication context classes, one of which the token must name (RFC 9470 §4). Separated by spaces. */
  acrValues?: string;
  /** Seconds since the person signed in, at the most (RFC 9470 §4). */
  maxAge?: number;
  context?: ExecutionContextLike;
}

/** A verified token. Its claims are frozen, because later requests with the same token read them too. */
export interface Guarded {
  claims: Claims;
  token: string;
  scopes: ReadonlySet<string>;
  /** With `dpop.nonceSecret`, for a header `DPoP-Nonce` of your answer: the next proof then needs no challenge (RFC 9449 §8.2). */
  dpopNonce?: string;
}

/** An API and the issuer whose tokens it takes. */
export interface GuardConfig {
  /** Absent only where `provider` is given. */
  issuer?: string;
  /** Metadata known beforehand: no discovery request. `{ issuer, jwks_uri }` is enough. */
  provider?: ProviderMetadata;
  /** The names of this API. The token's `aud` must hold one of them. */
  audience: string | string[];
  /** This API's own address (RFC 9728 §1.2). It is an audience too. Default: none, and no metadata. */
  resource?: string;
  /** Scope values that every request needs. */
  scope?: Scope;
  /** Where the token stands. Default: `Authorization`, and nowhere else. A token from elsewhere must be bound to no key. */
  token?: (request: Request) => string | null;
  /** `"jwt"` (default). `"opaque"`: introspection (RFC 7662). `"either"`: a token with two dots is a JWT. */
  tokens?: "jwt" | "opaque" | "either";
  /** How this API authenticates at the introspection endpoint. An answer is believed for `seconds` (default 0), and until its `exp`. */
  introspection?: { clientId: string; auth: NonNullable<ClientConfig["auth"]>; seconds?: number };
  /** For tokens without `aud` (Amazon Cognito): the clients of whom one must hold the token, by `client_id` or `azp`. */
  tokenClientId?: string | string[];
  /** For access tokens of another issuer than the metadata's (AD FS, Microsoft Entra ID version 1). */
  tokenIssuer?: string;
  /** How tokens that are bound to a key are taken (RFC 9449): a program that imports `oidc-wasm/full` takes them, with or without this. */
  dpop?: GuardDpop;
  /** Your own rule on the verified claims. A text is the description of the 403 that is sent. */
  check?: (claims: Claims, request: Request) => boolean | string | Promise<boolean | string>;
  /** Lets the OPTIONS request of a CORS preflight pass, with no claims. Default false. */
  preflight?: boolean;
  /**
   * Tokens that were verified before, by their whole text. An entry ends with the token's `exp`, after `seconds` (default 300), and
   * with any change of the key set. Default 1,000 entries and 4 MiB; `false`: none.
   */
  memo?: { entries?: number; bytes?: number; seconds?: number } | false;
  /**
   * Where keys and metadata are kept beyond this isolate. Default `"isolate"`: nowhere. `"cache-api"`: in a cache of its own.
   * `{ get, put }`: in a store that only you can write. A token with an unknown `kid` fetches from the issuer.
   */
  keys?: "isolate" | "cache-api" | KeyStore;
  /** Names the protection space in challenges (RFC 9110 §11.5). Default: the first audience. */
  realm?: string;
  /** Seconds of clock difference allowed. Default 30. */
  clockTolerance?: number;
  relax?: NonNullable<ClientConfig["relax"]>;
  /** Told of every refusal, for your logs: the code, never the token. */
  onRefused?: (problem: OidcError, request: Request) => void;
  fetch?: typeof fetch;
}

/** What a proof of possession must be beside what it always must be (RFC 9449 §4.3). */
export interface GuardDpop {
  /** Whether a proof of this `jti` came before. It is asked once all else is good; remember the `jti` until `exp`, in seconds since the epoch. */
  replay?: (jti: string, exp: number) => boolean | Promise<boolean>;
  /**
   * 32 characters or more. Then each proof must hold a nonce of this API (§9), which is made from the secret and the time and lasts some
   * minutes. Nothing is stored. Several: the first makes nonces, all are taken.
   */
  nonceSecret?: string | string[];
  /** Refuses bearer tokens. Default false: both are taken. */
  required?: boolean;
  /** The origin that clients see, where a proxy stands before this API: `https://api.example.com`. Default: that of the request. */
  origin?: string;
}

/** Keeps the issuer's keys for other isolates: a Worker's KV, for example. */
export interface KeyStore {
  get(name: string): Promise<string | null>;
  put(name: string, value: string, seconds: number): Promise<void>;
}
