import { type Claims, type Login, OidcError, type RelyingParty } from "oidc-wasm";
import { readCookies } from "./cookies.js";
import { jarOf } from "./jar.js";
import type { EdgeLogin, LoginConfig, Session } from "./login_types.js";
import { createParty } from "./party.js";
import { isFromHere, isNavigation, placeOf, returnPath } from "./place.js";
import { CLAIMS, REFUSED, refusal, wrongConfig } from "./refusal.js";
import { open, seal } from "./seal.js";
import { createSessions, type Sessions } from "./sessions.js";
import type { ExecutionContextLike } from "./types.js";

/** Seconds that a login may take. */
const LOGIN = 600;
/** Logins under way in one browser. */
const MOST = 5;

/** What one configuration needs, made once. */
export interface Desk {
  config: LoginConfig;
  paths: { login: string; callback?: string; logout: string; backChannelLogout?: string };
  party(): Promise<RelyingParty>;
  sessions: Sessions;
}

/**
 * Signs people in at a server and keeps them signed in, with no storage: one sealed cookie for a login under way, one for the session.
 * A function of `env` is called once.
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
    async signIn(request, { returnTo = "/", ...params } = {}, env) {
      const { config, paths, party } = desk(env);
      // Images and scripts of other pages would push a login under way out of its five places.
      if (!isNavigation(request)) return text("Open this address in a browser.", 403);
      const place = placeOf(request, config);
      const jar = jarOf(config, place);
      const cookies = readCookies(request);
      const { scope = "openid", resource, cookieSecret } = config;
      const { redirectUri } = place;
      const keep = returnPath(returnTo, place, Object.values(paths));
      const wanted = { scope, ...(resource && { resource }), ...params, redirectUri, keep };
      const { url, state, transaction } = (await party()).authorizationRequest(wanted);
      const name = jar.loginName(state);
      // The provider's page posts from another site.
      const line = jar.line(LOGIN, wanted.responseMode === "form_post" ? "none" : "lax");
      const others = [...cookies.keys()].filter((one) => one.startsWith(jar.loginName("")));
      const dropped = others.slice(0, Math.max(0, others.length - MOST + 1)).map((one) => line(one));
      return redirect(url, [...dropped, line(name, await seal(transaction, name, cookieSecret, LOGIN))]);
    },

    async callback(request, env, { onProblem = refused, onSignIn } = {}) {
      const { config, party, sessions } = desk(env);
      const place = placeOf(request, config);
      const jar = jarOf(config, place);
      const answer = request.method === "POST" ? new URLSearchParams(await request.text()) : new URL(request.url);
      const { searchParams: fields } = answer instanceof URL ? answer : { searchParams: answer };
      const name = jar.loginName(fields.get("state") ?? "");
      const gone = jar.line(0)(name);
      const work = async () => {
        const transaction = await open<string>(readCookies(request).get(name), name, config.cookieSecret);
        const rp = await party();
        const options = config.fetch && { fetch: config.fetch };
        const done = await rp.callback(answer, transaction, options);
        if (config.userInfo && done.claims)
          done.claims = { ...(await rp.userInfo(done.tokens.access_token, done.claims.sub, options)), ...done.claims };
        const verdict = await judged(config, done, request);
        if (verdict instanceof Response) return withCookies(verdict, [gone]);
        if (!verdict && !done.claims) throw refusal(CLAIMS, 500, "");
        const session = await sessions.begin(done, verdict as Session["claims"] | undefined, request, place);
        const instead = await onSignIn?.(session);
        const back = place.origin + (done.kept || "/");
        const onward = instead ?? (config.cookie?.sameSite === "strict" ? page(back) : redirect(back));
        return withCookies(onward, [gone, ...sessions.linesOf(session)]);
      };
      return answered(work, (problem) => {
        // A forged answer does not end the login that it guesses at.
        const isForged = /^(transaction|http|redirect\.(?!oauth_error))/.test(problem.code);
        return withCookies(onProblem(problem), isForged ? [] : [gone]);
      });
    },

    async session(request, env) {
      const { config, sessions } = desk(env);
      return sessions.find(request, placeOf(request, config));
    },

    commit: (session, response) => withCookies(response, made?.sessions.linesOf(session) ?? []),

    async signOut(request, env) {
      if (request.method !== "POST") return text("Sign out by POST.", 405, { allow: "POST" });
      const place = placeOf(request, desk(env).config);
      if (!isFromHere(request, place)) return foreign();
      const { endSession } = await import("./logout.js");
      const { address, lines } = await endSession(desk(env), request, place);
      return redirect(address, lines);
    },

    async backChannelLogout(request, env) {
      const { logoutToken } = await import("./logout.js");
      return logoutToken(desk(env), request);
    },

    async proxy(request, upstream, { resource, env } = {}) {
      const { config } = desk(env);
      if (!isSafe(request) && !isFromHere(request, placeOf(request, config))) return foreign();
      const session = await login.session(request, env);
      const token = await session?.accessToken?.(resource === undefined ? {} : { resource }).catch(expired);
      if (!session || token === undefined) return unauthorized();
      const { proxied } = await import("./proxy.js");
      return login.commit(session, await proxied(request, upstream, token, config.fetch));
    },

    protect:
      (
        handler: (request: Request, session: Session, env: Env, context: ExecutionContextLike) => unknown,
        { optional }: { optional?: boolean } = {},
      ) =>
      async (request: Request, env?: Env, context: ExecutionContextLike = { waitUntil: () => {} }) => {
        const ask = () => {
          if (request.method !== "GET" || !isNavigation(request)) return unauthorized();
          return login.signIn(request, { returnTo: placeOf(request, desk(env).config).path }, env);
        };
        const found = await answered(async () => {
          const { config, paths } = desk(env);
          const place = placeOf(request, config);
          const { pathname, searchParams } = new URL(request.url);
          if (pathname === paths.login)
            return login.signIn(request, { returnTo: searchParams.get("returnTo") ?? "/" }, env);
          if (pathname === new URL(place.redirectUri).pathname) return login.callback(request, env);
          if (pathname === paths.logout) return login.signOut(request, env);
          if (pathname === paths.backChannelLogout) return login.backChannelLogout(request, env);
          if (!isSafe(request) && !isFromHere(request, place)) return foreign();
          return (await login.session(request, env)) ?? (optional ? null : ask());
        }, refused);
        if (found instanceof Response) return found;
        try {
          const response = (await handler(request, found as Session, env as Env, context)) as Response;
          return found ? login.commit(found, response) : withCookies(response, []);
        } catch (problem) {
          await expired(problem);
          return answered(async () => ask(), refused);
        }
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
    trustProxy,
    postLogoutRedirectUri,
    onSignIn,
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
  } = config;
  const secrets = [cookieSecret].flat();
  if (!secrets.length || secrets.some((secret) => typeof secret !== "string" || secret.length < 32))
    throw wrongConfig("cookieSecret", "32 random bytes as base64, or a list of such texts");
  if (refresh === "always" && !grace && !(lock && store))
    throw wrongConfig("lock", "a lock beside a store, or `grace`, where `refresh` is always");
  if (paths?.backChannelLogout && !store?.deleteBy) throw wrongConfig("store", "a store with deleteBy");
  const party = createParty(
    { ...(issuer && { issuer }), ...(provider && { provider }), ...(fetch && { fetch }) },
    client,
  );
  return {
    config,
    paths: { login: "/login", logout: "/logout", ...paths },
    party,
    sessions: createSessions(config, party),
  };
}

/** The answer to a refusal, where something is refused. A mistake of the application's own is thrown. */
async function answered<T>(work: () => Promise<T>, onProblem: (problem: OidcError) => Response): Promise<T | Response> {
  try {
    return await work();
  } catch (problem) {
    if (!(problem instanceof OidcError) || /^(argument|request)\./.test(problem.code)) throw problem;
    return onProblem(problem);
  }
}

/** What `onSignIn` says. Whatever it throws refuses the person. */
async function judged(
  { onSignIn }: LoginConfig,
  login: Login,
  request: Request,
): Promise<Response | Claims | undefined> {
  try {
    return (await onSignIn?.(login, request)) ?? undefined;
  } catch (cause) {
    throw new OidcError(REFUSED, { status: 403 }, { cause });
  }
}

/** A token that is over sends people to sign in; anything else is the caller's to know. */
async function expired(problem: unknown): Promise<undefined> {
  if (!(problem instanceof OidcError && problem.code === "session.expired")) throw problem;
}

const isSafe = ({ method }: Request) => /^(GET|HEAD|OPTIONS)$/.test(method);

// ── answers ──

const PRIVATE = { "cache-control": "private, no-store" };

const text = (body: string, status: number, more = {}) =>
  new Response(body, { status, headers: { ...PRIVATE, "content-type": "text/plain", ...more } });

const foreign = () => text("The request comes from another origin.", 403);

const unauthorized = () => Response.json({ error: "login_required" }, { status: 401, headers: PRIVATE });

const redirect = (location: string, lines: string[] = []) =>
  withCookies(new Response(null, { status: 303, headers: { location } }), lines);

/** A strict cookie does not come with a redirect from elsewhere: this page navigates on, from here. */
function page(location: string): Response {
  const address = location.replace(/&/g, "&amp;").replace(/"/g, "&quot;");
  const headers = { "content-type": "text/html", "content-security-policy": "default-src 'none'" };
  return new Response(`<!doctype html><title>…</title><meta http-equiv="refresh" content="0;url=${address}">`, {
    headers,
  });
}

/** What is told of a login that failed: the code, and nothing of the request. */
function refused({ code, error, status }: OidcError): Response {
  const isOfProvider = /^(http|discovery|jwks|token\.(status|content_type))/.test(code);
  const known = error === "access_denied" ? 403 : isOfProvider ? 502 : code.startsWith("session") ? status : 400;
  return text(`Signing in failed: ${code}`, known ?? 400);
}

/** Adds cookies, and keeps caches away: the answer is one person's. */
function withCookies(response: Response, lines: string[]): Response {
  let answer = response;
  try {
    answer.headers.set("cache-control", PRIVATE["cache-control"]);
  } catch {
    // Its headers are another server's.
    answer = new Response(response.body, response);
    answer.headers.set("cache-control", PRIVATE["cache-control"]);
  }
  for (const line of lines) answer.headers.append("set-cookie", line);
  return answer;
}
