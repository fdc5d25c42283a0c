// Several issuers of one API. Loaded where there are.
import type { Issuer } from "./issuer.js";

/** The issuer that the token names. It is not verified yet. */
export const issuerOf = (token: string, issuers: Issuer[], JWT: RegExp): Issuer | undefined =>
  issuers.find((one) => (JWT.test(token) ? one.name === issuerIn(token) : one.introspects(token)));

/** The `iss` of a JWT. Null if unreadable. */
function issuerIn(token: string): unknown {
  try {
    return JSON.parse(atob(`${token.split(".")[1]}`.replace(/-/g, "+").replace(/_/g, "/"))).iss ?? null;
  } catch {
    return null;
  }
}
