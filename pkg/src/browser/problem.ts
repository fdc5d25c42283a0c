import { OidcError } from "oidc-wasm/login";

// Rules of this entry in the form of the engine's table: code, section and sentence.
export const NONE = "session.none|oidc-wasm|Nobody is signed in here. Call signIn().";
export const EXPIRED = "session.expired|RFC 6749 §5.2|The session is over, and nothing can renew it. Call signIn().";
export const STORAGE =
  "session.storage|oidc-wasm|The storage refused the session or the login, or did not answer. It is full, or a setting blocks it.";

/** An error for one of these rules. */
export const problem = (rule: string, cause?: unknown): OidcError => new OidcError(rule, {}, { cause });

/** A wrong argument, with its name in the call. Without `expected` it is unknown. */
export const wrongArgument = (argument: string, expected?: string | undefined): OidcError =>
  new OidcError("argument", { argument, expected });

/** An error that does not end the session: of the network, of a failing provider, or of storage. */
export const isRecoverable = ({ code, status = 0 }: OidcError): boolean =>
  /^(http\.(failed|timeout|aborted)|session\.(storage|part))$/.test(code) || status >= 500 || status === 429;

/** Turns any exception into an error of this package. */
export const asProblem = (error: unknown): OidcError =>
  error instanceof OidcError ? error : new OidcError("http.failed", {}, { cause: error });
