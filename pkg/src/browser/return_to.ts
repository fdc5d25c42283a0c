import type { PageSession } from "./page.js";
import type { PageTools } from "./page_tools.js";

const LONGEST = 1024;

/** A response without its login has one of these. A `state` alone may be the application's own. */
export const RESPONSE = /[?#&](code|error|id_token|access_token)=/;

/** May a login return to this address? To the redirect URI only with a fragment, which names a page of a hash router. */
export function isForReturn(address: string, { config }: PageSession, { isRedirectAddress }: PageTools): boolean {
  return !isRedirectAddress(address, config.redirectUri) || (/#./.test(address) && !RESPONSE.test(address));
}

/** The path to visit after a login: of this origin, and not the redirect address. */
export function returnPath(returnTo: string, page: PageSession, tools: PageTools): string {
  const here = page.location.href;
  const refused = tools.wrongArgument(
    "returnTo",
    `a path of this origin, at most ${LONGEST} characters, not the redirect address`,
  );
  if (typeof returnTo !== "string" || !URL.canParse(returnTo, here)) throw refused;
  const url = new URL(returnTo, here);
  const path = url.pathname + url.search + url.hash;
  // False for another origin, and for a path like "/.//evil", which the parser turns into another host's address.
  const isSame = new URL(path, here).href === url.href;
  if (!isSame || path.length > LONGEST || !isForReturn(url.href, page, tools)) throw refused;
  return path;
}
