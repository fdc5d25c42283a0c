// The public API that the package promises. Types may gain members. No name changes and no type narrows.

/** Instantiates the module once; awaiting it again is free. Entries that get a compiled module at import
 *  (Cloudflare Workers) are ready without it. Calling a synchronous function too early throws `OidcError` `not_initialized`. */
export default function init(source?: WasmSource | Promise<WasmSource>): Promise<void>;
export type WasmSource = WebAssembly.Module | BufferSource | Response | URL | string;

/** RFC 7636. `method` is always "S256". */
export interface Pkce {
  verifier: string;
  challenge: string;
  method: "S256";
}
export function createPkce(): Pkce;
/** Throws `pkce.verifier` unless 43–128 characters of the unreserved set. */
export function codeChallenge(verifier: string): string;

/** One relying party at one provider. Synchronous methods do no I/O; asynchronous ones use `fetch` and WebCrypto. */
export class RelyingParty {
  constructor(provider: ProviderMetadata, client: ClientConfig);
  /** OpenID Connect Discovery (default) or RFC 8414 (`{ metadata: "oauth2" }`); checks the issuer. */
  static discover(issuer: string | URL, client: ClientConfig, options?: DiscoverOptions): Promise<RelyingParty>;
  readonly provider: ProviderMetadata;

  // The four protocol messages of a login, in order. Each result depends only on the input and the clock.
  authorizationRequest(params?: AuthorizationParams): AuthorizationRequest;
  authorizationResponse(response: string | URL | URLSearchParams, transaction: string): AuthorizationResponse;
  tokenRequest(grant: Grant): HttpRequest;
  tokenResponse(reply: HttpReply, grant: Grant): TokenSet;
  /** Claims only. Evaluates every rule and never throws for a bad token. The report lists the failed rules with their sections. */
  checkIdToken(idToken: string, expected?: IdTokenExpected): TokenReport;

  // The same steps, with the I/O.
  /** From the redirect URL to validated tokens and claims: authorizationResponse → token request → signature → claims. */
  callback<T extends ResponseType = "code">(
    response: string | URL | URLSearchParams | FormData,
    transaction: string | null | undefined,
    options?: CallOptions & { resource?: Resource; parameters?: Record<string, string | string[]> },
  ): Promise<Login<T>>;
  refresh(
    refreshToken: string,
    options?: CallOptions & {
      scope?: Scope;
      resource?: Resource;
      previous?: IdTokenClaims | Login;
      transaction?: string;
      parameters?: Record<string, string | string[]>;
    },
  ): Promise<Login>;
  grant(grant: Grant, options?: CallOptions): Promise<TokenSet>;
  /** Signature and claims. Throws `OidcError`. */
  verifyIdToken(idToken: string, expected?: IdTokenExpected, options?: CallOptions): Promise<IdTokenClaims>;
  /** RFC 9068 and plain JWT access tokens, for resource servers. */
  verifyAccessToken(
    jwt: string,
    expected: {
      audience: string | string[];
      scope?: Scope;
      issuer?: string;
      clientId?: string | string[];
      now?: number;
    },
    options?: CallOptions,
  ): Promise<Claims>;
  /** Back-channel logout token. */
  verifyLogoutToken(jwt: string, options?: CallOptions & { now?: number }): Promise<Claims>;
  userInfo(accessToken: string, expectedSubject: string, options?: CallOptions): Promise<Claims>;
  revoke(token: string, options?: CallOptions): Promise<void>;
  introspect(token: string, options?: CallOptions): Promise<Claims>;
  /** RP-initiated logout. */
  endSessionUrl(params?: {
    idTokenHint?: string;
    postLogoutRedirectUri?: string;
    state?: string;
    logoutHint?: string;
    extra?: Record<string, string>;
  }): string;
  /** Does this address return from RP-initiated logout? */
  endSessionReturned(response: string | URL | URLSearchParams, state: string): boolean;
  /** A login that the provider or a third party starts (OpenID Connect Core §4). */
  initiatedLogin(request: string | URL | URLSearchParams): { loginHint?: string; targetLinkUri?: string };
  /** Front-channel logout: true if `iss` and `sid` of the request belong to this session. */
  isFrontChannelLogout(address: string | URL, session: { sid?: string }): boolean;
}

export interface ClientConfig {
  clientId: string;
  redirectUri?: string;
  /** Default `{ method: "none" }`: a public client. */
  auth?:
    | { method: "none" }
    | { method: "client_secret_basic" | "client_secret_post" | "client_secret_jwt"; secret: string }
    | { method: "private_key_jwt"; key: CryptoKey; kid?: string };
  /** The algorithm of ID tokens. Default: the asymmetric ones in the provider's metadata, or RS256 without a list. Never "none". */
  idTokenSignedResponseAlg?: string;
  /** Set this if userinfo responses are registered as signed. Then plain JSON is rejected. Unset: both are accepted. */
  userinfoSignedResponseAlg?: string;
  /** Allowed clock difference in seconds. Default 30. */
  clockTolerance?: number;
  /** Named exceptions from the strict rules. Default none. */
  relax?: Relaxation[];
}
/** An unknown name is an error, for the compiler too. */
export type Relaxation = "issuer-template" | "unexpected-nonce" | "raw-basic" | "content-type";

export type Scope = string | string[];
export type Resource = string | string[];
export interface AuthorizationParams {
  scope?: Scope;
  responseType?: ResponseType;
  responseMode?: "query" | "fragment" | "form_post";
  redirectUri?: string;
  resource?: Resource;
  prompt?: string;
  maxAge?: number;
  display?: string;
  loginHint?: string;
  idTokenHint?: string;
  uiLocales?: string;
  acrValues?: string;
  claims?: object;
  /** Your data of up to 1 KiB, returned as `Login.kept`. Travels inside the transaction. */
  keep?: string;
  /** Other parameters of the provider. They cannot replace a parameter that the library sets. */
  extra?: Record<string, string | string[]>;
}
export type ResponseType =
  | "code"
  | "id_token"
  | "id_token token"
  | "code id_token"
  | "code token"
  | "code id_token token"
  | "token"
  | "none";
/**
 * `transaction` is opaque, serialisable and secret. Store it under `state` (session storage, encrypted cookie) until
 * the redirect returns.
 */
export interface AuthorizationRequest {
  url: string;
  state: string;
  transaction: string;
}
export interface AuthorizationResponse {
  code?: string;
  id_token?: string;
  access_token?: string;
  token_type?: string;
  expires_in?: number;
  scope?: string;
  session_state?: string;
}

export type Grant =
  | { type: "authorization_code"; code: string; transaction: string; resource?: Resource }
  | {
      type: "refresh_token";
      refreshToken: string;
      scope?: Scope;
      resource?: Resource;
      parameters?: Record<string, string | string[]>;
    }
  | { type: "client_credentials"; scope?: Scope; resource?: Resource }
  | { type: "password"; username: string; password: string; scope?: Scope; resource?: Resource }
  /** Extension grants: an absolute URI and its own parameters (device code, token exchange, JWT bearer…). */
  | {
      type: `urn:${string}` | `https://${string}`;
      parameters?: Record<string, string | string[]>;
      scope?: Scope;
      resource?: Resource;
    };
export interface HttpRequest {
  url: string;
  method: "GET" | "POST";
  headers: Record<string, string>;
  body?: string;
}
export interface HttpReply {
  status: number;
  headers: Headers | Record<string, string>;
  body: string | Uint8Array;
}
export interface TokenSet {
  access_token: string;
  token_type: string;
  expires_in?: number;
  refresh_token?: string;
  id_token?: string;
  scope?: string;
  [member: string]: unknown;
}
/** The result of a login. `Login` alone is for the code flow. `callback<"id_token">()` means that no access token was requested. */
export interface Login<T extends ResponseType = "code"> {
  tokens: T extends "id_token" | "none" ? Partial<TokenSet> : TokenSet;
  claims?: IdTokenClaims;
  report?: TokenReport;
  kept?: string;
  /** Seconds since the epoch. */
  expiresAt?: number;
}

export interface IdTokenExpected {
  /** How the ID token arrived. The transaction defines it if possible; otherwise it is required beside `accessToken` or `code`. */
  channel?: "front" | "token";
  nonce?: string;
  maxAge?: number;
  acrValues?: string;
  accessToken?: string;
  code?: string;
  state?: string;
  /** For a refresh: the claims of the previous ID token. */
  previous?: IdTokenClaims;
  /** Seconds since the epoch. Default: the host's clock at the call. */
  now?: number;
}
export type Claims = Record<string, unknown>;
export interface IdTokenClaims extends Claims {
  iss: string;
  sub: string;
  aud: string | string[];
  exp: number;
  iat: number;
}
export interface TokenReport {
  valid: boolean;
  signature: "valid" | "invalid" | "unchecked";
  header: Claims;
  claims: Claims;
  checks: Check[];
}
/** `rule` is stable, e.g. "id_token.nonce". `spec` names the section. `message` contains only the compared value of the token. */
export interface Check {
  rule: string;
  verdict: "pass" | "fail" | "skip";
  spec: string;
  message: string;
}

export interface CallOptions {
  fetch?: typeof fetch;
  signal?: AbortSignal;
}
export interface DiscoverOptions extends CallOptions {
  metadata?: "oidc" | "oauth2";
  /** The exact issuer if the document's issuer differs from the requested one (Azure AD B2C). */
  expectedIssuer?: string;
}
export interface ProviderMetadata {
  issuer: string;
  authorization_endpoint?: string;
  token_endpoint?: string;
  jwks_uri?: string;
  userinfo_endpoint?: string;
  end_session_endpoint?: string;
  [member: string]: unknown;
}

/**
 * RFC 8707: the requested scopes for each resource server. `null` is the provider itself (the scopes of OpenID Connect:
 * openid, profile, email, address, phone, offline_access). `dropped`: requested scopes without a resource server. An
 * unknown resource throws `resource.unknown`, for which a provider would return `invalid_target`.
 */
export function downscope(
  request: { scope: Scope; resource?: Resource },
  registry: Record<string, string[]>,
): Downscoping;
export interface Downscoping {
  table: { resource: string | null; scopes: string[] }[];
  dropped: string[];
}
/** RFC 9110 / RFC 6750: every challenge in a WWW-Authenticate header. */
export function parseChallenges(
  header: string,
): { scheme: string; parameters: Record<string, string>; token68?: string }[];

/**
 * The only error that the package throws for a protocol verdict. `code` is stable and dotted: "redirect.state",
 * "token.oauth_error", "id_token.exp", "jwks.no_match"…
 */
export class OidcError extends Error {
  readonly code: string;
  /** Set if the provider returned an OAuth error. */
  readonly error?: string;
  readonly error_description?: string;
  readonly error_uri?: string;
  readonly status?: number;
  readonly challenges?: ReturnType<typeof parseChallenges>;
  /** Seconds until the server accepts another request. */
  readonly retryAfter?: number;
  /**
   * After a refresh without keys for the new ID token: the new tokens, without that ID token. An accessor, never
   * printed, cloned or enumerated.
   */
  readonly tokens?: Omit<TokenSet, "id_token">;
  /** The section of the standard. */
  readonly spec?: string;
}
