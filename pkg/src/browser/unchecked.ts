// For pages without crypto.subtle. TLS of the token endpoint replaces the signature (OpenID Connect Core 1.0 §3.1.3.7 rule 6).
import type { RelyingParty } from "oidc-wasm/login";
import type { CallOptions, Grant, IdTokenClaims, IdTokenExpected, Login, Resource, Scope } from "../types.js";
import type { Tools } from "./tools.js";

type Options = CallOptions & { resource?: Resource | undefined; scope?: Scope };

export type Unchecked = ReturnType<typeof unchecked>;

/** Replaces the engine's own steps. */
export function unchecked({ OidcError }: Tools) {
  /** Stops a login whose token would travel unencrypted. */
  function demandTls({ provider }: RelyingParty): void {
    if (!/^https:/i.test(provider.token_endpoint ?? "")) throw new OidcError("crypto.unavailable");
  }

  async function callback(rp: RelyingParty, address: string, transaction: string, options: Options): Promise<Login> {
    const { code = "" } = rp.authorizationResponse(address, transaction);
    const { resource, ...net } = options;
    const grant: Grant = { type: "authorization_code", code, transaction, ...(resource && { resource }) };
    // If the request had openid, the engine rejects a response without an ID token.
    return (await bought(rp, grant, { transaction, code }, net)) as Login;
  }

  async function refresh(
    rp: RelyingParty,
    refreshToken: string,
    options: Options & { previous: IdTokenClaims },
  ): Promise<Login<"code", IdTokenClaims | undefined>> {
    const { resource, scope, previous, ...net } = options;
    const grant: Grant = {
      type: "refresh_token",
      refreshToken,
      ...(scope && { scope }),
      ...(resource && { resource }),
    };
    return bought(rp, grant, { previous, channel: "refresh" }, net);
  }

  async function bought(
    rp: RelyingParty,
    grant: Grant,
    expected: IdTokenExpected,
    net: CallOptions,
  ): Promise<Login<"code", IdTokenClaims | undefined>> {
    demandTls(rp);
    const tokens = await rp.grant(grant, net);
    if (tokens.id_token === undefined) return { tokens };
    const report = rp.checkIdToken(tokens.id_token, { ...expected, accessToken: tokens.access_token });
    const broken = report.checks.find(({ verdict }) => verdict === "fail");
    if (broken) throw new OidcError(broken.rule);
    return { tokens, claims: report.claims as IdTokenClaims, report };
  }

  return { demandTls, callback, refresh };
}
