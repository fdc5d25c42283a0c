// The options of a login that first matter when somebody signs in. Loaded with the first login.
import type { OidcError } from "oidc-wasm";
import { demand, FLAG, FUNCTION, isFunction, isObject, isText, isTexts, type Kind, oneOf, shaped } from "./kinds.js";
import type { LoginConfig } from "./login_types.js";
import type { Place } from "./place.js";

/** A request's path has this form, so another one matches none. Only the callback may have a query. */
const isPath = ([name, path]: [string, unknown]) =>
  /^(login|callback|logout|backChannelLogout)$/.test(name) &&
  (path === undefined || (isText(path) && path.startsWith("/") && isWritten(name === "callback", path)));
const isWritten = (isCallback: boolean, path: string) => {
  const { pathname, search } = new URL(`https://app.example${path}`);
  return path === (isCallback ? pathname + search : pathname);
};

const OPTIONS: Record<string, Kind> = {
  keep: oneOf("claims", "id_token", "tokens"),
  refresh: oneOf("navigation", "always", false),
  userInfo: FLAG,
  claims: ["a list of names", isTexts],
  onSignIn: FUNCTION,
  onRefused: FUNCTION,
  lock: FUNCTION,
  fetch: FUNCTION,
  grace: ["a number of seconds", (given) => Number.isFinite(given) && Number(given) >= 0],
  postLogoutRedirectUri: ["an absolute URL", (given) => isText(given) && URL.canParse(given)],
  store: ["get, put and delete", (given) => ["get", "put", "delete"].every((name) => isFunction(Object(given)[name]))],
  // A callback without a slash would be a part of the host, and other pages would come here.
  paths: [
    "paths that start with /, as a request has them",
    (given) => isObject(given) && Object.entries(given).every(isPath),
  ],
  cookie: ["an object", isObject],
};

/** Members of `cookie`. Another character would end its value (RFC 6265 §4.1.1). */
const COOKIE: Record<string, Kind> = {
  name: shaped("a cookie's name", /^[\w!#$%&'*+.^`|~-]+$/),
  sameSite: oneOf("lax", "strict"),
  domain: shaped("a host", /^[\w.-]*$/),
  path: shaped("a path that starts with /", /^\/[!-:<-~]*$/),
};

export function demandOptions(config: LoginConfig, { redirectUri }: Place, Problem: typeof OidcError): void {
  demand(OPTIONS, config, Problem);
  const { cookie = {} } = config;
  // With a misspelt sameSite, other sites' links would carry the session.
  demand(COOKIE, cookie, Problem, true);
  const { name = "", domain, path = "/" } = cookie;
  const refuse = (argument: string, expected: string) => {
    throw new Problem("argument", { argument, expected });
  };
  // Browsers drop such a cookie (RFC 6265bis §4.1.3.2).
  if (/^__host-/i.test(name) && (domain || path !== "/")) refuse("name", "no __Host- beside a domain or a path");
  // Otherwise the browser sends them no cookie (RFC 6265 §5.1.4), and signing out would end no session.
  const needing = [new URL(redirectUri).pathname, config.paths?.logout ?? "/logout"];
  if (!needing.every((one) => `${one}/`.startsWith(path.replace(/\/?$/, "/"))))
    refuse("path", "a path above those of callback and logout");
}
