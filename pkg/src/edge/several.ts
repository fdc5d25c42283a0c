// Several issuers of one API. Loaded only if there are several.
import type { OidcError } from "oidc-wasm";
import type { Issuer } from "./issuer.js";

/** The issuer in the token, before verification. */
export function issuerOf(
  token: string,
  issuers: Issuer[],
  tools: { JWT: RegExp; OidcError: typeof OidcError },
): Issuer {
  const isJwt = tools.JWT.test(token);
  const found = issuers.find((one) => (isJwt ? one.name === issuerIn(token) : one.introspects(token)));
  if (!found) throw new tools.OidcError("access_token.iss", { status: 401, error: "invalid_token" });
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
