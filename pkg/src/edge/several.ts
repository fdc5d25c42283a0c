// The issuer of a token and its kind, if there are several issuers or opaque tokens.
import type { OidcError } from "oidc-wasm";
import type { Issuer } from "./issuer.js";

/** RFC 7515 §7.1 */
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
/** RFC 6750 §2.1: `b64token`. */
export const TOKEN = /^[\w.~+/-]+=*$/;

/** The issuer in the token, before verification, and true for a token that needs introspection. */
export function issuerOf(
  token: string,
  issuers: [Issuer, ...Issuer[]],
  { OidcError: Problem, read }: { OidcError: typeof OidcError; read: unknown },
): [Issuer, boolean] {
  const [{ config: first }] = issuers;
  // A later one would have no effect, although it looks like a demand for a proof.
  for (const { config } of issuers)
    for (const argument of ["token", "dpop", "certificate"] as const)
      if ((config[argument] ?? first[argument]) !== first[argument])
        throw new Problem("argument", { argument, expected: "an option of the first configuration" });
  // A token from elsewhere has no proof, and so is a bearer token.
  if (read === true && first.dpop?.required)
    throw new Problem("access_token.cnf", { status: 401, error: "invalid_token" });
  const isJwt = JWT.test(token);
  const introspects = ({ config: { tokens } }: Issuer) => tokens === "opaque" || (tokens === "either" && !isJwt);
  const nameOf = ({ config, name }: Issuer) => config.tokenIssuer ?? name;
  const isOf = (one: Issuer) => (isJwt ? nameOf(one) === issuerIn(token) : introspects(one));
  const found = issuers[1] ? issuers.find(isOf) : issuers[0];
  // No issuer gets malformed credentials.
  if (!found || !(read || TOKEN.test(token)))
    throw new Problem("access_token.iss", { status: 401, error: "invalid_token" });
  return [found, introspects(found)];
}

/** The `iss` of a JWT. Null if unreadable. */
function issuerIn(token: string): unknown {
  try {
    return JSON.parse(atob(`${token.split(".")[1]}`.replace(/-/g, "+").replace(/_/g, "/"))).iss ?? null;
  } catch {
    return null;
  }
}
