import { OidcError } from "./engine.js";

/** Rules of a session in a browser: code|section|sentence. */
const rules = [
  "session.none|oidc-wasm|Nobody is signed in here. Call signIn().",
  "session.expired|RFC 6749 §5.2|The session is over, and nothing can renew it. Call signIn().",
  "session.refresh_token|RFC 6749 §6|A token for another resource needs a refresh token, and the provider sent none.",
  "session.sealed|oidc-wasm|The worker keeps the tokens. Call fetch() of this session instead.",
  "session.storage|oidc-wasm|The browser refused to store the session or the login. Storage is full, or a setting blocks it.",
  "popup.blocked|oidc-wasm|The browser blocked the popup. Call signInPopup() from a click, or use signIn().",
  "popup.closed|oidc-wasm|The popup was closed before the login was done.",
  "popup.timeout|oidc-wasm|No answer came from the popup in time.",
] as const;

type Code = (typeof rules)[number] extends infer Rule ? (Rule extends `${infer Name}|${string}` ? Name : never) : never;

/** An error of this entry. */
export function problem(code: Code, cause?: unknown): OidcError {
  const rule = rules.find((one) => one.startsWith(`${code}|`)) ?? code;
  return new OidcError(rule, {}, { cause });
}

/** A wrong argument, named as in the call. */
export const wrongArgument = (argument: string, expected: string): OidcError =>
  new OidcError("argument", { argument, expected });

/** An error that the session survives: of the network, of a failing provider, or of storage. */
export function isRecoverable({ code, status = 0 }: OidcError): boolean {
  const known = ["http.failed", "http.timeout", "http.aborted", "session.storage"];
  return known.includes(code) || status >= 500 || status === 429;
}

/** An error that ends the session (RFC 6749 §5.2, OpenID Connect Core 1.0 §3.1.2.6, §12.2). */
export function isFinal({ code, error }: OidcError): boolean {
  const refusals = ["invalid_grant", "login_required", "interaction_required", "consent_required"];
  return refusals.includes(error ?? "") || /^(id_token|jws)\./.test(code);
}

/** What was thrown, as an error of this package. */
export const asProblem = (error: unknown): OidcError =>
  error instanceof OidcError ? error : new OidcError("http.failed", {}, { cause: error });
