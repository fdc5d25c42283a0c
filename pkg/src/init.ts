import { start } from "./engine/engine.js";
import { compile, instantiate } from "./engine/wasm.js";
import type { WasmSource } from "./types.js";

/**
 * Instantiates the engine, once; awaiting it again is free. Without a source the module that the package carries is used.
 * Calling anything else before it is done throws `not_initialized`; `RelyingParty.discover` awaits it by itself. In edge runtimes the
 * engine is ready at import. Throws `init.failed` with the cause, for example where a Content-Security-Policy lacks
 * `'wasm-unsafe-eval'`; then it may be tried again.
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
