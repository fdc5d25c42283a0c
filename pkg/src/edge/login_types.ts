import type {
  AuthorizationParams,
  Claims,
  ClientConfig,
  IdTokenClaims,
  Login,
  OidcError,
  ProviderMetadata,
  Resource,
  Scope,
} from "oidc-wasm";
import type { ExecutionContextLike } from "./types.js";

/** Configuration of a login at a server. */
export interface LoginConfig extends ClientConfig {
  /** Required unless `provider` is given. */
  issuer?: string;
  /** Known metadata. Then no discovery request is sent. Its own `issuer` counts. */
  provider?: ProviderMetadata;
  /** 32 random bytes as base64. Of several, the first encrypts and all decrypt. Drop the last one after `maxAge`. */
  cookieSecret: string | string[];
  /** Default `"openid"`. */
  scope?: Scope;
  /** The APIs of the tokens (RFC 8707). The first token is for the first one. */
  resource?: Resource;
  /** Default `/login`, `/callback`, `/logout`, and no back-channel logout. */
  paths?: { login?: string; callback?: string; logout?: string; backChannelLogout?: string };
  /** The origins of this server. Outside of Cloudflare Workers `redirectUri` or `origins` is required. */
  origins?: string[];
  /** The number of trusted proxies that write `X-Forwarded-Host` and `X-Forwarded-Proto`. Default 0. */
  trustProxy?: number;
  /** The registered address after signing out. Default: this origin's root. */
  postLogoutRedirectUri?: string;
  /**
   * Called after a login is verified and before a session exists. Throw, or return a `Response`, to reject the person. Return claims
   * to keep them instead of the ID token's.
   */
  onSignIn?: (login: Login, request: Request) => SignInVerdict | Promise<SignInVerdict>;
  /** Receives the error of each login that failed, and of each API that gave `proxy` no answer. The person sees its code only. */
  onRefused?: (problem: OidcError, request: Request) => void;
  cookie?: {
    /** Default `__Host-oidc`; on http://localhost `oidc`. A started login has `<name>-l-<16 characters of state>`. */
    name?: string;
    /** Default `"lax"`. `"strict"`: links on other sites do not carry the session. */
    sameSite?: "lax" | "strict";
    /** For all hosts below this one. It gives up `__Host-`, so a sibling host can write these cookies. */
    domain?: string;
    /** Default `/`. Another path gives up `__Host-` too, and must be above those of callback and logout. */
    path?: string;
  };
  /** Seconds that a session lasts, at most. Default 8 hours. */
  maxAge?: number;
  /** Seconds of inactivity that end a session. Default: no limit. The session is written at most once a minute, or twice within `idle`. */
  idle?: number;
  /**
   * Contents of a session. `"claims"` (default): the claims in `claims`. `"id_token"`: the ID token too, so the
   * provider needs no confirmation at sign-out. `"tokens"`: access and refresh token too.
   */
  keep?: "claims" | "id_token" | "tokens";
  /** ID token claims to keep, besides those that identify person and login. Default name, e-mail and picture. */
  claims?: string[];
  /**
   * Adds the claims of the userinfo endpoint at sign-in, for providers that put a person's claims there. Default false. With
   * `keep: "tokens"`, the endpoint may reject the token of a `resource`.
   */
  userInfo?: boolean;
  /** Stores sessions in your store. The cookie then holds 32 random bytes. Required for back-channel logout. */
  store?: SessionStore;
  /**
   * When to refresh tokens. `"navigation"` (default): during a navigation, after 3/4 of the token's life. Two
   * navigations in two isolates can still use one refresh token. `"always"`: when needed; requires `lock` and `store`,
   * or `grace`.
   */
  refresh?: "navigation" | "always" | false;
  /** Seconds for which the provider accepts a used refresh token again. Default 0. */
  grace?: number;
  /** A mutex for all isolates: a Durable Object, `SET NX` of Redis, an advisory lock of Postgres. */
  lock?: <T>(name: string, run: () => Promise<T>) => Promise<T>;
  fetch?: typeof fetch;
}

// A function without a return value counts as one that returns undefined.
// biome-ignore lint/suspicious/noConfusingVoidType: a callback without `return` returns void
export type SignInVerdict = void | Response | Claims;

/**
 * Stores sessions. A value is JSON with the members `sub` and `sid` as search keys. The rest is encrypted. The store
 * may drop an entry after `seconds`. A request waits for it without a limit, so your client needs one.
 */
export interface SessionStore {
  get(id: string): Promise<string | null>;
  put(id: string, value: string, seconds: number): Promise<void>;
  delete(id: string): Promise<void>;
  /**
   * For back-channel logout: deletes all sessions with this `sid`, or else with this `sub`. Both are names of one issuer, so the logins
   * of two issuers need a store each.
   */
  deleteBy?(key: { sub?: string; sid?: string }): Promise<void>;
}

/** A person who is signed in. */
export interface Session {
  claims: IdTokenClaims;
  /**
   * An access token, if `keep` is `"tokens"`. Throws `session.expired` if it has expired and this request may not refresh it.
   */
  accessToken?(options?: { resource?: string }): Promise<string>;
  /** Seconds since the epoch. */
  expiresAt: number;
}

type Handler<Env, Person> = (
  request: Request,
  session: Person,
  env: Env,
  context: ExecutionContextLike,
) => Response | Promise<Response>;
type Protected<Env> = (request: Request, env?: Env, context?: ExecutionContextLike) => Promise<Response>;

/** Signs people in and keeps them signed in. */
export interface EdgeLogin<Env = unknown> {
  /**
   * Answers the configured paths, and requires a session on all others. A navigation without one goes to the login and returns.
   * Any other request gets 401. A changing request or a WebSocket from another origin gets 403, also from the same site.
   */
  protect(handler: Handler<Env, Session>, options?: { optional?: false }): Protected<Env>;
  protect(handler: Handler<Env, Session | null>, options: { optional?: boolean }): Protected<Env>;
  /** Sends the person to the provider. `returnTo`: a path of this origin to return to. */
  signIn(request: Request, params?: AuthorizationParams & { returnTo?: string }, env?: Env): Promise<Response>;
  /** Finishes a login, by GET or by `form_post`. `onProblem` answers an error. The default calls `onRefused`. It is a page with the code and a link to `/`, with status 400, 403 or 502. */
  callback(
    request: Request,
    env?: Env,
    options?: {
      onProblem?: (problem: OidcError) => Response | Promise<Response>;
      // biome-ignore lint/suspicious/noConfusingVoidType: a callback without `return` returns void
      onSignIn?: (session: Session) => void | Response | Promise<void | Response>;
    },
  ): Promise<Response>;
  session(request: Request, env?: Env): Promise<Session | null>;
  /** Adds the session's cookies to a response, after a refresh or use. */
  commit(session: Session, response: Response): Response;
  /** Ends the session here and at the provider. Accepts POST from this origin. GET gets 405. */
  signOut(request: Request, env?: Env): Promise<Response>;
  /** The provider ends sessions (OpenID Connect Back-Channel Logout 1.0). */
  backChannelLogout(request: Request, env?: Env): Promise<Response>;
  /**
   * Forwards a request of a signed-in page to an API, with the access token instead of the cookie. `upstream` is the whole URL, used as
   * it is: add path and query. 502 if the API gives no answer.
   */
  proxy(request: Request, upstream: string | URL, options?: { resource?: string; env?: Env }): Promise<Response>;
}
