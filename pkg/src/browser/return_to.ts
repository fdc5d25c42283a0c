import { wrongArgument } from "./problem.js";

const LONGEST = 1024;

/** Is this address the redirect address, with any parameters? */
export function isRedirectAddress(address: string, redirectUri: string | undefined): boolean {
  const [{ origin, pathname }, own] = [
    new URL(address),
    redirectUri && URL.canParse(redirectUri) && new URL(redirectUri),
  ];
  return !!own && own.origin === origin && own.pathname === pathname;
}

/** The path to visit after a login: of this origin, and not the redirect address. */
export function returnPath(returnTo: string, here: string, redirectUri: string | undefined): string {
  const refused = wrongArgument(
    "returnTo",
    `a path of this origin, at most ${LONGEST} characters, not the redirect address`,
  );
  if (typeof returnTo !== "string" || !URL.canParse(returnTo, here)) throw refused;
  const url = new URL(returnTo, here);
  const path = url.pathname + url.search + url.hash;
  // The parser turns a path like "/.//evil" into another host's address.
  const isSame = url.origin === new URL(here).origin && new URL(path, here).href === url.href;
  if (!isSame || path.length > LONGEST || isRedirectAddress(url.href, redirectUri)) throw refused;
  return path;
}
