import { demandOptions } from "./options.js";
import type { Tools } from "./tools.js";
import type { BrowserConfig } from "./types.js";

/** Checks options and required features before the page leaves. */
export function demandAll(config: BrowserConfig, tools: Tools): void {
  demandOptions(config, tools);
  if (!crypto.subtle && config.insecureOrigin !== "tls-only") throw new tools.OidcError("crypto.unavailable");
}
