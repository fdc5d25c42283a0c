import type { Relaxation } from "./generated/relaxations.js";

export type { Relaxation };

/** What {@link init} instantiates: a compiled module, its bytes, a response that brings them, or the address to fetch them from. */
export type WasmSource = WasmModule | ArrayBuffer | ArrayBufferView | Response | URL | string;

/** A compiled module, also in projects whose `lib` has no WebAssembly. */
type WasmModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer M } } } ? M : object;

/** A key of WebCrypto, also in projects whose `lib` has none. */
type WebCryptoKey = typeof globalThis extends { CryptoKey: { prototype: infer Key } } ? Key : object;

/** A pair of keys that tokens are bound to (RFC 9449): a `CryptoKeyPair` for an asymmetric signature. */
export interface DpopKey {
  readonly privateKey: WebCryptoKey;
  readonly publicKey: WebCryptoKey;
}

/** A verifier and its challenge (RFC 7636). */
export interface Pkce {
  /** Secret: goes with the token request. */
  verifier: string;
  /** Public: goes with the authorization request. */
  challenge: string;
  method: "S256";
}

/**
 * Provider metadata (OpenID Connect Discovery 1.0 §3, RFC 8414 §2). Written by hand for a provider that publishes none, it needs `issuer` and
 * the endpoints that you use.
 */
export interface ProviderMetadata {
  /** Compared to the letter with the `iss` of tokens and redirects. */
  issuer: string;
  authorization_endpoint?: string;
  token_endpoint?: string;
  /** Where the keys are that tokens are verified with. */
  jwks_uri?: string;
  userinfo_endpoint?: string;
  /** OpenID Connect RP-Initiated Logout 1.0 §2.1 */
  end_session_endpoint?: string;
  /** RFC 7009 */
  revocation_endpoint?: string;
  /** RFC 7662 */
  introspection_endpoint?: string;
  registration_endpoint?: string;
  /** RFC 8628 */
  device_authorization_endpoint?: string;
  /** RFC 9126 */
  pushed_authorization_request_endpoint?: string;
  scopes_supported?: string[];
  response_types_supported?: string[];
  response_modes_supported?: string[];
  grant_types_supported?: string[];
  acr_values_supported?: string[];
  subject_types_supported?: string[];
  /** An ID token must be signed with an asymmetric one of these, unless `idTokenSignedResponseAlg` names the algorithm. */
  id_token_signing_alg_values_supported?: string[];
  userinfo_signing_alg_values_supported?: string[];
  token_endpoint_auth_methods_supported?: string[];
  claims_supported?: string[];
  ui_locales_supported?: string[];
  code_challenge_methods_supported?: string[];
  claims_parameter_supported?: boolean;
  /** RFC 9207: then a redirect must name the issuer. */
  authorization_response_iss_parameter_supported?: boolean;
  frontchannel_logout_supported?: boolean;
  frontchannel_logout_session_supported?: boolean;
  backchannel_logout_supported?: boolean;
  backchannel_logout_session_supported?: boolean;
  [member: string]: unknown;
}

/** Your registration at the provider. */
export interface ClientConfig {
  clientId: string;
  /** Where the provider sends the person back to: absolute, without a fragment. Needed to start a login. */
  redirectUri?: string | undefined;
  /** How this client authenticates at the token endpoint. Default `{ method: "none" }`: a public client. */
  auth?:
    | { method: "none" }
    | { method: "client_secret_basic" | "client_secret_post"; secret: string }
    | ({ method: "client_secret_jwt"; secret: string } & AssertionConfig)
    | ({ method: "private_key_jwt"; key: WebCryptoKey; kid?: string | undefined } & AssertionConfig)
    | undefined;
  /** The algorithm ID tokens must use. Default: the asymmetric ones that the provider's metadata lists, RS256 where it lists none. Never `"none"`. */
  idTokenSignedResponseAlg?: string | undefined;
  /** Set when userinfo answers are registered to come signed: then a plain JSON answer is refused. Unset: either is read. */
  userinfoSignedResponseAlg?: string | undefined;
  /** Set when the provider is registered to say in every ID token when the person signed in. Default false. */
  requireAuthTime?: boolean | undefined;
  /** Other audiences that an ID token may name beside this client, and sister clients whose `azp` is as good as its own. Default none. */
  trustedAudiences?: string[] | undefined;
  /** The only tenants that sign in, by `tid`, under the relaxation `issuer-template`. Default: each of the provider's. */
  allowedTenants?: string[] | undefined;
  /** Seconds of clock difference allowed. Default 30. */
  clockTolerance?: number | undefined;
  /** Named departures from the strict verdicts, for providers that need one. Default none. */
  relax?: Relaxation[] | undefined;
  /** In oidc-wasm/full: the key pair that tokens are bound to (RFC 9449), such as `createDpopKey()` makes. Proofs go with every request. */
  dpop?: DpopKey | undefined;
  /** In oidc-wasm/full: whether `authorize` pushes requests (RFC 9126). Default `"auto"`: where the provider's metadata demands it. */
  pushedAuthorizationRequests?: "auto" | boolean | undefined;
}

/** What a client's signed assertion says beside what each one says (RFC 7523 §3). */
export interface AssertionConfig {
  /**
   * Whom it names as its audience. Default `"issuer"`. `"token_endpoint"` is for Okta, Microsoft Entra ID and login.gov;
   * `"endpoint"` is the endpoint that the request goes to. The issuer is the safest: no other provider can take its name.
   */
  audience?: "issuer" | "token_endpoint" | "endpoint" | undefined;
  /** Further members of its header, such as `x5t` or `x5t#S256` for Microsoft Entra ID. None of `alg`, `typ`, `kid`. */
  header?: Record<string, unknown> | undefined;
  /** Further claims. None of `iss`, `sub`, `aud`, `jti`, `iat`, `exp`. */
  claims?: Record<string, unknown> | undefined;
}

/** A resource server, which verifies access tokens and has no identifier at the provider. All else it asks for is `argument.clientId`. */
export interface ResourceServerConfig {
  clientId?: undefined;
  redirectUri?: undefined;
  auth?: undefined;
  /** Seconds of clock difference allowed. Default 30. */
  clockTolerance?: number | undefined;
  /** See {@link ClientConfig}. */
  allowedTenants?: string[] | undefined;
  /** See {@link ClientConfig}. */
  relax?: Relaxation[] | undefined;
}

/** Scope values, as a list or separated by spaces. */
export type Scope = string | string[];

/** Resource servers, as absolute URIs (RFC 8707). */
export type Resource = string | string[];

/**
 * What somebody's browser came with: an address (a string, `URL`, `Location`, or what a framework has in their place), or a form that was
 * taken apart already.
 */
export type Address = string | { readonly href: string } | URLSearchParams | FormData;

/** What is asked of the provider (OpenID Connect Core 1.0 §3.1.2.1). */
export interface AuthorizationParams {
  /** Default `"openid"`. Empty: no scope is sent, for OAuth providers that take none. */
  scope?: Scope | undefined;
  /** Default `"code"`. */
  responseType?: ResponseType | undefined;
  responseMode?: "query" | "fragment" | "form_post" | undefined;
  /** Default: the client's. */
  redirectUri?: string | undefined;
  /** One resource goes along with the code too. */
  resource?: Resource | undefined;
  /** Default `"consent"` with `offline_access`, as OpenID Connect Core 1.0 §11 asks. Empty: none is sent, where consent was given otherwise. */
  prompt?: string | undefined;
  /** Seconds since the person last signed in, at the most. */
  maxAge?: number | undefined;
  display?: string | undefined;
  loginHint?: string | undefined;
  idTokenHint?: string | undefined;
  uiLocales?: string | undefined;
  acrValues?: string | undefined;
  claims?: object | undefined;
  /** Up to 1 KiB of yours, given back as `Login.kept`. It travels inside the transaction, not to the provider. */
  keep?: string | undefined;
  /** Anything else the provider understands. Cannot override a parameter the library sets. */
  extra?: Record<string, string | string[]> | undefined;
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

/** Where to send the person, and what to keep until they come back. */
export interface AuthorizationRequest {
  url: string;
  /** Names this login; comes back in the redirect. */
  state: string;
  /** Opaque, serialisable and secret: keep it (session storage, encrypted cookie) under `state` until the redirect comes back. */
  transaction: string;
}

/** What the redirect brought, once it is known to answer the request. */
export interface AuthorizationResponse {
  code?: string;
  id_token?: string;
  access_token?: string;
  token_type?: string;
  /** Seconds. */
  expires_in?: number;
  scope?: string;
  session_state?: string;
  /** Under the relaxation `issuer-template`, the issuer of the tenant: the `iss` that `verifyIdToken` expects. */
  iss?: string;
}

/** What is offered to the token endpoint in exchange for tokens (RFC 6749 §4). */
export type Grant = GrantOptions &
  (
    | { type: "authorization_code"; code: string; transaction: string }
    /** `transaction`: that of the login, for providers that want its `code_verifier` again, as Open Liberty does. */
    | { type: "refresh_token"; refreshToken: string; transaction?: string | undefined; scope?: Scope | undefined }
    | { type: "client_credentials"; scope?: Scope | undefined }
    | { type: "password"; username: string; password: string; scope?: Scope | undefined }
    /** Extension grants: an absolute URI and its own parameters (device code, token exchange, JWT bearer…). */
    | { type: `urn:${string}` | `https://${string}`; scope?: Scope | undefined }
  );

/** What any grant may have beside. */
export interface GrantOptions {
  /** With a code, default the one resource that was asked for; `[]` for none. */
  resource?: Resource | undefined;
  /** Anything else the provider understands, such as Hydra's `audience` or Logto's `organization_id`. Cannot override a parameter the library sets. */
  parameters?: Record<string, string | string[]> | undefined;
}

/** A request, ready to be sent as it stands. */
export interface HttpRequest {
  url: string;
  method: "GET" | "POST";
  headers: Record<string, string>;
  body?: string;
}

/** An answer, as it came. */
export interface HttpReply {
  status: number;
  headers: Headers | Record<string, string>;
  body: string | Uint8Array;
}

/** A successful token response (RFC 6749 §5.1, OpenID Connect Core 1.0 §3.1.3.3). */
export interface TokenSet {
  access_token: string;
  token_type: string;
  /** Seconds. */
  expires_in?: number;
  refresh_token?: string;
  /** As it came: its claims are trusted only after `verifyIdToken`. */
  id_token?: string;
  scope?: string;
  [member: string]: unknown;
}

/** Tokens of a refresh whose ID token could not be verified: without it. */
export type RenewedTokens = TokenSet & { id_token?: undefined };

/**
 * What a login yields. `Login` alone is the code flow's with `openid` in its scope; `callback<"id_token">()` says that no access token was
 * asked for, and `callback<"code", undefined>()` that no ID token was.
 */
export type Login<
  T extends ResponseType = "code",
  C extends IdTokenClaims | undefined = IdTokenClaims,
> = LoginResult<T> &
  (undefined extends C ? { claims?: IdTokenClaims } : { /** The verified claims of the ID token. */ claims: C });

/** What a login yields beside the claims of its ID token. */
export interface LoginResult<T extends ResponseType = "code"> {
  tokens: T extends "id_token" | "none" ? Partial<TokenSet> : TokenSet;
  /** Every rule the ID token was held against. */
  report?: TokenReport;
  /** The `keep` of the request. */
  kept?: string;
  /** When the access token expires, where the provider said it: seconds since the epoch. */
  expiresAt?: number;
}

/** What a refresh may ask for, and what it is compared with. */
export interface RefreshOptions extends CallOptions {
  scope?: Scope | undefined;
  resource?: Resource | undefined;
  /** The login before it, or the claims of its ID token. */
  previous?: IdTokenClaims | PreviousLogin | undefined;
  /** That of the login, for providers that want its `code_verifier` with every refresh, as Open Liberty does. */
  transaction?: string | undefined;
  /** Sent with the request, for providers that want more. */
  parameters?: Record<string, string | string[]> | undefined;
}

/** A login that a refresh goes on with. */
export interface PreviousLogin<C extends IdTokenClaims | undefined = IdTokenClaims | undefined> {
  tokens: Partial<TokenSet>;
  claims?: C;
}

/** What an ID token is held against, beside the provider and the client. */
export interface IdTokenExpected {
  /** The nonce that was sent. */
  nonce?: string | undefined;
  /** Seconds, as sent. */
  maxAge?: number | undefined;
  /** As sent. */
  acrValues?: string | undefined;
  /** The access token that came with it: `at_hash`. */
  accessToken?: string | undefined;
  /** The code that came with it: `c_hash`. */
  code?: string | undefined;
  /** The state that was sent: `s_hash`. */
  state?: string | undefined;
  /** From a refresh: the claims of the ID token it replaces. */
  previous?: IdTokenClaims | undefined;
  /** In a hybrid flow: the claims of the ID token from the redirect. */
  sibling?: IdTokenClaims | undefined;
  /** The login it belongs to, instead of `nonce`, `maxAge`, `acrValues` and `state`. */
  transaction?: string | undefined;
  /** What the redirect named as `iss` ({@link AuthorizationResponse}). */
  iss?: string | undefined;
  /**
   * Where it came from: the token endpoint, the redirect, or a refresh. `transaction` tells, but for hybrid flows, and so does
   * `previous`. Else it is needed beside `accessToken` or `code`: the redirect's must have `at_hash` and `c_hash`.
   */
  channel?: "token" | "front" | "refresh" | undefined;
  /** Seconds since the epoch; default the host's clock at the call. */
  now?: number | undefined;
}

/** What a resource server expects of an access token. */
export interface AccessTokenExpected {
  /** The names of this resource server; the token is meant for one of them. */
  audience: string | string[];
  /** Scope values, all of which the token must have. */
  scope?: Scope | undefined;
  /**
   * The issuer that the token names, where it is not the provider's: `access_token_issuer` of the metadata of AD FS,
   * `https://sts.windows.net/…/` of Microsoft Entra ID for its first version of tokens.
   */
  issuer?: string | undefined;
  /**
   * The clients of whom one must hold the token, by `client_id` or `azp`. The token may then lack `aud` (Amazon Cognito), or have
   * a `nonce` beside the claim `typ: "Bearer"` (Keycloak before version 25).
   */
  clientId?: string | string[] | undefined;
  /** Authentication context classes, one of which the token must name (RFC 9470 §4). Separated by spaces. */
  acrValues?: string | undefined;
  /** Seconds since the person signed in, at the most (RFC 9470 §4). */
  maxAge?: number | undefined;
  /**
   * In oidc-wasm/full: the request that brought the token. With the scheme DPoP its proof is verified, and the token must be bound to
   * the proof's key (RFC 9449 §7.1). Its `url` must be the one that the client sees: behind a proxy, write it.
   */
  request?: ProvenRequest | undefined;
  /** With `request`: the nonces that you have given as `DPoP-Nonce` and still take. Default: none is asked for. */
  nonce?: string | string[] | undefined;
  /**
   * With `request`: whether a proof of this `jti` came before. It is asked once all else is good; remember the `jti` until `exp`, in
   * seconds since the epoch.
   */
  replay?: ((jti: string, exp: number) => boolean | Promise<boolean>) | undefined;
  /** Seconds since the epoch; default the host's clock at the call. */
  now?: number | undefined;
}

/** What is read of a request with a proof of possession: a `Request` has it. */
export interface ProvenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: { get(name: string): string | null };
}

export type Claims = Record<string, unknown>;

/**
 * The claims of a person (OpenID Connect Core 1.0 §5.1), as the provider wrote them: only `sub` is judged. A provider may leave any of them
 * out, and some write `null` for it.
 */
export interface StandardClaims extends Claims {
  name?: string;
  given_name?: string;
  family_name?: string;
  middle_name?: string;
  nickname?: string;
  preferred_username?: string;
  profile?: string;
  picture?: string;
  website?: string;
  email?: string;
  /** Some providers, such as Apple, write it as text. */
  email_verified?: boolean | "true" | "false";
  gender?: string;
  /** `YYYY-MM-DD`, or `YYYY` */
  birthdate?: string;
  /** Such as `Europe/Paris`. */
  zoneinfo?: string;
  locale?: string;
  phone_number?: string;
  phone_number_verified?: boolean | "true" | "false";
  /** OpenID Connect Core 1.0 §5.1.1 */
  address?: {
    formatted?: string;
    street_address?: string;
    locality?: string;
    region?: string;
    postal_code?: string;
    country?: string;
  };
  /** Seconds since the epoch, by the standard. */
  updated_at?: number;
}

/** The claims of an ID token (OpenID Connect Core 1.0 §2), and those of a person that may stand beside them. */
export interface IdTokenClaims extends StandardClaims {
  iss: string;
  /** Who signed in: unique at this issuer, and never given to anybody else. */
  sub: string;
  aud: string | string[];
  /** Seconds since the epoch. */
  exp: number;
  /** Seconds since the epoch. */
  iat: number;
  /** When the person signed in: seconds since the epoch. A number wherever `maxAge` was asked for. */
  auth_time?: number;
  nonce?: string;
  /** The authentication class that was met. */
  acr?: string;
  /** The authentication methods that were used. */
  amr?: string[];
  /** The client that the token was issued to. */
  azp?: string;
  /** The session at the provider, which a logout names (OpenID Connect Front-Channel Logout 1.0 §3). */
  sid?: string;
}

/** Every rule an ID token was held against. */
export interface TokenReport {
  valid: boolean;
  signature: "valid" | "invalid" | "unchecked";
  header: Claims;
  claims: Claims;
  checks: Check[];
}

/** The verdict of one rule. */
export interface Check {
  /** Stable, such as `"id_token.nonce"`. */
  rule: string;
  verdict: "pass" | "fail" | "skip";
  /** Names section and rule. */
  spec: string;
  /** Never holds token contents beyond the one value compared. */
  message: string;
  /** Something the provider should mend, though it is not refused. */
  warning?: true;
}

/**
 * What a call sends, gets and judges. Tokens, codes, secrets and whatever else is not known to be public are shown as "…";
 * addresses have no query.
 */
export type Message =
  | {
      type: "request";
      url: string;
      method: "GET" | "POST";
      headers: Record<string, string>;
      body?: string | undefined;
    }
  | { type: "reply"; url: string; status: number; contentType?: string | undefined; body: string }
  /** Of each ID token in `callback` and `refresh`, once its signature is known to be good. */
  | { type: "report"; report: TokenReport };

/** How a method may use the network. */
export interface CallOptions {
  /** Default `globalThis.fetch`, looked up at the call. */
  fetch?: typeof fetch | undefined;
  /** Ends the call with `http.aborted`. */
  signal?: AbortSignal | undefined;
  /** Is told of each request, reply and report as it happens. What it throws is ignored. */
  onMessage?: ((message: Message) => void) | undefined;
}

export interface DiscoverOptions extends CallOptions {
  /** OpenID Connect Discovery (default), or RFC 8414. The address of a document says it by itself. */
  metadata?: "oidc" | "oauth2" | undefined;
  /** The issuer of the metadata, to the letter, where it is not the one that is asked: Azure AD B2C. */
  expectedIssuer?: string | undefined;
}

/** What a device login asks for (RFC 8628 §3.1). */
export interface DeviceParams {
  scope?: Scope | undefined;
  resource?: Resource | undefined;
  /** Anything else the provider understands. */
  parameters?: Record<string, string | string[]> | undefined;
}

/** The codes of a device login (RFC 8628 §3.2), and what a page shows of them. */
export interface DeviceAuthorization {
  /** Secret: this device asks with it. */
  device_code: string;
  /** What the person types at `verification_uri`. */
  user_code: string;
  verification_uri: string;
  /** The same with the code in it, for a QR code. Show `user_code` too: the person compares it. */
  verification_uri_complete?: string;
  /** Seconds. */
  expires_in: number;
  /** Seconds between two questions; 5 where it is absent. */
  interval?: number;
}

/** How a device login gets its tokens. */
export interface DeviceLoginOptions extends CallOptions {
  /** The resources of the token, as in `deviceAuthorization`. */
  resource?: Resource | undefined;
  /** Sent with each question, for providers that want more. */
  parameters?: Record<string, string | string[]> | undefined;
}

/** The metadata of a protected resource (RFC 9728 §2). */
export interface ResourceMetadata {
  /** Its identifier: what `resource` of an authorization request names. */
  resource: string;
  /** The issuers of the servers that give tokens for it. */
  authorization_servers?: string[];
  scopes_supported?: string[];
  bearer_methods_supported?: string[];
  resource_name?: string;
  [member: string]: unknown;
}

/** What a resource asks of the next authorization request. */
export interface StepUp {
  scope?: string;
  acrValues?: string;
  /** Seconds since the person last signed in, at the most. */
  maxAge?: number;
}

/** What the initiator of a third-party login asked for (OpenID Connect Core 1.0 §4). */
export interface InitiatedLogin {
  /** Whom the provider should offer to sign in. */
  loginHint?: string;
  /** Where the person wants to be afterwards: an address of the same origin as the redirect URI. */
  targetLinkUri?: string;
}

/** Which of the requested scopes reach which resource server (RFC 8707). */
export interface Downscoping {
  /** In the order of the request. `null` is the provider itself: the scopes of OpenID Connect. */
  table: { resource: string | null; scopes: string[] }[];
  /** Requested scopes that reach nobody. */
  dropped: string[];
}

/** One challenge of a `WWW-Authenticate` header (RFC 9110 §11.6.1). */
export interface Challenge {
  scheme: string;
  parameters: Record<string, string>;
  token68?: string;
}
