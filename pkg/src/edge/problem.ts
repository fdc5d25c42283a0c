import { OidcError } from "oidc-wasm";

// Rules of this entry in the form of the engine's table: code, section and sentence.
export const ORIGIN = "session.origin|oidc-wasm|The request is for none of `origins`.";
export const TOO_LARGE =
  "session.too_large|RFC 6265 §6.1|The session is too large for cookies. Keep less, or use a store.";

/** The error for a rule of this entry or of the engine. It has the response's status and OAuth error (RFC 6750 §3.1). */
export function refusal(
  rule: string,
  status = 401,
  error: string | null = "invalid_token",
  error_description?: string,
): OidcError {
  return new OidcError(rule, { status, error, error_description });
}

/** A wrong option of a configuration. */
export function wrongConfig(argument: string, expected: string): OidcError {
  return new OidcError("argument", { argument, expected });
}
