import { only } from "./capabilities.js";
import type { DpopKey } from "./types.js";

/**
 * A key pair for `ClientConfig.dpop` (RFC 9449), for ES256, in oidc-wasm/full. Scripts cannot export its private key. IndexedDB can store it.
 *
 * @example
 * ```ts
 * const rp = await RelyingParty.discover("https://op.example", { clientId: "app", dpop: await createDpopKey() });
 * ```
 */
export const createDpopKey: () => Promise<DpopKey> = /* @__PURE__ */ only("createDpopKey");
