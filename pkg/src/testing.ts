// A provider for tests, without a server. This package's own tests and demo use it.
import { faults as broken, createTestProvider as create } from "#provider";
import type { Claims, ProviderMetadata } from "./types.js";

/** A registered client. */
export interface TestClient {
  clientId: string;
  secret?: string | undefined;
  /** Default: any. */
  redirectUris?: string[] | undefined;
  /** Default: `"client_secret_basic"` with a secret, `"none"` without. */
  auth?: "none" | "client_secret_basic" | "client_secret_post" | "client_secret_jwt" | "private_key_jwt" | undefined;
  /** The public key of `"private_key_jwt"`. */
  key?: (JsonWebKey & { alg: string }) | undefined;
  /** Default: the first of `algorithms`. HS256, HS384 and HS512 need a `secret`. */
  idTokenSignedResponseAlg?: string | undefined;
  /** Default: a plain response. */
  userinfoSignedResponseAlg?: string | undefined;
}

export interface TestProviderOptions {
  /** Default `"https://op.test"`. */
  issuer?: string | undefined;
  /** One key for each; the first signs. Default `["RS256"]`. Keys for `"ES256"` are faster to make. */
  algorithms?: string[] | undefined;
  /** Default: any client identifier and any redirect URI. */
  clients?: TestClient[] | undefined;
  /** Claims of userinfo by subject; the first signs in. Default one user, `alice`. */
  users?: Record<string, Claims> | undefined;
  /** Scopes by resource. Default: any. */
  resources?: Record<string, string[]> | undefined;
  /** Default 300. */
  accessTokenSeconds?: number | undefined;
  /** Default 300. */
  idTokenSeconds?: number | undefined;
  /** Default true: a refresh token works once. A second use ends the whole session. */
  rotateRefreshTokens?: boolean | undefined;
  /** The provider's clock, in seconds since the epoch. Default: that of the host. The relying party has its own. */
  now?: (() => number) | undefined;
}

/** A request that the provider has received. */
export interface TestRequest {
  url: string;
  method: string;
  headers: Headers;
  body: string;
}

export interface TestProvider {
  readonly issuer: string;
  readonly metadata: ProviderMetadata;
  /** Pass it as `fetch`, or forward the requests of a server or service worker to it. */
  readonly fetch: typeof fetch;
  /**
   * Acts as the person at the authorization URL. Resolves to the redirect; for `form_post` with the form's fields as `body`. Default
   * user: that of `login_hint`, or the one who is signed in, or the first.
   */
  authorize(
    url: string,
    options?: { user?: string; deny?: string },
  ): Promise<{ url: string; body?: URLSearchParams | undefined }>;
  /** Signs all people out at the provider. */
  signOut(): void;
  /** A signed token of any content, for tests of your own checks. */
  sign(claims: Claims, header?: Claims): Promise<string>;
  /** Replaces every key. */
  rotateKeys(options?: { keepKid?: boolean }): Promise<void>;
  /** A back-channel logout token (OpenID Connect Back-Channel Logout 1.0 §2.4). Default: of the present session, or of the last one. */
  logoutToken(clientId: string, sid?: string): Promise<string>;
  /** The requests in order. */
  readonly requests: readonly TestRequest[];
  /** Adds a fault by its rule's code, such as `"id_token.nonce"`, or `"jwks.down"`, until {@link mend}. {@link faults} has the names. */
  break(fault: string): void;
  /** Removes all faults. */
  mend(): void;
}

/**
 * An OpenID Provider with real signatures that answers by `fetch`.
 *
 * @example
 * ```ts
 * const op = await createTestProvider();
 * const rp = new RelyingParty(op.metadata, { clientId: "app", redirectUri: "https://app.example/cb" });
 * const { url, transaction } = rp.authorizationRequest();
 * const redirect = await op.authorize(url);
 * op.break("id_token.nonce");
 * await rp.callback(redirect.url, transaction, { fetch: op.fetch }); // throws id_token.nonce
 * ```
 */
export const createTestProvider = create as (options?: TestProviderOptions) => Promise<TestProvider>;

/** The names that `break` accepts: a rule's code, followed by words if there are several ways to break it. */
export const faults: readonly string[] = Object.keys(broken);
