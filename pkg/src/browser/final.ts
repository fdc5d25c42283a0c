import type { OidcError } from "oidc-wasm/login";

/** An error that ends the session (RFC 6749 §5.2, OpenID Connect Core 1.0 §3.1.2.6, §12.2). */
export function isFinal({ code, error }: OidcError): boolean {
  const refusals = ["invalid_grant", "login_required", "interaction_required", "consent_required"];
  return refusals.includes(error ?? "") || /^(id_token|jws)\./.test(code);
}
