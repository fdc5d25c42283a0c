import { OidcError } from "oidc-wasm";

// Rules of this entry, as the engine's table has them: code, section and sentence.
export const MISSING = "bearer.missing|RFC 6750 §3.1|The request has no bearer token.";
export const MALFORMED = "bearer.malformed|RFC 6750 §2.1|The Authorization header must have one bearer token.";
export const BOUND = "bearer.bound|RFC 9449 §7.2|The token is bound to a key, and nothing here proves it.";
export const CHECK = "bearer.check|RFC 6750 §3.1|The configured check refuses the token.";

/** A refusal by one of these rules or of the engine's, with the status and the OAuth error to answer with (RFC 6750 §3.1). */
export function refusal(rule: string, status = 401, error = "invalid_token", error_description?: string): OidcError {
  return new OidcError(rule, { status, error, ...(error_description && { error_description }) });
}
