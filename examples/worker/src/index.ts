import { OidcError, RelyingParty } from "oidc-wasm";
import { type Cookies, cookie, open, readCookies, seal } from "./cookies";

interface Env {
  ISSUER: string;
  CLIENT_ID: string;
  CLIENT_SECRET?: string;
  COOKIE_SECRET: string;
}

/** What is remembered of a person who has signed in. The ID token lets them sign out at the provider without being asked. */
interface Session {
  name: string;
  idToken: string;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const url = new URL(request.url);
    const cookies = readCookies(request);
    try {
      switch (`${request.method} ${url.pathname}`) {
        case "GET /":
          return await home(cookies, env);
        case "GET /login":
          return await login(url, env);
        case "GET /callback":
          return await callback(url, cookies, env);
        case "POST /logout":
          return await logout(url, cookies, env);
        default:
          return page("Not found", "<a href='/'>Home</a>", 404);
      }
    } catch (error) {
      if (error instanceof OidcError) return refusal(error);
      throw error;
    }
  },
};

async function home(cookies: Cookies, env: Env): Promise<Response> {
  const session = await open<Session>(cookies, "session", env.COOKIE_SECRET);
  return session
    ? page(
        `Hello, ${escapeHtml(session.name)}`,
        "<form method='post' action='/logout'><button>Sign out</button></form>",
      )
    : page("Hello", "<a href='/login'>Sign in</a>");
}

/** Sends the person to the provider. The transaction waits in a cookie that only this Worker can read. */
async function login(url: URL, env: Env): Promise<Response> {
  const rp = await relyingParty(url, env);
  const request = rp.authorizationRequest({ scope: "openid profile" });
  const transaction = await seal(request.transaction, loginCookie(request.state), env.COOKIE_SECRET, 10 * MINUTE);
  return redirect(request.url, cookie(url, loginCookie(request.state), transaction, 10 * MINUTE));
}

/** The person is back: `callback` judges the redirect, buys the tokens and checks the ID token. Then a session starts. */
async function callback(url: URL, cookies: Cookies, env: Env): Promise<Response> {
  const name = loginCookie(url.searchParams.get("state") ?? "");
  const transaction = await open<string>(cookies, name, env.COOKIE_SECRET);
  if (!transaction)
    return page("Please sign in again", "It took too long, or began elsewhere. <a href='/login'>Sign in</a>", 400);

  const rp = await relyingParty(url, env);
  const { claims, tokens } = await rp.callback(url, transaction);
  // `openid` was asked for, so there is an ID token with its claims; the name may be in userinfo only.
  const user = await rp.userInfo(tokens.access_token, claims!.sub);
  const session: Session = { name: String(user.name ?? user.sub), idToken: tokens.id_token! };
  const sealed = await seal(session, "session", env.COOKIE_SECRET, 8 * HOUR);
  return redirect("/", cookie(url, "session", sealed, 8 * HOUR), cookie(url, name, "", 0));
}

/** Ends the session here and then the one at the provider. */
async function logout(url: URL, cookies: Cookies, env: Env): Promise<Response> {
  const session = await open<Session>(cookies, "session", env.COOKIE_SECRET);
  const rp = await relyingParty(url, env);
  const end = session
    ? rp.endSessionUrl({ idTokenHint: session.idToken, postLogoutRedirectUri: new URL("/", url).href })
    : "/";
  return redirect(end, cookie(url, "session", "", 0));
}

/** One cookie for each login, so that two tabs don't disturb each other. */
const loginCookie = (state: string) => `login-${state}`;

const known = new Map<string, { rp: RelyingParty; until: number }>();

/**
 * One for each address this Worker has, with metadata at most an hour old. The finished party is kept for the next requests,
 * never the promise of it: in a Worker, one request may not wait for another one's.
 */
async function relyingParty({ origin }: URL, env: Env): Promise<RelyingParty> {
  const kept = known.get(origin);
  if (kept && Date.now() < kept.until) return kept.rp;
  const rp = await RelyingParty.discover(env.ISSUER, {
    clientId: env.CLIENT_ID,
    redirectUri: `${origin}/callback`,
    ...(env.CLIENT_SECRET && { auth: { method: "client_secret_basic", secret: env.CLIENT_SECRET } }),
  });
  known.set(origin, { rp, until: Date.now() + HOUR * 1000 });
  return rp;
}

/** `error` is what the provider said, such as `access_denied`; `code` is what was wrong, such as `redirect.state`. */
function refusal({ code, error, error_description }: OidcError): Response {
  if (error === "access_denied") return page("You are not signed in", "<a href='/login'>Sign in</a>", 403);
  const reason = error ? `${error}: ${error_description ?? ""}` : code;
  return page(
    "Signing in failed",
    `<p>${escapeHtml(reason)}</p><a href='/login'>Try again</a>`,
    code.startsWith("http.") ? 502 : 400,
  );
}

function redirect(location: string, ...cookies: string[]): Response {
  const headers = new Headers({ location, "cache-control": "no-store" });
  for (const line of cookies) headers.append("set-cookie", line);
  return new Response(null, { status: 303, headers });
}

function page(title: string, body: string, status = 200): Response {
  const headers = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  };
  return new Response(`<!doctype html><html lang="en"><title>${title}</title><h1>${title}</h1>${body}</html>`, {
    status,
    headers,
  });
}

const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
