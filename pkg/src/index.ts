import { start } from "./engine.js";
import { wasm } from "./generated/wasm_inline.js";
import type { WasmSource } from "./types.js";

export * from "./api.js";

/**
 * Instantiates the engine, once; awaiting it again is free. Without a source the module that the package carries is used.
 * Calling anything else before it is done throws `not_initialized`. Throws `init.failed` with the cause, for example where a
 * Content-Security-Policy lacks `'wasm-unsafe-eval'`; then it may be tried again.
 *
 * @example
 * ```ts
 * import init, { RelyingParty } from "oidc-wasm";
 * await init();
 * const rp = await RelyingParty.discover("https://op.example", { clientId: "app", redirectUri: "https://app.example/cb" });
 * ```
 */
export default function init(source?: WasmSource | Promise<WasmSource>): Promise<void> {
  return start(() => (source === undefined ? inlined() : source));
}

/** A response, so that the module is compiled while it is unpacked. */
function inlined(): Response {
  const packed = Uint8Array.from(atob(wasm), (character) => character.charCodeAt(0));
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(unpacked, { headers: { "content-type": "application/wasm" } });
}
