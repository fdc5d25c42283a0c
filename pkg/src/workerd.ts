import { startNow } from "./engine/engine.js";
import module from "./generated/oidc_wasm.wasm";
import type { WasmSource } from "./types.js";

export * from "./api.js";

// A Worker may not compile bytes in a request; a module that is imported comes compiled.
startNow(module);

/** The engine is ready at import here; this resolves at once. */
export default function init(_source?: WasmSource | Promise<WasmSource>): Promise<void> {
  return Promise.resolve();
}
