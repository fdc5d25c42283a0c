import type { LoginConfig } from "./login_types.js";
import { ORIGIN, refusal, wrongConfig } from "./problem.js";

export const ORIGINS_EXPECTED = "origins, such as https://app.example, or `redirectUri`";

/** The address of this server, as the person's browser sees it. */
export interface Place {
  origin: string;
  redirectUri: string;
}

/**
 * Its origin is a configured one. Only Workers may use the request's origin, because routing checks it. Elsewhere the
 * client chooses the Host header, and so could choose the redirect URI.
 */
export function placeOf(request: Request, config: LoginConfig): Place {
  const url = new URL(request.url);
  const { redirectUri, origins, trustProxy = 0, paths } = config;
  // Each proxy appends its view. The outermost trusted one names the browser's address.
  const forwarded = (name: string) => trustProxy && request.headers.get(name)?.split(",").at(-trustProxy)?.trim();
  const host = forwarded("x-forwarded-host") || url.host;
  let origin = redirectUri && new URL(redirectUri).origin;
  // A proxy may write the host with capitals, or with the scheme's own port.
  const isOf = (origin: string) => URL.canParse(`//${host}`, origin) && new URL(`//${host}`, origin).origin === origin;
  if (origins) origin = origins.find(isOf);
  else if (!origin) {
    if (globalThis.navigator?.userAgent !== "Cloudflare-Workers") throw wrongConfig("origins", ORIGINS_EXPECTED);
    origin = `${forwarded("x-forwarded-proto") || url.protocol.slice(0, -1)}://${host}`;
  }
  if (!origin) throw refusal(ORIGIN, 400, null);
  const callback = paths?.callback ?? (redirectUri ? new URL(redirectUri).pathname : "/callback");
  return {
    origin,
    // A path without a slash would be a part of the host. The sign-in refuses it.
    redirectUri: redirectUri && !origins ? redirectUri : origin + `/${callback}`.replace("//", "/"),
  };
}

/**
 * Does another origin request a change, or a WebSocket, which pages of any origin can use (RFC 6455 §10.2)? Other origins of the
 * same site are foreign too (W3C Fetch Metadata).
 */
export function isForeign({ method, headers }: Request, { origin }: Place): boolean {
  const site = headers.get("sec-fetch-site");
  const isFromHere = site ? /^(same-origin|none)$/.test(site) : headers.get("origin") === origin;
  return !(isFromHere || /^(GET|HEAD|OPTIONS) (?!websocket)/i.test(`${method} ${headers.get("upgrade")}`));
}

/** Is it a navigation of a whole page? Parts of a page, scripts and prefetches are not. */
export function isNavigation({ headers }: Request): boolean {
  const dest = headers.get("sec-fetch-dest");
  if (headers.has("sec-purpose")) return false;
  return dest ? dest === "document" : /text\/html/.test(headers.get("accept") ?? "");
}
