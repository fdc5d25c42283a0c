import type { Relaxation } from "./generated/relaxations.js";

export type { Relaxation };

/** The source of {@link init}: a compiled module, its bytes, a response with them, or the address to fetch them from. */
export type WasmSource = WasmModule | ArrayBuffer | ArrayBufferView | Response | URL | string;

/** A compiled module, also in projects whose `lib` has no WebAssembly. */
type WasmModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer M } } } ? M : object;

/** A key of WebCrypto, also in projects whose `lib` has none. */
type WebCryptoKey = typeof globalThis extends { CryptoKey: { prototype: infer Key } } ? Key : object;

/** A key pair that tokens are bound to (RFC 9449): a `CryptoKeyPair` for an asymmetric signature. */
export interface DpopKey {
  readonly privateKey: WebCryptoKey;
  readonly publicKey: WebCryptoKey;
}

/** A verifier and its challenge (RFC 7636). */
export interface Pkce {
  /** Secret. For the token request. */
  verifier: string;
  /** Public. For the authorization request. */
  challenge: string;
  method: "S256";
}

/**
 * Provider metadata (OpenID Connect Discovery 1.0 §3, RFC 8414 §2). For a provider without metadata, write `issuer` and
 * the endpoints that you use.
 */
export interface ProviderMetadata {
  /** Must equal the `iss` of tokens and redirects exactly. */
  issuer: string;
  authorization_endpoint?: string;
  token_endpoint?: string;
  /** The address of the key set that verifies tokens. */
  jwks_uri?: string;
  userinfo_endpoint?: string;
  /** OpenID Connect RP-Initiated Logout 1.0 §2.1 */
  end_session_endpoint?: string;
  /** RFC 7009 */
  revocation_endpoint?: string;
  /** RFC 7662 */
  introspection_endpoint?: string;
  /** RFC 7591 */
  registration_endpoint?: string;
  /** Whether a `clientId` may be the address of its metadata. */
  client_id_metadata_document_supported?: boolean;
  /** RFC 8628 */
  device_authorization_endpoint?: string;
  /** RFC 9101 §10.5 */
  require_signed_request_object?: boolean;
  request_object_signing_alg_values_supported?: string[];
  /** RFC 8705 §5: endpoints for clients with a certificate. */
  mtls_endpoint_aliases?: Record<string, string>;
  /** RFC 8705 §3.3 */
  tls_client_certificate_bound_access_tokens?: boolean;
  /** RFC 9126 */
  pushed_authorization_request_endpoint?: string;
  /** CIBA Core 1.0 §4 */
  backchannel_authentication_endpoint?: string;
  /** This package polls: `"poll"`. */
  backchannel_token_delivery_modes_supported?: string[];
  backchannel_authentication_request_signing_alg_values_supported?: string[];
  backchannel_user_code_parameter_supported?: boolean;
  scopes_supported?: string[];
  response_types_supported?: string[];
  response_modes_supported?: string[];
  grant_types_supported?: string[];
  acr_values_supported?: string[];
  subject_types_supported?: string[];
  /** ID tokens must use an asymmetric one of these, unless `idTokenSignedResponseAlg` names the algorithm. */
  id_token_signing_alg_values_supported?: string[];
  userinfo_signing_alg_values_supported?: string[];
  token_endpoint_auth_methods_supported?: string[];
  claims_supported?: string[];
  ui_locales_supported?: string[];
  code_challenge_methods_supported?: string[];
  claims_parameter_supported?: boolean;
  /** RFC 9207: if true, a redirect must contain `iss`. */
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
  /** The address to which the provider sends the person back: absolute, without fragment. Required to start a login. */
  redirectUri?: string | undefined;
  /** How this client authenticates at the token endpoint. Default `{ method: "none" }`: a public client. */
  auth?:
    | { method: "none" }
    | { method: "client_secret_basic" | "client_secret_post"; secret: string }
    | ({ method: "client_secret_jwt"; secret: string } & AssertionConfig)
    | ({ method: "private_key_jwt"; key: WebCryptoKey; kid?: string | undefined } & AssertionConfig)
    /** In oidc-wasm/full: the `fetch` that you pass presents the client's certificate (RFC 8705 §2). */
    | { method: "tls_client_auth" | "self_signed_tls_client_auth" }
    | undefined;
  /** The algorithm of ID tokens. Default: the asymmetric ones in the provider's metadata, RS256 if it lists none. Never `"none"`. */
  idTokenSignedResponseAlg?: string | undefined;
  /** Set it if the client is registered for signed userinfo answers: then plain JSON is rejected. Unset: both are accepted. */
  userinfoSignedResponseAlg?: string | undefined;
  /** Set it if every ID token must contain `auth_time` (registered `require_auth_time`). Default false. */
  requireAuthTime?: boolean | undefined;
  /** Other audiences that an ID token may name, and sister clients accepted as `azp`. Default none. */
  trustedAudiences?: string[] | undefined;
  /** The tenants that may sign in, by `tid`, with the relaxation `issuer-template`. Default: all of the provider's. */
  allowedTenants?: string[] | undefined;
  /** Allowed clock difference in seconds. Default 30. */
  clockTolerance?: number | undefined;
  /** Relaxations: named exceptions from rules, for providers that need one. Default none. */
  relax?: Relaxation[] | undefined;
  /** In oidc-wasm/full: the key pair that tokens are bound to (RFC 9449), from `createDpopKey()`. Every request then carries a proof. */
  dpop?: DpopKey | undefined;
  /** In oidc-wasm/full: if `authorize` pushes requests (RFC 9126). Default `"auto"`: if the provider's metadata requires it. */
  pushedAuthorizationRequests?: "auto" | boolean | undefined;
  /**
   * In oidc-wasm/full: whether the provider binds tokens to the certificate that your `fetch` presents (RFC 8705 §3). The provider's
   * metadata must say so. Requests then go to its `mtls_endpoint_aliases`.
   */
  mtls?: boolean | undefined;
  /**
   * In oidc-wasm/full: refuses what a profile of FAPI 2.0 forbids (`profile.*`), before anything is sent. `"fapi2"` is the Security
   * Profile. `"fapi2-message-signing"` demands signed requests and responses too.
   */
  profile?: "fapi2" | "fapi2-message-signing" | undefined;
  /**
   * In oidc-wasm/full: set it if the ID token must have `s_hash`, the hash of `state` (FAPI 1.0 Part 2 §5.2.2.1). In a hybrid flow the
   * one from the token endpoint may lack it. Default false.
   */
  requireSHash?: boolean | undefined;
  /**
   * In oidc-wasm/full: the most seconds since an ID token was issued (`iat`, OpenID Connect Core 1.0 §3.1.3.7). `clockTolerance` is
   * added. Default: no limit.
   */
  maxTokenAge?: number | undefined;
  /** In oidc-wasm/full: the algorithm of signed authorization responses (JARM §3). Default: as for ID tokens. */
  authorizationSignedResponseAlg?: string | undefined;
  /**
   * In oidc-wasm/full: set it if the client is registered for signed introspection answers (RFC 9701 §6). Then plain JSON is rejected.
   * `aud` of an answer is the client's ID, or a name of the API in `trustedAudiences`.
   */
  introspectionSignedResponseAlg?: string | undefined;
  /**
   * In oidc-wasm/full: the keys that decrypt ID tokens, userinfo, authorization responses, introspection answers and logout tokens (RFC 7516).
   * A login's `tokens.id_token` is then the signed token in the encrypted one.
   */
  decryption?: DecryptionConfig[] | undefined;
  /** In oidc-wasm/full: the algorithm that you registered. Then a plain ID token is rejected. */
  idTokenEncryptedResponseAlg?: DecryptionConfig["alg"] | undefined;
  /**
   * In oidc-wasm/full: the algorithm that you registered. Then a plain userinfo answer is rejected. Without `userinfoSignedResponseAlg`,
   * the claims in an encrypted answer may be unsigned.
   */
  userinfoEncryptedResponseAlg?: DecryptionConfig["alg"] | undefined;
  /** In oidc-wasm/full: the algorithm that you registered (JARM §3). Then an unencrypted authorization response is rejected. */
  authorizationEncryptedResponseAlg?: DecryptionConfig["alg"] | undefined;
  /** In oidc-wasm/full: the algorithm that you registered (RFC 9701 §6). Then an unencrypted introspection answer is rejected. */
  introspectionEncryptedResponseAlg?: DecryptionConfig["alg"] | undefined;
  /** In oidc-wasm/full: the key that signs authorization requests (RFC 9101). `authorize` then makes every request. */
  requestObject?: RequestObjectConfig | undefined;
}

/** A key that decrypts the provider's answers (RFC 7516). Register its public half with `use: "enc"`. */
export interface DecryptionConfig {
  /** A private `CryptoKey` that cannot be exported: RSA-OAEP with the usage `decrypt`; ECDH or X25519 with `deriveBits`. */
  key: WebCryptoKey;
  /** The key's name in your published key set. */
  kid?: string | undefined;
  /** The algorithm of its tokens. List a key once for each algorithm. */
  alg: "RSA-OAEP" | "RSA-OAEP-256" | "ECDH-ES" | "ECDH-ES+A128KW" | "ECDH-ES+A256KW";
}

/** Signs authorization requests (RFC 9101). */
export interface RequestObjectConfig {
  /** A private `CryptoKey` for an RS, PS, ES or EdDSA signature. */
  key: WebCryptoKey;
  /** The key's name in your published key set. */
  kid?: string | undefined;
  /** The algorithm that you registered. It must be the key's. */
  alg?: string | undefined;
  /**
   * Stores the request object, and returns the https address at which the provider fetches it (`request_uri`). Without it the browser
   * carries the request object, or a pushed request does.
   */
  uri?: ((requestObject: string) => string | Promise<string>) | undefined;
}

/** Further contents of a client's signed assertion (RFC 7523 §3). */
export interface AssertionConfig {
  /**
   * The assertion's audience. Default `"issuer"`. `"token_endpoint"` is for Okta, Microsoft Entra ID and login.gov.
   * `"endpoint"` is the endpoint that receives the request. The issuer is the safest: no other provider can have this
   * name.
   */
  audience?: "issuer" | "token_endpoint" | "endpoint" | undefined;
  /** Further header members, such as `x5t` or `x5t#S256` for Microsoft Entra ID. Not `alg`, `typ` or `kid`. */
  header?: Record<string, unknown> | undefined;
  /** Further claims. Not `iss`, `sub`, `aud`, `jti`, `iat` or `exp`. */
  claims?: Record<string, unknown> | undefined;
}

/** A resource server. It verifies access tokens and has no client ID. Other calls throw `argument.clientId`. */
export interface ResourceServerConfig {
  clientId?: undefined;
  redirectUri?: undefined;
  auth?: undefined;
  /** Allowed clock difference in seconds. Default 30. */
  clockTolerance?: number | undefined;
  /** See {@link ClientConfig}. */
  allowedTenants?: string[] | undefined;
  /** See {@link ClientConfig}. */
  relax?: Relaxation[] | undefined;
}

/** Scope values: an array, or a string with spaces. */
export type Scope = string | string[];

/** Resource servers, as absolute URIs (RFC 8707). */
export type Resource = string | string[];

/**
 * The address of the browser (a string, `URL`, `Location`, or a framework's object with `href`), or the fields of a form.
 */
export type Address = string | { readonly href: string } | URLSearchParams | FormData;

/** Parameters of the authorization request (OpenID Connect Core 1.0 §3.1.2.1). */
export interface AuthorizationParams {
  /** Default `"openid"`. Empty: sends no scope, for OAuth providers without scopes. */
  scope?: Scope | undefined;
  /** Default `"code"`. */
  responseType?: ResponseType | undefined;
  /** Those with `jwt` ask for a signed response (JARM), in oidc-wasm/full. `callback` verifies it. */
  responseMode?: `${"" | `${"query" | "fragment" | "form_post"}.`}jwt` | "query" | "fragment" | "form_post" | undefined;
  /** Default: the client's. */
  redirectUri?: string | undefined;
  /** Resources of the tokens (RFC 8707). A single one is sent with the code too. */
  resource?: Resource | undefined;
  /** Default `"consent"` with `offline_access` (OpenID Connect Core 1.0 §11). Empty: sends none. */
  prompt?: string | undefined;
  /** The most seconds since the last sign-in (`max_age`). */
  maxAge?: number | undefined;
  display?: string | undefined;
  loginHint?: string | undefined;
  idTokenHint?: string | undefined;
  uiLocales?: string | undefined;
  acrValues?: string | undefined;
  claims?: object | undefined;
  /** In oidc-wasm/full: the requested access, in more detail than a scope (RFC 9396). Each has a `type`. */
  authorizationDetails?: object[] | undefined;
  /**
   * In oidc-wasm/full: whether `authorize` names the key of `ClientConfig.dpop` (RFC 9449 §10). Default true. `authorizationRequest` cannot
   * name it, because reading a key is asynchronous.
   */
  dpopJkt?: boolean | undefined;
  /** At most 1 KiB of your data, returned as `Login.kept`. It stays in the transaction and never reaches the provider. */
  keep?: string | undefined;
  /** Any other parameter of the provider. Cannot replace a parameter that the library sets. */
  extra?: Record<string, string | string[]> | undefined;
}

/** One kind of access (RFC 9396 §2). */
export interface AuthorizationDetail {
  /** The type defines the meaning of the other members. */
  type: string;
  locations?: string[];
  actions?: string[];
  datatypes?: string[];
  identifier?: string;
  privileges?: string[];
  [member: string]: unknown;
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

/** The URL for the person, and the values to store until the redirect. */
export interface AuthorizationRequest {
  url: string;
  /** The name of this login. The redirect contains it. */
  state: string;
  /** Opaque, serialisable and secret. Keep it under `state` (session storage, encrypted cookie) until the redirect arrives. */
  transaction: string;
}

/** The parameters of a valid redirect. */
export interface AuthorizationResponse {
  code?: string;
  id_token?: string;
  access_token?: string;
  token_type?: string;
  /** Seconds. */
  expires_in?: number;
  scope?: string;
  session_state?: string;
  /** With the relaxation `issuer-template`: the tenant's issuer, for `iss` of `verifyIdToken`. */
  iss?: string;
}

/** A grant: what the client presents at the token endpoint (RFC 6749 §4). */
export type Grant = GrantOptions &
  (
    | { type: "authorization_code"; code: string; transaction: string }
    /** `transaction` is the login's, for providers that require its `code_verifier` again, such as Open Liberty. */
    | { type: "refresh_token"; refreshToken: string; transaction?: string | undefined; scope?: Scope | undefined }
    | { type: "client_credentials"; scope?: Scope | undefined }
    | { type: "password"; username: string; password: string; scope?: Scope | undefined }
    | TokenExchange
    | JwtBearer
    | SamlBearer
    /** Extension grants: an absolute URI with its own parameters. */
    | { type: `urn:${string}` | `https://${string}`; scope?: Scope | undefined }
  );

/** Exchanges a token for another one (RFC 8693). oidc-wasm/full checks its parameters first. */
export interface TokenExchange {
  type: "urn:ietf:params:oauth:grant-type:token-exchange";
  scope?: Scope | undefined;
  parameters: {
    subject_token: string;
    subject_token_type: TokenType;
    /** A token of the one who acts for the subject (RFC 8693 §2.1). */
    actor_token?: string;
    actor_token_type?: TokenType;
    requested_token_type?: TokenType;
    audience?: string | string[];
  } & Record<string, string | string[]>;
}

/** The URI of a token's type (RFC 8693 §3). */
export type TokenType =
  | `urn:ietf:params:oauth:token-type:${"access_token" | "refresh_token" | "id_token" | "saml1" | "saml2" | "jwt"}`
  | `${string}:${string}`;

/** Tokens for a JWT of another issuer (RFC 7523). */
export interface JwtBearer {
  type: "urn:ietf:params:oauth:grant-type:jwt-bearer";
  scope?: Scope | undefined;
  parameters: { assertion: string } & Record<string, string | string[]>;
}

/** Tokens for a SAML assertion, in base64url (RFC 7522). */
export interface SamlBearer {
  type: "urn:ietf:params:oauth:grant-type:saml2-bearer";
  scope?: Scope | undefined;
  parameters: { assertion: string } & Record<string, string | string[]>;
}

/** Options of every grant. */
export interface GrantOptions {
  /** Default with a code: the requested resource, if it was one. `[]` for none. */
  resource?: Resource | undefined;
  /** Any other parameter, such as Hydra's `audience` or Logto's `organization_id`. Cannot replace a parameter that the library sets. */
  parameters?: Record<string, string | string[]> | undefined;
}

/** A request, ready to send. */
export interface HttpRequest {
  url: string;
  method: "GET" | "POST";
  headers: Record<string, string>;
  body?: string;
}

/** A reply, unchanged. */
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
  /** Not verified. Use its claims only after `verifyIdToken`. */
  id_token?: string;
  scope?: string;
  /** The granted access (RFC 9396 §7). Checked in oidc-wasm/full. */
  authorization_details?: AuthorizationDetail[];
  /** The type of `access_token` after a token exchange (RFC 8693 §2.2.1). */
  issued_token_type?: string;
  [member: string]: unknown;
}

/** Tokens of a refresh whose ID token could not be verified, without that ID token. */
export type RenewedTokens = TokenSet & { id_token?: undefined };

/**
 * The result of a login. `Login` alone is the code flow with `openid` in the scope. `callback<"id_token">()` has no access token,
 * and `callback<"code", undefined>()` has no ID token.
 */
export type Login<
  T extends ResponseType = "code",
  C extends IdTokenClaims | undefined = IdTokenClaims,
> = LoginResult<T> &
  (undefined extends C ? { claims?: IdTokenClaims } : { /** The verified claims of the ID token. */ claims: C });

/** The result of a login, apart from claims. */
export interface LoginResult<T extends ResponseType = "code"> {
  tokens: T extends "id_token" | "none" ? Partial<TokenSet> : TokenSet;
  /** The result of every rule on the ID token. */
  report?: TokenReport;
  /** The `keep` of the request. */
  kept?: string;
  /** The expiry of the access token in seconds since the epoch, if the provider sent one. */
  expiresAt?: number;
}

/** Options of a refresh. */
export interface RefreshOptions extends CallOptions {
  scope?: Scope | undefined;
  resource?: Resource | undefined;
  /** The previous login, or the claims of its ID token. The new ID token must match it. */
  previous?: IdTokenClaims | PreviousLogin | undefined;
  /** The login's transaction, for providers that require its `code_verifier` at every refresh, such as Open Liberty. */
  transaction?: string | undefined;
  /** Further parameters of the request. */
  parameters?: Record<string, string | string[]> | undefined;
}

/** The previous login of a refresh. */
export interface PreviousLogin<C extends IdTokenClaims | undefined = IdTokenClaims | undefined> {
  tokens: Partial<TokenSet>;
  claims?: C;
}

/** The expected values of an ID token. */
export interface IdTokenExpected {
  /** The request's `nonce`. */
  nonce?: string | undefined;
  /** The request's `maxAge`, in seconds. */
  maxAge?: number | undefined;
  /** The request's `acrValues`. */
  acrValues?: string | undefined;
  /** The access token beside this ID token, for `at_hash`. */
  accessToken?: string | undefined;
  /** The code beside this ID token, for `c_hash`. */
  code?: string | undefined;
  /** The request's `state`, for `s_hash`. */
  state?: string | undefined;
  /** After a refresh: the claims of the previous ID token. */
  previous?: IdTokenClaims | undefined;
  /** In a hybrid flow: the claims of the ID token from the redirect. */
  sibling?: IdTokenClaims | undefined;
  /** The login's transaction. It replaces `nonce`, `maxAge`, `acrValues` and `state`. */
  transaction?: string | undefined;
  /** The redirect's `iss` ({@link AuthorizationResponse}). */
  iss?: string | undefined;
  /**
   * The channel: token endpoint, redirect, or refresh. `transaction` defines it except in hybrid flows, and `previous`
   * defines it. Otherwise it is required with `accessToken` or `code`. ID tokens from the redirect must have `at_hash`
   * and `c_hash`.
   */
  channel?: "token" | "front" | "refresh" | undefined;
  /** Seconds since the epoch. Default: the host's clock. */
  now?: number | undefined;
}

/** The expectations of a resource server. */
export interface AccessTokenExpected {
  /** The names of this resource server. The token's `aud` must contain one. */
  audience: string | string[];
  /** Scope values. The token must have all of them. */
  scope?: Scope | undefined;
  /**
   * The issuer of access tokens, if it is not the provider's: `access_token_issuer` in the metadata of AD FS,
   * `https://sts.windows.net/…/` for version 1 tokens of Microsoft Entra ID.
   */
  issuer?: string | undefined;
  /**
   * The accepted clients, by `client_id` or `azp`. The token may then lack `aud` (Amazon Cognito), or have a `nonce` beside
   * the claim `typ: "Bearer"` (Keycloak before version 25).
   */
  clientId?: string | string[] | undefined;
  /** Authentication classes, separated by spaces. The token's `acr` must be one of them (RFC 9470 §4). */
  acrValues?: string | undefined;
  /** The most seconds since the sign-in (RFC 9470 §4). */
  maxAge?: number | undefined;
  /**
   * In oidc-wasm/full: the request with the token. With the scheme DPoP it verifies the proof, and the token must be
   * bound to the proof's key (RFC 9449 §7.1). `url` must be the public one, also behind a proxy.
   */
  request?: ProvenRequest | undefined;
  /** With `request`: the accepted nonces that you sent as `DPoP-Nonce`, at least one. Default: no nonce is required. */
  nonce?: string | string[] | undefined;
  /**
   * With `request`: returns true if you have seen this `jti`, otherwise false. Called last. Remember the `jti` until
   * `exp`, in seconds since the epoch.
   */
  replay?: ((jti: string, exp: number) => boolean | Promise<boolean>) | undefined;
  /**
   * In oidc-wasm/full: the client's certificate of this TLS connection, in DER. The token must be bound to it (RFC 8705 §3), or to the
   * key that `request` proves.
   */
  certificate?: Uint8Array | undefined;
  /** Seconds since the epoch. Default: the host's clock. */
  now?: number | undefined;
}

/** The parts of a request with a proof of possession. A `Request` has them. */
export interface ProvenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: { get(name: string): string | null };
}

export type Claims = Record<string, unknown>;

/**
 * Claims about a person (OpenID Connect Core 1.0 §5.1), as the provider sent them. Only `sub` is checked. Providers may omit any
 * of them or send `null`.
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
  /** Some providers send a string, such as Apple. */
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
  /** Seconds since the epoch. */
  updated_at?: number;
}

/** The claims of an ID token (OpenID Connect Core 1.0 §2), with standard claims about the person. */
export interface IdTokenClaims extends StandardClaims {
  iss: string;
  /** The person: unique at this issuer, and never reused. */
  sub: string;
  aud: string | string[];
  /** Seconds since the epoch. */
  exp: number;
  /** Seconds since the epoch. */
  iat: number;
  /** The time of the sign-in in seconds since the epoch. A number if `maxAge` was requested. */
  auth_time?: number;
  nonce?: string;
  /** The authentication class of the sign-in. */
  acr?: string;
  /** The authentication methods of the sign-in. */
  amr?: string[];
  /** The client that received the token. */
  azp?: string;
  /** The session at the provider, for logout (OpenID Connect Front-Channel Logout 1.0 §3). */
  sid?: string;
}

/** The result of every rule on an ID token. */
export interface TokenReport {
  valid: boolean;
  signature: "valid" | "invalid" | "unchecked";
  header: Claims;
  claims: Claims;
  checks: Check[];
}

/** The result of one rule. */
export interface Check {
  /** Stable, such as `"id_token.nonce"`. */
  rule: string;
  verdict: "pass" | "fail" | "skip";
  /** The section of the rule. */
  spec: string;
  /** Contains at most the one compared value of the token. */
  message: string;
  /** The token breaks this rule, but stays valid. Tell the provider. */
  warning?: true;
}

/**
 * A request, a reply or a report. "…" replaces tokens, codes, secrets and every value that may be secret. URLs have no
 * query.
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
  /** The report of each ID token in `callback` and `refresh`, after its signature is verified. */
  | { type: "report"; report: TokenReport };

/** Options of the network. */
export interface CallOptions {
  /** Default: `globalThis.fetch` at the time of the call. */
  fetch?: typeof fetch | undefined;
  /** Ends the call with `http.aborted`. */
  signal?: AbortSignal | undefined;
  /** Receives each request, reply and report, but nothing of `rp.fetch`. Its exceptions are ignored. */
  onMessage?: ((message: Message) => void) | undefined;
}

export interface DiscoverOptions extends CallOptions {
  /** OpenID Connect Discovery (default), or RFC 8414. The address of a document needs no option. */
  metadata?: "oidc" | "oauth2" | undefined;
  /** The exact issuer in the metadata, if it differs from the requested one (Azure AD B2C). */
  expectedIssuer?: string | undefined;
}

/** Parameters of a device login (RFC 8628 §3.1). */
export interface DeviceParams {
  scope?: Scope | undefined;
  resource?: Resource | undefined;
  /** Any other parameter of the provider. */
  parameters?: Record<string, string | string[]> | undefined;
}

/** The codes of a device login (RFC 8628 §3.2), and the values that a page shows. */
export interface DeviceAuthorization {
  /** Secret: this device polls with it. */
  device_code: string;
  /** The code that the person types at `verification_uri`. */
  user_code: string;
  verification_uri: string;
  /** The same URL with the code, for a QR code. Show `user_code` too, so that the person can compare it. */
  verification_uri_complete?: string;
  /** Seconds. */
  expires_in: number;
  /** Seconds between two polls. Default 5. */
  interval?: number;
}

/** Options of `deviceLogin` and `backchannelLogin`. */
export interface DeviceLoginOptions extends CallOptions {
  /** The resources of the token, as in the request. */
  resource?: Resource | undefined;
  /** Parameters of each poll, for providers that require more. */
  parameters?: Record<string, string | string[]> | undefined;
}

/** A backchannel authentication request (CIBA Core 1.0 §7.1). Give exactly one of `loginHint`, `loginHintToken` and `idTokenHint`. */
export interface BackchannelAuthenticationParams {
  /** Default `"openid"`. It must have `openid`. */
  scope?: Scope | undefined;
  /** A name of the person that the provider knows, such as an e-mail address. */
  loginHint?: string | undefined;
  /** A token about the person, in a form that the provider defines. */
  loginHintToken?: string | undefined;
  /** An ID token of an earlier login. */
  idTokenHint?: string | undefined;
  /** A short text for both devices, so that the person can compare them. */
  bindingMessage?: string | undefined;
  /** A secret that only the person and the provider know. */
  userCode?: string | undefined;
  /** The lifetime of the request in seconds. */
  requestedExpiry?: number | undefined;
  acrValues?: string | undefined;
  resource?: Resource | undefined;
  /** Any other parameter of the provider. Cannot replace a parameter that the library sets. */
  parameters?: Record<string, string | string[]> | undefined;
}

/** The provider's answer (CIBA Core 1.0 §7.3): the person has been asked. */
export interface BackchannelAuthentication {
  /** Secret: the client polls with it. */
  auth_req_id: string;
  /** Seconds. */
  expires_in: number;
  /** Seconds between two polls. Default 5. */
  interval?: number;
}

/** The response to a registration (RFC 7591 §3.2.1). */
export interface ClientInformation {
  client_id: string;
  client_secret?: string;
  /** Seconds since the epoch. */
  client_id_issued_at?: number;
  /** Seconds since the epoch; 0 if the secret does not expire. */
  client_secret_expires_at?: number;
  /** Secret: {@link manageClient} needs it. */
  registration_access_token?: string;
  registration_client_uri?: string;
  [member: string]: unknown;
}

export interface RegistrationOptions extends CallOptions {
  /** For providers that require a token to register. */
  initialAccessToken?: string | undefined;
}

/** The metadata of a protected resource (RFC 9728 §2). */
export interface ResourceMetadata {
  /** Its identifier, for `resource` of an authorization request. */
  resource: string;
  /** The issuers of its authorization servers. */
  authorization_servers?: string[];
  scopes_supported?: string[];
  bearer_methods_supported?: string[];
  resource_name?: string;
  [member: string]: unknown;
}

/** The requirements of a resource for the next authorization request. */
export interface StepUp {
  scope?: string;
  acrValues?: string;
  /** The most seconds since the last sign-in. */
  maxAge?: number;
}

/** The request of a third-party login (OpenID Connect Core 1.0 §4). */
export interface InitiatedLogin {
  /** The account that the provider should suggest. */
  loginHint?: string;
  /** The page that the person wants: a URL with the redirect URI's origin. */
  targetLinkUri?: string;
}

/** The requested scopes by resource server (RFC 8707). */
export interface Downscoping {
  /** In the order of the request. `null` is the provider itself, with the scopes of OpenID Connect. */
  table: { resource: string | null; scopes: string[] }[];
  /** Requested scopes without a resource server. */
  dropped: string[];
}

/** One challenge of a `WWW-Authenticate` header (RFC 9110 §11.6.1). */
export interface Challenge {
  scheme: string;
  parameters: Record<string, string>;
  token68?: string;
}
