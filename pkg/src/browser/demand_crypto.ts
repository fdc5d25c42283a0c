import type { Tools } from "./tools.js";
import type { BrowserConfig } from "./types.js";

/** Checks for required features before the page leaves. */
export function demandCrypto({ insecureOrigin }: BrowserConfig, { OidcError }: Tools): void {
  if (!crypto.subtle && insecureOrigin !== "tls-only") throw new OidcError("crypto.unavailable");
}
