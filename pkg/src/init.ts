import { compile } from "./engine/compile.js";
import { start } from "./engine/engine.js";
import { instantiate } from "./engine/wasm.js";
import type { WasmSource } from "./types.js";

/**
 * Instantiates the engine, once. Later calls cost nothing. Without a source it uses the package's own module. oidc-wasm/slim
 * has none, so it needs a source. Earlier calls of other functions throw `not_initialized`; `RelyingParty.discover` awaits it itself.
 * In edge runtimes the engine is ready at import. Throws `init.*` with the cause, for example if a Content-Security-Policy lacks
 * `'wasm-unsafe-eval'`. Then you may call it again.
 *
 * @example
 * ```ts
 * import init, { RelyingParty } from "oidc-wasm";
 * await init();
 * const rp = await RelyingParty.discover("https://op.example", { clientId: "app", redirectUri: "https://app.example/cb" });
 * ```
 */
export default function init(source?: WasmSource | Promise<WasmSource>): Promise<void> {
  return start(source === undefined ? undefined : async () => instantiate(await compile(source)));
}
