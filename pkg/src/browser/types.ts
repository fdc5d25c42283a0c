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

/** Configuration of a page's session. A page cannot keep a secret, so `auth` is missing. */
export interface BrowserConfig extends Omit<ClientConfig, "auth" | "dpop"> {
  /** The registered address of this page to which the provider returns the person. Without it a login throws `argument.redirectUri`. */
  redirectUri?: string | undefined;
  /** Required unless `provider` is given. */
  issuer?: string;
  /** Metadata known at build time. Then no discovery request is sent. Its own `issuer` counts. */
  provider?: ProviderMetadata;
  /**
   * Default `"openid"`. Adds `offline_access` with `prompt: "consent"` only if `renew` is `"refresh"` and the metadata list
   * it.
   */
  scope?: Scope;
  /**
   * The APIs of this page (RFC 8707). The first token is for the first one, so each login requests it. Tokens for the others are obtained
   * at first use.
   */
  resource?: Resource;
  /** Parameters of every login, such as `{ audience }` for Auth0. Cannot replace a parameter that the library sets. */
  extra?: AuthorizationParams["extra"];
  /**
   * Where the session is stored. None of these protects it from a foreign script in your page.
   * - `"session"` (default): sessionStorage, which survives a reload. A new or duplicated tab asks the other tabs.
   * - `"memory"`: stores no token. After a reload it asks the other tabs, then with `renew: "redirect"` the provider.
   * - `"indexeddb"`: survives closing the browser. Encrypted with a key that scripts cannot export. Without IndexedDB `"memory"`
   * replaces it, and `snapshot().problem` reports that once.
   * - your own {@link AuthStorage}.
   */
  storage?: "session" | "memory" | "indexeddb" | AuthStorage;
  /**
   * Your worker that holds the tokens outside the page: a file with one call of `serveAuth` from `oidc-wasm/worker`.
   * `getAccessToken` then throws `session.sealed`, and `fetch` works.
   */
  worker?: Worker | SharedWorker;
  /**
   * How to renew a token before it expires.
   * - `"refresh"`: the default if the provider sent a refresh token.
   * - `"iframe"`: `prompt=none` in a hidden frame. Works only if page and provider are the same site.
   * - `"redirect"`: `prompt=none` in the page itself, when a token is next needed, never by a timer.
   * - `false`: the session ends with its token.
   */
  renew?: "refresh" | "iframe" | "redirect" | false;
  /** Seconds before expiry at which a visible page renews. Default 60, at most half of the token's life. A hidden page waits. */
  renewBefore?: number;
  /**
   * The addresses that may receive a token: an origin or URL prefix, with its resource and scope. Origins must be
   * equal. Paths match in whole segments, after resolving `..` and percent-encoding. Default: the origins of
   * `resource`. If several resources have one origin, the longest that matches an address wins, else the first one.
   */
  apis?: Record<string, Api>;
  /**
   * Binds tokens to a key in IndexedDB that no script can export (RFC 9449). This needs `oidc-wasm/full`: a page loads
   * it itself, a worker must import it. The end of the session deletes the key. `"auto"`: if the provider's metadata lists
   * ES256. Default false.
   */
  dpop?: boolean | "auto";
  /**
   * For an http page outside localhost, where browsers lack `crypto.subtle`. `"refuse"` (default): `signIn` throws
   * `crypto.unavailable`. `"tls-only"`: code flow only, with an https token endpoint and the session in memory. It checks the ID token's
   * claims, not its signature (OpenID Connect Core 1.0 §3.1.3.7 rule 6). `snapshot().signature` is then `"unchecked"`.
   */
  insecureOrigin?: "refuse" | "tls-only";
  /** If another person signs in in another tab: follow that person (default), or end this tab's session. */
  otherUser?: "follow" | "end";
  /** For tests, and for pages in frames. Default: the globals. */
  host?: Host;
}

export type Host = Partial<Pick<typeof globalThis, "fetch" | "location" | "history">> & {
  /** Seconds since the epoch. */
  now?: () => number;
  navigate?: (url: string) => void;
};

/** Resource and scope of the token for an API. The login must have requested both, by `resource` and `scope` of the configuration. */
export interface Api {
  resource?: string;
  scope?: Scope;
}

/**
 * Your own storage. It receives the session as a string, with its tokens. It has 5 seconds for each call. After that the
 * session continues in memory, and `snapshot().problem` is `session.storage`. A late answer still counts.
 */
export interface AuthStorage {
  get(key: string): string | null | Promise<string | null>;
  set(key: string, value: string): void | Promise<void>;
  remove(key: string): void | Promise<void>;
}

/** A new object only after a change, for useSyncExternalStore, Svelte stores, Vue's shallowRef and Angular signals. */
export interface AuthState {
  status: "loading" | "signed_out" | "signed_in";
  /** The verified claims of the newest ID token. */
  user?: IdTokenClaims;
  signature?: "valid" | "unchecked";
  /** Seconds since the epoch. */
  expiresAt?: number;
  /** The error of the last redirect, renewal or sign-in. The next success clears it. `recoverable`: the session continues. */
  problem?: OidcError & { recoverable: boolean };
}

export type AuthEvent =
  | { type: "signed_in"; user: IdTokenClaims; by: "redirect" | "popup" | "storage" | "tab" }
  | { type: "refreshed"; resource?: string; by: "here" | "tab" }
  | { type: "expired" | "signed_out"; by: "here" | "tab" | "provider" }
  | { type: "user_changed"; user: IdTokenClaims }
  | { type: "problem"; problem: OidcError };

export interface TokenOptions {
  /** Default: the first resource of the configuration. */
  resource?: string;
  scope?: Scope;
  /** Seconds that the token must still be valid; at most half of its life. Default 5. */
  minValidity?: number;
  signal?: AbortSignal;
}

export interface SignOutOptions {
  postLogoutRedirectUri?: string;
  /** Ends the session of this browser only, and stays on the page. */
  local?: boolean;
  /** Whether to revoke the refresh token (RFC 7009). Default: if the provider has a revocation endpoint. */
  revoke?: boolean;
}

/** A session of one client at one provider. Methods work without their object. */
export interface Auth {
  /** The same object until a change. `{ status: "loading" }` until the first answer, and always on a server. */
  snapshot(): AuthState;
  /** Calls the listener after each change. Returns a function that removes the listener. */
  subscribe(listener: (event: AuthEvent) => void): () => void;
  /**
   * Leaves the page for the provider, so it never resolves. Throws `crypto.unavailable`, `session.storage`, `discovery.*` and `http.*`:
   * `http.aborted` after `close()`.
   * `returnTo`: a path of this origin to return to, at most 1 KB. The redirect URI needs a fragment. Default: the present one.
   * `prompt`: in the 10 seconds after a sign-out the default is `"login"`, because the provider's session may still exist.
   */
  signIn(params?: AuthorizationParams & { returnTo?: string }): Promise<void>;
  /**
   * Signs in in a popup. Call it from a click. The page at the redirect URI calls `handleRedirect()` too, which passes its address to
   * this page and closes the popup. `timeout` is in seconds, default 300. Throws `popup.blocked`, `popup.closed`, `popup.timeout`.
   */
  signInPopup(params?: AuthorizationParams & { timeout?: number }): Promise<Login>;
  /**
   * Finishes a login if the address contains an answer, else resolves to null. Call it on every page load, before the router
   * starts. It returns the same promise until the next navigation, so two calls use one code. First it removes the answer from the
   * address, then it goes to `returnTo` by history.replaceState. Without a stored login, the answer is dropped: null if a person is
   * signed in, else it throws `transaction.missing`. If the storage refuses or is late, it throws `session.storage`, and the address keeps
   * the answer for the next call, until somebody signs in or out.
   */
  handleRedirect(): Promise<(Login & { returnTo?: string }) | null>;
  /**
   * A live access token. One tab renews it for all tabs. Throws `session.none`, `session.expired` (the session is over in all tabs),
   * and `http.*` (the session continues).
   */
  getAccessToken(options?: TokenOptions): Promise<string>;
  /**
   * fetch with a token, for addresses in `apis` only. It follows no redirect with a token. After a 401 it renews the token once and
   * repeats the request once.
   */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
  user(): Promise<IdTokenClaims | null>;
  /** The profile from the userinfo endpoint, for the ID token's subject. Throws `session.*`, `userinfo.*` and `http.*`. */
  profile(): Promise<Record<string, unknown>>;
  /**
   * Checks if the person is still signed in at the provider: by `prompt=none` in a hidden frame, or in the page itself
   * with `renew: "redirect"`. `"unknown"` if the browser may hide the provider's cookies from the frame. If the page itself
   * leaves, a call in the 15 seconds after the return has the answer.
   */
  checkSession(): Promise<boolean | "unknown">;
  /**
   * Ends the session in all tabs, revokes the refresh token, then leaves the page to sign out at the provider. Throws `http.aborted` if
   * `close()` prevents that last step.
   */
  signOut(params?: SignOutOptions): Promise<void>;
  /**
   * Stops timers and channels, and closes a popup. For tests and hot reload. A login that arrives still finishes. A page
   * that has not left stays, and its `signIn` or `signOut` throws `http.aborted`.
   */
  close(): void;
  [Symbol.dispose](): void;
}
