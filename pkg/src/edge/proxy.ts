import type { TokenSet } from "oidc-wasm";
import type { Desk } from "./login.js";

/** Headers of this hop, of this origin, or with the person's secrets. The request has its own authorization and encoding. */
const DROPPED =
  /^(cookie|host|origin|referer|connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|content-length|proxy-.*|forwarded|x-forwarded-.*|x-real-ip|sec-.*|cf-.*)$/;
/** Headers that an API must not set on this origin. A decoded body has another length than its header says. */
const WITHHELD =
  /^(set-cookie2?|access-control-.*|connection|keep-alive|trailer|transfer-encoding|upgrade|proxy-.*|content-encoding|content-length|clear-site-data|strict-transport-security|alt-svc|nel|report-to|service-worker-allowed)$/;

/** Headers for the next hop: without those that `Connection` names (RFC 9110 §7.6.1). */
function without(headers: Headers, names: RegExp): Headers {
  const hop = `${headers.get("connection")}`.toLowerCase().split(/[\s,]+/);
  return new Headers([...headers].filter(([name]) => !(names.test(name) || hop.includes(name))));
}

/** Forwards a page's request to an API, with the access token instead of the cookie. It follows no redirect. */
export async function proxied(
  {
    config,
    party,
    sessions,
    placeOf,
    isForeign,
    foreign,
    expired,
    unauthorized,
    withCookies,
    text,
    isRefusal,
    OidcError,
  }: Desk,
  request: Request,
  upstream: string | URL,
  resource: string | undefined,
): Promise<Response> {
  if (!URL.canParse(upstream)) throw new OidcError("argument", { argument: "upstream", expected: "an absolute URL" });
  const address = new URL(upstream);
  const place = placeOf(request, config);
  if (isForeign(request, place)) return foreign();
  const session = await sessions.find(request, place);
  if (!session) return unauthorized();
  if (!session.accessToken) throw new OidcError("argument", { argument: "keep", expected: "tokens" });
  const token = await session.accessToken(resource === undefined ? {} : { resource }).catch(expired);
  if (token === undefined) return withCookies(unauthorized(), sessions.linesOf(session));
  const send = config.fetch ?? globalThis.fetch;
  // A token that is bound to a key needs a proof (RFC 9449 §7.1).
  const bound = { access_token: token, token_type: "DPoP" } as TokenSet;
  const proven = async (url: string, init: RequestInit) => (await party()).fetch(url, init, bound, { fetch: send });
  // Without a response, the cookies of a refresh would be lost.
  const reply = await sent(request, address.href, token, config.dpop ? proven : send).catch((cause) => {
    if (isRefusal(cause) && !cause.code.startsWith("http")) throw cause;
    const endpoint = address.origin + address.pathname;
    config.onRefused?.(isRefusal(cause) ? cause : new OidcError("http.failed", { endpoint }, { cause }), request);
    return text("The API gave no answer.", 502);
  });
  return withCookies(reply, sessions.linesOf(session));
}

/** The API's response, with the headers that a page may get. */
async function sent(
  request: Request,
  upstream: string,
  token: string,
  send: (url: string, init: RequestInit) => Promise<Response>,
): Promise<Response> {
  const headers = without(request.headers, DROPPED);
  headers.set("authorization", `Bearer ${token}`);
  headers.set("accept-encoding", "identity");
  const { method, body, signal } = request;
  const init = { method, headers, redirect: "manual", signal, ...(body && { body, duplex: "half" }) } as RequestInit;
  const reply = await send(upstream, init);
  // `Response` refuses a reason phrase that is not Latin, so the page gets none (RFC 9112 §4).
  return new Response(reply.body, { status: reply.status, headers: without(reply.headers, WITHHELD) });
}
