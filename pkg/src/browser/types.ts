import type { OidcError } from "../error.js";
import type {
  AuthorizationParams,
  ClientConfig,
  IdTokenClaims,
  Login,
  ProviderMetadata,
  Resource,
  Scope,
} from "../types.js";

/** What a page is told of its session manager. A page keeps no secret, so there is no `auth`. */
export interface BrowserConfig extends Omit<ClientConfig, "auth" | "dpop"> {
  /** Absent only where `provider` is given. */
  issuer?: string;
  /** Metadata known beforehand, such as those your build inlines: then no discovery request is sent. */
  provider?: ProviderMetadata;
  /**
   * Default `"openid"`. `offline_access` is added, with `prompt: "consent"`, only where `renew` is `"refresh"` and the metadata
   * list it.
   */
  scope?: Scope;
  /** The APIs this page calls (RFC 8707). The first token is for the first; a token for another is bought when it is first wanted. */
  resource?: Resource;
  /** Sent with every login: `{ audience }` for Auth0, `{ organization }` and the like. Never overrides what the library sets. */
  extra?: Record<string, string | string[]>;
  /**
   * Where the session lives. None of these withstands foreign script in your page.
   * - `"session"` (default): sessionStorage, which survives a reload. A new or duplicated tab asks its siblings.
   * - `"memory"`: no token is stored. After a reload, siblings are asked; then, with `renew: "redirect"`, the provider.
   * - `"indexeddb"`: survives the browser. Encrypted with a key that cannot be exported. Where IndexedDB is refused, `"memory"` takes
   *   its place, and `snapshot().problem` says so once.
   * - your own {@link AuthStorage}.
   */
  storage?: "session" | "memory" | "indexeddb" | AuthStorage;
  /**
   * A worker of yours that keeps the tokens, so that they never enter the page: a file with one call of `serveAuth` from
   * `oidc-wasm/worker`. `getAccessToken` then throws `session.sealed`, and `fetch` works.
   */
  worker?: Worker | SharedWorker;
  /**
   * How a token is had before the last one expires.
   * - `"refresh"`: the default where the provider gave a refresh token.
   * - `"iframe"`: `prompt=none` in a hidden frame. Works only where page and provider are one site.
   * - `"redirect"`: `prompt=none` in the page itself, when a token is next wanted, never on a timer.
   * - `false`: the session ends with its token.
   */
  renew?: "refresh" | "iframe" | "redirect" | false;
  /** Seconds before expiry at which a visible page renews. Default 60, at most half of the token's life. A hidden page waits. */
  renewBefore?: number;
  /**
   * Where tokens may go: an origin or URL prefix, and what to ask for there. Origins must be equal, and paths match in whole
   * segments, after `..` and percent-encoding are resolved. Default: the origins of `resource`.
   */
  apis?: Record<string, Api>;
  /**
   * Binds tokens to a key in IndexedDB that no script can export (RFC 9449), which takes `oidc-wasm/full`: a page loads it by itself, a
   * worker must import it. `"auto"`: where the provider's metadata lists ES256 for it. Default false.
   */
  dpop?: boolean | "auto";
  /**
   * What to do on an http page that is not localhost, where browsers give no `crypto.subtle`. `"refuse"` (default): `signIn` throws
   * `crypto.unavailable`. `"tls-only"`: the code flow only, with a token endpoint on https and the session in memory. The ID token's
   * claims are checked and its signature is not (OpenID Connect Core 1.0 §3.1.3.7 rule 6); `snapshot().signature` is `"unchecked"`.
   */
  insecureOrigin?: "refuse" | "tls-only";
  /** When another person signs in in another tab: follow them (default), or end the session of this tab. */
  otherUser?: "follow" | "end";
  /** For tests, and for pages in frames. Default: the globals. */
  host?: Host;
}

export type Host = Partial<Pick<typeof globalThis, "fetch" | "location" | "history">> & {
  /** Seconds since the epoch. */
  now?: () => number;
  navigate?: (url: string) => void;
};

/** What to ask for at an API. */
export interface Api {
  resource?: string;
  scope?: Scope;
}

/** A storage of your own. It is given the session as text, tokens included. */
export interface AuthStorage {
  get(key: string): string | null | Promise<string | null>;
  set(key: string, value: string): void | Promise<void>;
  remove(key: string): void | Promise<void>;
}

/** A new object only when something changed: made for useSyncExternalStore, Svelte stores, Vue's shallowRef and Angular signals. */
export interface AuthState {
  status: "loading" | "signed_out" | "signed_in";
  /** The verified claims of the newest ID token. */
  user?: IdTokenClaims;
  signature?: "valid" | "unchecked";
  /** Seconds since the epoch. */
  expiresAt?: number;
  /** What the last redirect, renewal or sign-in failed with. The next success clears it. `recoverable`: the session stands. */
  problem?: OidcError & { recoverable: boolean };
}

export type AuthEvent =
  | { type: "signed_in"; user: IdTokenClaims; by: "redirect" | "popup" | "storage" | "tab" }
  | { type: "refreshed"; resource?: string; by: "here" | "tab" }
  | { type: "expired" | "signed_out"; by: "here" | "tab" | "provider" }
  | { type: "user_changed"; user: IdTokenClaims }
  | { type: "problem"; problem: OidcError };

export interface TokenOptions {
  /** Default: the first of the configuration. */
  resource?: string;
  scope?: Scope;
  /** Seconds the token must last; at most half of its life. Default 5. */
  minValidity?: number;
  signal?: AbortSignal;
}

export interface SignOutOptions {
  postLogoutRedirectUri?: string;
  /** Ends the session in this browser only, and resolves instead of leaving. */
  local?: boolean;
  /** Whether the refresh token is revoked (RFC 7009). Default: where the provider has an endpoint for it. */
  revoke?: boolean;
}

/** A session of one client at one provider. Every method may be called without its object. */
export interface Auth {
  /** The same object until something changes. `{ status: "loading" }` until the first answer, and always on a server. */
  snapshot(): AuthState;
  /** Calls the listener after each change; gives back the function that ends it. */
  subscribe(listener: (event: AuthEvent) => void): () => void;
  /**
   * Leaves the page for the provider. Never resolves where it does.
   * `returnTo`: a path of this origin to come back to, at most 1 KB, not the redirect address. Default: the present one.
   */
  signIn(params?: AuthorizationParams & { returnTo?: string }): Promise<void>;
  /**
   * Signs in in a popup; call it from a click. The page at the redirect address calls `handleRedirect()` like any other, which gives
   * its address to this page and closes the popup. Throws `popup.blocked`, `popup.closed`, `popup.timeout`. `timeout`: seconds, default 300.
   */
  signInPopup(params?: AuthorizationParams & { timeout?: number }): Promise<Login>;
  /**
   * Finishes a login where the address holds its answer; null where it holds none. Call it on every page load, before the router
   * starts. It gives the same promise until the next navigation, so two calls spend one code. The answer is taken out of the address
   * first. Then history.replaceState goes to `returnTo`. An answer whose login is unknown here is dropped: `transaction.missing`
   * where nobody is signed in, else null.
   */
  handleRedirect(): Promise<(Login & { returnTo?: string }) | null>;
  /**
   * A live access token, renewed where needed: once over all tabs. Throws `session.none`, `session.expired` (the session is over
   * everywhere), and `http.*` (it is not).
   */
  getAccessToken(options?: TokenOptions): Promise<string>;
  /**
   * fetch, with a token for addresses in `apis` and for no other. It follows no redirect with a token. After a 401 it renews once
   * and tries once more.
   */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
  user(): Promise<IdTokenClaims | null>;
  /** The person's profile from the userinfo endpoint, by the ID token's subject. */
  profile(): Promise<Record<string, unknown>>;
  /**
   * Whether the person is still signed in at the provider: `prompt=none` in a hidden frame, or in the page itself with
   * `renew: "redirect"`. `"unknown"` where the browser may have kept the provider's cookies from the frame.
   */
  checkSession(): Promise<boolean | "unknown">;
  /** Ends the session in every tab, then revokes the refresh token, then goes to the provider to sign out there. */
  signOut(params?: SignOutOptions): Promise<void>;
  /** Stops timers and channels. For tests and hot reload. */
  close(): void;
  [Symbol.dispose](): void;
}
