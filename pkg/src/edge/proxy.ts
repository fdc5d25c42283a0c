import type { Desk } from "./login.js";
import type { Session } from "./login_types.js";

/** Headers of this hop (RFC 9110 §7.6.1), of this origin, or with the person's secrets. */
const DROPPED =
  /^(cookie|authorization|host|origin|referer|connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|content-length|proxy-.*|forwarded|x-forwarded-.*|x-real-ip|sec-.*|cf-.*|accept-encoding)$/;
/** Headers that an API must not set on this origin. A decoded body has another length than its header says. */
const WITHHELD =
  /^(set-cookie2?|access-control-.*|connection|keep-alive|trailer|transfer-encoding|upgrade|content-encoding|content-length|clear-site-data|strict-transport-security)$/;

const without = (headers: Headers, names: RegExp) => new Headers([...headers].filter(([name]) => !names.test(name)));

/**
 * Forwards a page's request to an API, with the access token instead of the cookie. It follows no redirect. Undefined
 * without a valid token.
 */
export async function proxied(
  { config, expired, OidcError }: Desk,
  session: Session,
  request: Request,
  upstream: string | URL,
  resource: string | undefined,
): Promise<Response | undefined> {
  if (!session.accessToken) throw new OidcError("argument", { argument: "keep", expected: "tokens" });
  const token = await session.accessToken(resource === undefined ? {} : { resource }).catch(expired);
  if (token === undefined) return undefined;
  const send = config.fetch ?? globalThis.fetch;
  const headers = without(request.headers, DROPPED);
  headers.set("authorization", `Bearer ${token}`);
  headers.set("accept-encoding", "identity");
  const { method, body } = request;
  const init = { method, headers, redirect: "manual", ...(body && { body, duplex: "half" }) } as RequestInit;
  const reply = await send(`${upstream}`, init);
  const { status, statusText } = reply;
  return new Response(reply.body, { status, statusText, headers: without(reply.headers, WITHHELD) });
}
