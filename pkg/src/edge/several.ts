// The issuer of a token, if its form or its `iss` chooses. Loaded only if there are several issuers or opaque tokens.
import type { OidcError } from "oidc-wasm";
import type { Issuer } from "./issuer.js";
import { TOKEN } from "./refused.js";

/** The issuer in the token, before verification. */
export function issuerOf(
  token: string,
  issuers: [Issuer, ...Issuer[]],
  { JWT, OidcError: Problem, read }: { JWT: RegExp; OidcError: typeof OidcError; read: unknown },
): Issuer {
  const isJwt = JWT.test(token);
  const isOf = (one: Issuer) => (isJwt ? one.name === issuerIn(token) : one.introspects(token));
  const found = issuers[1] ? issuers.find(isOf) : issuers[0];
  // No issuer gets malformed credentials.
  if (!found || !(read || TOKEN.test(token)))
    throw new Problem("access_token.iss", { status: 401, error: "invalid_token" });
  return found;
}

/** The `iss` of a JWT. Null if unreadable. */
function issuerIn(token: string): unknown {
  try {
    return JSON.parse(atob(`${token.split(".")[1]}`.replace(/-/g, "+").replace(/_/g, "/"))).iss ?? null;
  } catch {
    return null;
  }
}
