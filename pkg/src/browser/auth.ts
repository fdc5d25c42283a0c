import { isPage, PageSession, sessions } from "./page.js";
import { wrongArgument } from "./problem.js";
import type { Auth, BrowserConfig } from "./types.js";

/**
 * One session manager for one client at one provider. Before the first call it uses no network, no WebAssembly and no
 * storage. So a module may create it, and a server may import it for rendering. Two calls with the same issuer and
 * client share one session. If their other options differ, the call throws `argument.config`.
 *
 * @example
 * ```ts
 * export const auth = createAuth({ issuer: "https://op.example", clientId: "app", redirectUri: `${location.origin}/cb` });
 * await auth.handleRedirect(); // on every page load, before the router starts
 * const { status, user } = auth.snapshot();
 * ```
 */
export function createAuth(config: BrowserConfig): Auth;
export function createAuth(given: BrowserConfig): Auth {
  const config = given ?? {};
  const name = `oidc-wasm ${config.issuer ?? config.provider?.issuer} ${config.clientId}`;
  const known = sessions.get(name);
  if (known) {
    if (!isEqual(known.config, config))
      throw wrongArgument("config", "the options of the first call with this issuer and clientId");
    return known.auth;
  }
  const page = new PageSession(name, config);
  // A server may create one per request, so it stores none.
  if (isPage) sessions.set(name, page);
  return page.auth;
}

/** Compares plain data by content, all other options by identity. */
const isEqual = (one: BrowserConfig, other: BrowserConfig): boolean =>
  (Object.keys({ ...one, ...other }) as (keyof BrowserConfig)[]).every(
    (name) =>
      one[name] === other[name] ||
      (!/^(storage|worker|host)$/.test(name) && JSON.stringify(one[name]) === JSON.stringify(other[name])),
  );
