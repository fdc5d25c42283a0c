// The redirect to the provider, and its response. Loaded with the first login.
import type { AuthorizationParams, CallOptions, Login, OidcError } from "oidc-wasm";
import { formOf } from "./form.js";
import type { Desk } from "./login.js";
import type { EdgeLogin, LoginConfig, Session } from "./login_types.js";
import { demandOptions } from "./options.js";
import type { Place } from "./place.js";
import type { Kept } from "./sessions.js";

/** Seconds that a login may take. */
const LOGIN = 600;
/** The limit of started logins in one browser. */
const MOST = 5;

const REFUSED = "session.refused|oidc-wasm|onSignIn refused the person.";
const CLAIMS = "session.claims|oidc-wasm|There is no ID token, so onSignIn must give the claims.";

const optionsOf = ({ fetch }: LoginConfig): CallOptions | undefined => fetch && { fetch };

/** Sends the person to the provider, and encrypts the transaction. */
export async function signIn(
  { config, paths, party, placeOf, jarOf, readCookies, seal, isNavigation, isRefusal, redirect, text, OidcError }: Desk,
  request: Request,
  { returnTo, ...params }: AuthorizationParams & { returnTo?: string } = {},
): Promise<Response> {
  // Images and scripts of other pages would displace one of the five started logins.
  if (!isNavigation(request)) return text("Open this address in a browser.", 403);
  const place = placeOf(request, config);
  demandOptions(config, place, OidcError);
  const jar = jarOf(config, place);
  const cookies = readCookies(request);
  const { scope = "openid", resource, cookieSecret } = config;
  const { redirectUri } = place;
  const demand = (argument: string, isRight: boolean, expected: string) => {
    if (!isRight) throw new OidcError("argument", { argument, expected });
  };
  // A parameter that the request lacks is null.
  demand("returnTo", typeof (returnTo ?? "") === "string", "a path");
  const keep = returnPath(returnTo ?? "/", place, Object.values(paths));
  const wanted = { scope, ...(resource && { resource }), ...params, redirectUri, keep };
  const isSigned = config.profile === "fapi2-message-signing";
  const { responseMode: mode = isSigned ? "jwt" : "", responseType: type = "" } = wanted;
  // No server gets a fragment, and a signed response hides the state that names the cookie.
  const isReadable = mode ? /^(query|form_post)$/.test(mode) : !/token/.test(type);
  demand("responseMode", isReadable, "query or form_post");
  const rp = await party();
  // In oidc-wasm/full it also pushes and signs the request (RFC 9126, RFC 9101).
  const { url, state, transaction } = await rp.authorize(wanted, optionsOf(config)).catch((problem) => {
    if (isRefusal(problem) && problem.code === "build.full") return rp.authorizationRequest(wanted);
    throw problem;
  });
  const name = jar.loginName(state);
  const [first = ""] = [wanted.resource ?? []].flat();
  // The provider's page posts from another site.
  const line = jar.line(LOGIN, mode === "form_post" ? "none" : "lax");
  const others = [...cookies.keys()].filter((one) => one.startsWith(jar.loginName("")));
  const dropped = others.slice(0, Math.max(0, others.length - MOST + 1)).map((one) => line(one));
  return redirect(url, [...dropped, line(name, await seal([transaction, first], name, cookieSecret, LOGIN))]);
}

/** Reads the provider's response, and starts the session. */
export async function callback(
  desk: Desk,
  request: Request,
  {
    onProblem = (problem) => refused(desk, problem, request),
    onSignIn,
  }: NonNullable<Parameters<EdgeLogin["callback"]>[2]> = {},
): Promise<Response> {
  const { config, party, sessions, withCookies } = desk;
  const place = desk.placeOf(request, config);
  demandOptions(config, place, desk.OidcError);
  const jar = desk.jarOf(config, place);
  const answer = request.method === "POST" ? await formOf(request) : new URL(request.url);
  const { searchParams: fields } = answer instanceof URL ? answer : { searchParams: answer };
  const name = jar.loginName(fields.get("state") ?? "");
  const gone = jar.line(0)(name);
  const work = async () => {
    const started = await desk.open<string[]>(desk.readCookies(request).get(name), name, config.cookieSecret);
    // A login of an earlier version has the transaction alone.
    const [transaction, resource] = [started].flat();
    const rp = await party();
    const options = optionsOf(config);
    // Userinfo may reject the token of a resource, which a session without tokens does not need.
    const wanted = config.keep === "tokens" ? resource || undefined : config.userInfo ? [] : undefined;
    const done = await rp.callback(answer, transaction, { ...options, resource: wanted });
    if (config.userInfo && done.claims)
      done.claims = { ...(await rp.userInfo(done.tokens, done.claims.sub, options)), ...done.claims };
    const verdict = await judged(desk, done, request);
    if (isResponse(verdict)) return withCookies(verdict, [gone]);
    demandVerdict(desk, verdict, typeof verdict === "object" && !Array.isArray(verdict));
    if (!verdict && !done.claims) throw desk.refusal(CLAIMS, 500, null);
    const session = await begin(desk, done, resource, verdict as Session["claims"] | undefined, request, place);
    const instead: unknown = (await onSignIn?.(session)) ?? undefined;
    demandVerdict(desk, instead, isResponse(instead));
    const back = place.origin + (done.kept || "/");
    const onward = instead ?? (config.cookie?.sameSite === "strict" ? newNavigation(back) : desk.redirect(back));
    return withCookies(onward as Response, [gone, ...sessions.linesOf(session)]);
  };
  return desk.answered(work, async (problem) => {
    // A forged response must not end the real login.
    const isForged = /^(transaction|http|redirect\.(?!oauth_error))/.test(problem.code);
    return withCookies(await onProblem(problem), isForged ? [] : [gone]);
  });
}

/** Starts a session, in place of this browser's previous one. */
async function begin(
  { config, sessions }: Desk,
  login: Login,
  resource: string | undefined,
  own: Session["claims"] | undefined,
  request: Request,
  place: Place,
): Promise<Session> {
  const { store, keep = "claims", maxAge = 28_800 } = config;
  const { picked } = sessions;
  const { key, kept: before, ...rest } = await sessions.load(request, place);
  const kept = { until: Date.now() / 1000 + maxAge, resource, claims: login.claims && picked(login.claims) } as Kept;
  if (keep !== "claims") kept.idToken = login.tokens.id_token;
  if (keep === "tokens") (await sessions.tokenPart()).take(kept, "", login);
  if (own)
    Object.assign(kept, { claims: own, isOwn: true, previous: store || keep === "tokens" ? kept.claims : undefined });
  const state = { ...rest, kept };
  await sessions.write(state);
  // The previous session ends, and its key with it: last, so that a failing store ends none.
  if (key && before) await store?.delete(key);
  return sessions.sessionOf(state);
}

/** The answer to a failed login: the code, and no part of the request. A person gets a page with a way on. */
export function refused({ config, isNavigation, text }: Desk, problem: OidcError, request: Request): Response {
  config.onRefused?.(problem, request);
  const { code, error, status } = problem;
  const isOurs = code.startsWith("session");
  const isOfProvider = Number(status) >= 500 || /^(http|discovery|jwks|(token|par)\.(status|content_type))/.test(code);
  const known = error === "access_denied" ? 403 : isOurs ? status : isOfProvider ? 502 : 400;
  const line = `Signing in failed: ${code}`;
  return isNavigation(request)
    ? page(line, `<p>${escaped(line)}</p><p><a href="/">Back to the start page</a></p>`, known)
    : text(line, known ?? 400);
}

/** The result of `onSignIn`. Any exception rejects the person. */
async function judged({ config, OidcError }: Desk, login: Login, request: Request): Promise<unknown> {
  try {
    return (await config.onSignIn?.(login, request)) ?? undefined;
  } catch (cause) {
    throw new OidcError(REFUSED, { status: 403 }, { cause });
  }
}

/** A Response of any class: some servers replace the global one. */
const isResponse = (given: unknown): given is Response =>
  given instanceof Response || Object.prototype.toString.call(given) === "[object Response]";

/** Another result of `onSignIn`, such as false, may mean a rejection. So nobody is signed in. */
function demandVerdict({ OidcError }: Desk, verdict: unknown, isRight: boolean): void {
  if (verdict !== undefined && !isRight)
    throw new OidcError("argument", { argument: "onSignIn", expected: "a function with such a result" });
}

/** A path of this origin to visit after the login: at most 1 KiB, and not a login path. */
function returnPath(returnTo: string, { origin, redirectUri }: Place, paths: (string | undefined)[]): string {
  const { origin: own, pathname, search, hash } = new URL(URL.canParse(returnTo, origin) ? returnTo : "/", origin);
  const path = pathname + search + hash;
  // A blob: URL has an origin too. Its path is a URL.
  const isOurs = own === origin && path.startsWith("/") && path.length <= 1024;
  return isOurs && ![...paths, new URL(redirectUri).pathname].includes(pathname) ? path : "/";
}

/** A redirect from another site carries no strict cookie, so this page starts a new navigation. */
const newNavigation = (location: string): Response =>
  page("…", `<meta http-equiv="refresh" content="0;url=${escaped(location)}">`, 200);

const escaped = (text: string) => text.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;");

/** A page without scripts and styles. */
function page(title: string, content: string, status = 400): Response {
  const head = `<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">`;
  const headers = {
    "cache-control": "private, no-store",
    "content-type": "text/html;charset=utf-8",
    "content-security-policy": "default-src 'none'",
  };
  return new Response(`<!doctype html><html lang="en">${head}<title>${escaped(title)}</title>${content}</html>`, {
    status,
    headers,
  });
}
