import type { OidcError, RelyingParty } from "oidc-wasm";
import type { EdgeLogin, LoginConfig, Session } from "./login_types.js";
import { createParty } from "./party.js";
import { isForeign, isNavigation, ORIGINS_EXPECTED, placeOf } from "./place.js";
import { wrongConfig } from "./problem.js";
import { secretsOf } from "./seal.js";
import { createSessions, type Sessions } from "./sessions.js";
import { isRefusal, type Tools, tools } from "./tools.js";
import type { ExecutionContextLike } from "./types.js";

/** The shared parts of one configuration, created once. */
export interface Desk extends Tools {
  config: LoginConfig;
  paths: { login: string; callback?: string; logout: string; backChannelLogout?: string };
  party(): RelyingParty | Promise<RelyingParty>;
  sessions: Sessions;
  answered: typeof answered;
  expired: typeof expired;
  foreign: typeof foreign;
  text: typeof text;
  unauthorized: typeof unauthorized;
  redirect: typeof redirect;
  withCookies: typeof withCookies;
}

/**
 * Signs people in at a server and keeps them signed in, without storage: one encrypted cookie for a started login, one for the session.
 * A configuration function is called once.
 *
 * @example
 * ```ts
 * const login = createLogin({ issuer: "https://op.example", clientId: "app", cookieSecret });
 * export default { fetch: login.protect(async (request, session) => new Response(`Hello, ${session.claims.sub}`)) };
 * // It answers /login, /callback and POST /logout too.
 * ```
 */
export function createLogin<Env = unknown>(config: LoginConfig | ((env: Env) => LoginConfig)): EdgeLogin<Env> {
  let made = typeof config === "function" ? undefined : createDesk(config);
  const desk = (env: Env | undefined) => {
    made ??= createDesk((config as (env: Env) => LoginConfig)(env as Env));
    return made;
  };

  const login: EdgeLogin<Env> = {
    async signIn(request, params, env) {
      return (await signing()).signIn(desk(env), request, params);
    },

    async callback(request, env, options) {
      return (await signing()).callback(desk(env), request, options);
    },

    async session(request, env) {
      const { config, sessions } = desk(env);
      return sessions.find(request, placeOf(request, config));
    },

    commit: (session, response) => withCookies(response, made?.sessions.linesOf(session) ?? []),

    async signOut(request, env) {
      return (await import("./logout.js")).endSession(desk(env), request);
    },

    async backChannelLogout(request, env) {
      return (await import("./logout.js")).logoutToken(desk(env), request);
    },

    async proxy(request, upstream, { resource, env } = {}) {
      return (await import("./proxy.js")).proxied(desk(env), request, upstream, resource);
    },

    protect: (
      handler: (request: Request, session: Session, env: Env, context: ExecutionContextLike) => unknown,
      { optional, ...unknown }: { optional?: boolean } = {},
    ) => {
      for (const argument of Object.keys(unknown)) throw wrongConfig(argument, "only `optional`");
      return async (request: Request, env?: Env, context: ExecutionContextLike = { waitUntil: () => {} }) => {
        const { pathname, search, searchParams } = new URL(request.url);
        const ask = (problem?: unknown) => {
          if (request.method !== "GET" || !isNavigation(request)) return unauthorized();
          // A session of a moment ago lacks the token. Another login would lead here again, without an end.
          if (problem && session && isNew(session, desk(env).config)) throw problem;
          // Two slashes at the start would name a host.
          return login.signIn(request, { returnTo: `/.${pathname}${search}` }, env);
        };
        const refuse = async (problem: OidcError) => (await signing()).refused(desk(env), problem, request);
        // Only a session opens the page. Some servers replace the global `Response`, so its class decides nothing.
        let session = undefined as Session | undefined;
        const answer = await answered(async () => {
          const { config, paths } = desk(env);
          const place = placeOf(request, config);
          if (pathname === paths.login)
            return login.signIn(request, { returnTo: searchParams.get("returnTo") ?? "/" }, env);
          if (pathname === new URL(place.redirectUri).pathname) return login.callback(request, env);
          if (pathname === paths.logout) return login.signOut(request, env);
          if (pathname === paths.backChannelLogout) return login.backChannelLogout(request, env);
          if (isForeign(request, place)) return foreign();
          const finding = login.session(request, env);
          // If the client leaves, a Worker would stop a refresh, although the refresh token is used.
          context.waitUntil(finding.catch(() => {}));
          const found = await finding;
          if (!(found || optional)) return ask();
          session = found as Session;
          return undefined;
        }, refuse);
        if (session === undefined) return answer as Response;
        try {
          return login.commit(session, (await handler(request, session, env as Env, context)) as Response);
        } catch (problem) {
          await expired(problem);
          // The session may be in use, or have newer tokens.
          return answered(async () => login.commit(session as Session, await ask(problem)), refuse);
        }
      };
    },
  };
  return login;
}

function createDesk(config: LoginConfig): Desk {
  const {
    issuer,
    provider,
    cookieSecret,
    scope,
    resource,
    paths,
    origins,
    trustProxy = 0,
    postLogoutRedirectUri,
    onSignIn,
    onRefused,
    cookie,
    maxAge,
    idle,
    keep,
    claims,
    userInfo,
    store,
    refresh,
    grace,
    lock,
    fetch,
    ...client
    // A caller in JavaScript may pass nothing. Then the secret is missing.
  } = config ?? {};
  secretsOf(cookieSecret, "cookieSecret");
  // A sum with a string is a string, and a session of no time would ask for a login again and again.
  for (const [argument, given = 1] of Object.entries({ maxAge, idle }))
    if (!(Number.isFinite(given) && given > 0)) throw wrongConfig(argument, "a positive number");
  if (trustProxy >>> 0 !== trustProxy) throw wrongConfig("trustProxy", "a number of proxies");
  if (origins && !(origins.length && origins.every?.((one) => URL.canParse(one) && new URL(one).origin === one)))
    throw wrongConfig("origins", ORIGINS_EXPECTED);
  const { redirectUri } = client;
  if (redirectUri && !(/^http/.test(redirectUri) && URL.canParse(redirectUri)))
    throw wrongConfig("redirectUri", "an absolute URL");
  if (refresh === "always" && !grace && !(lock && store)) throw wrongConfig("lock", "a lock and a store, or `grace`");
  if (paths?.backChannelLogout && !store?.deleteBy) throw wrongConfig("store", "a store with deleteBy");
  // The host's function at the time of the call.
  const party = createParty(issuer, provider, client, (...given) => (fetch ?? globalThis.fetch)(...given));
  return {
    config,
    paths: { ...paths, login: paths?.login ?? "/login", logout: paths?.logout ?? "/logout" },
    party,
    sessions: createSessions(config, party),
    ...tools,
    answered,
    expired,
    foreign,
    text,
    unauthorized,
    redirect,
    withCookies,
  };
}

/** The response to an error. Rethrows an error of the application itself. */
async function answered<T>(
  work: () => Promise<T>,
  onProblem: (problem: OidcError) => Response | Promise<Response>,
): Promise<T | Response> {
  try {
    return await work();
  } catch (problem) {
    if (!isRefusal(problem) || /^(argument|request|build|profile)\./.test(problem.code)) throw problem;
    return onProblem(problem);
  }
}

const signing = () => import("./sign_in.js");

/** Did this session start in the last ten seconds? */
const isNew = ({ expiresAt }: Session, { maxAge = 28_800 }: LoginConfig) =>
  Math.abs(Date.now() / 1000 - expiresAt + maxAge) < 10;

/** An expired token leads to the login. Rethrows any other error. */
async function expired(problem: unknown): Promise<undefined> {
  if ((problem as OidcError | undefined)?.code !== "session.expired") throw problem;
}

// ── responses ──

const PRIVATE = { "cache-control": "private, no-store" };

const text = (body: string, status: number, more = {}) =>
  new Response(body, { status, headers: { ...PRIVATE, "content-type": "text/plain", ...more } });

const foreign = () => text("Another origin sent the request.", 403);

const unauthorized = () => Response.json({ error: "login_required" }, { status: 401, headers: PRIVATE });

const redirect = (location: string, lines: string[] = []) =>
  withCookies(new Response(null, { status: 303, headers: { location } }), lines);

/** Adds cookies and forbids caching, because the response is for one person. */
function withCookies(response: Response, lines: string[]): Response {
  const added = (answer: Response) => {
    // These have precedence over Cache-Control (RFC 9213 §2.2).
    for (const [name] of [...answer.headers])
      if (/cdn-cache-control|surrogate-control/.test(name)) answer.headers.delete(name);
    answer.headers.set("cache-control", PRIVATE["cache-control"]);
    for (const line of lines) answer.headers.append("set-cookie", line);
    return answer;
  };
  const copy = () => added(new Response(response.body, response));
  try {
    // The application may return one response to several people. That of an upgrade has no copy.
    return lines[0] && response.status !== 101 ? copy() : added(response);
  } catch {
    if (!response?.headers) throw wrongConfig("response", "a Response, as the handler's result");
    // Its headers belong to another server, so they are immutable.
    return copy();
  }
}
