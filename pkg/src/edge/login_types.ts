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

/** People at a server: whom it signs in, and where their sessions are. */
export interface LoginConfig extends ClientConfig {
  /** Absent only where `provider` is given. */
  issuer?: string;
  /** Metadata known beforehand: no discovery request. */
  provider?: ProviderMetadata;
  /** 32 random bytes as base64. Of several the first seals and all open; drop the last when `maxAge` has passed. */
  cookieSecret: string | string[];
  /** Default `"openid"`. */
  scope?: Scope;
  /** APIs that the tokens are for (RFC 8707). The first token is for the first of them. */
  resource?: Resource;
  /** Default `/login`, `/callback`, `/logout`, and no back-channel logout. */
  paths?: { login?: string; callback?: string; logout?: string; backChannelLogout?: string };
  /** Origins this server answers at. Outside of Cloudflare Workers one of `redirectUri` and `origins` is needed. */
  origins?: string[];
  /** How many proxies in front are trusted to write `X-Forwarded-Host` and `X-Forwarded-Proto`. Default 0. */
  trustProxy?: number;
  /** Where the provider sends people after they signed out there. Register it there. Default: this origin's root. */
  postLogoutRedirectUri?: string;
  /**
   * Called after a login is verified and before a session exists. Throw, or give a Response, to refuse the person. Give claims to keep
   * them instead of the ID token's.
   */
  onSignIn?: (login: Login, request: Request) => SignInVerdict | Promise<SignInVerdict>;
  cookie?: {
    /** Default `__Host-oidc`; on http://localhost `oidc`. That of a login under way is `<name>-l-<16 characters of state>`. */
    name?: string;
    /** Default `"lax"`. `"strict"`: a link from elsewhere finds nobody signed in. */
    sameSite?: "lax" | "strict";
    /** For all hosts below this one. It gives up `__Host-`, so a sibling's server can write these cookies. */
    domain?: string;
    path?: string;
  };
  /** Seconds that a session lasts, at the most. Default 8 hours. */
  maxAge?: number;
  /** Seconds of inactivity that end a session. Default none. Written at most once a minute. */
  idle?: number;
  /**
   * What a session holds. `"claims"` (default): the claims named in `claims`. `"id_token"`: the ID token too, so that signing out needs
   * no question at the provider. `"tokens"`: access and refresh token too.
   */
  keep?: "claims" | "id_token" | "tokens";
  /** Claims of the ID token to keep, beside those that name the person and the login. Default name, e-mail and picture. */
  claims?: string[];
  /** Asks the userinfo endpoint at sign-in too, for providers that say there who a person is. Default false. */
  userInfo?: boolean;
  /** The session in a store of yours: the cookie is then 32 random bytes. Back-channel logout needs it. */
  store?: SessionStore;
  /**
   * When tokens are refreshed. `"navigation"` (default): when a person navigates, at 3/4 of the token's life. It is no lock: two
   * navigations in two isolates can use one refresh token. `"always"`: whenever it is needed; needs `lock` and `store`, or `grace`.
   */
  refresh?: "navigation" | "always" | false;
  /** Seconds for which the provider takes a refresh token again that was used already. Default 0. */
  grace?: number;
  /** A mutex for all isolates: a Durable Object, `SET NX` of Redis, an advisory lock of Postgres. */
  lock?: <T>(name: string, run: () => Promise<T>) => Promise<T>;
  fetch?: typeof fetch;
}

// A function that gives nothing back is as good as one that gives undefined.
// biome-ignore lint/suspicious/noConfusingVoidType: it is what a callback without `return` gives
export type SignInVerdict = void | Response | Claims;

/**
 * Keeps sessions. A value is JSON text with the members `sub` and `sid` to find it by; what it holds of the person is sealed. An entry may
 * be dropped after so many seconds.
 */
export interface SessionStore {
  get(id: string): Promise<string | null>;
  put(id: string, value: string, seconds: number): Promise<void>;
  delete(id: string): Promise<void>;
  /** For back-channel logout: deletes every session with this `sid`, or else with this `sub`. */
  deleteBy?(key: { sub?: string; sid?: string }): Promise<void>;
}

/** A person who is signed in. */
export interface Session {
  claims: IdTokenClaims;
  /**
   * An access token, where `keep` is `"tokens"`. Throws `session.expired` where it is over and may not be refreshed by this request.
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
   * Answers the configured paths, and asks for a session everywhere else. A navigation without one is sent to sign in and comes back;
   * anything else gets 401. A request that changes something from another origin gets 403, from the same site too.
   */
  protect(handler: Handler<Env, Session>, options?: { optional?: false }): Protected<Env>;
  protect(handler: Handler<Env, Session | null>, options: { optional?: boolean }): Protected<Env>;
  /** Sends the person to the provider. `returnTo`: a path of this origin to come back to. */
  signIn(request: Request, params?: AuthorizationParams & { returnTo?: string }, env?: Env): Promise<Response>;
  /** The person is back, by GET or by `form_post`. `onProblem` answers a refusal; by default it is plain text: 400, 403 or 502. */
  callback(
    request: Request,
    env?: Env,
    options?: {
      onProblem?: (problem: OidcError) => Response;
      // biome-ignore lint/suspicious/noConfusingVoidType: it is what a callback without `return` gives
      onSignIn?: (session: Session) => void | Response | Promise<void | Response>;
    },
  ): Promise<Response>;
  session(request: Request, env?: Env): Promise<Session | null>;
  /** Adds to a response what has to be set: a session that was refreshed or used. */
  commit(session: Session, response: Response): Response;
  /** Ends the session here and at the provider. POST from this origin; GET is answered with 405. */
  signOut(request: Request, env?: Env): Promise<Response>;
  /** The provider ends sessions (OpenID Connect Back-Channel Logout 1.0). */
  backChannelLogout(request: Request, env?: Env): Promise<Response>;
  /** Passes a request of a signed-in page on to an API, with the access token in place of the cookie. */
  proxy(request: Request, upstream: string | URL, options?: { resource?: string; env?: Env }): Promise<Response>;
}
