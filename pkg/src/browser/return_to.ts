import type { PageSession } from "./page.js";
import type { PageTools } from "./page_tools.js";

const LONGEST = 1024;

/** The path to visit after a login: of this origin, and not the redirect address. */
export function returnPath(
  returnTo: string,
  page: PageSession,
  { wrongArgument, isRedirectAddress }: PageTools,
): string {
  const here = page.location.href;
  const refused = wrongArgument(
    "returnTo",
    `a path of this origin, at most ${LONGEST} characters, not the redirect address`,
  );
  if (typeof returnTo !== "string" || !URL.canParse(returnTo, here)) throw refused;
  const url = new URL(returnTo, here);
  const path = url.pathname + url.search + url.hash;
  // The parser turns a path like "/.//evil" into another host's address.
  const isSame = url.origin === new URL(here).origin && new URL(path, here).href === url.href;
  if (!isSame || path.length > LONGEST || isRedirectAddress(url.href, page.config.redirectUri)) throw refused;
  return path;
}
