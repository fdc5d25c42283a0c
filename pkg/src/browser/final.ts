import type { OidcError } from "oidc-wasm/login";

/** An error that ends the session (RFC 6749 §5.2, OpenID Connect Core 1.0 §3.1.2.6, §12.2). */
export function isFinal({ code, error }: OidcError): boolean {
  const isRefusal = /^(invalid_grant|(login|interaction|consent|account_selection)_required)$/.test(error ?? "");
  return isRefusal || /^(id_token|jws)\./.test(code);
}
