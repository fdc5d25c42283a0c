import { start } from "./engine/engine.js";
import { singles, size, wasm } from "./generated/wasm_inline.js";
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
  return start(() => (source === undefined ? WebAssembly.compile(inlined()) : source));
}

/** The module that the package carries as text: a common byte is one character, any other two. */
function inlined(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  const others = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !singles.includes(byte));
  const SINGLES = singles.length;
  // A character's place in printable ASCII without the quote and the backslash.
  const place = (at: number) => {
    const code = wasm.charCodeAt(at);
    return code - 32 - (code > 34 ? 1 : 0) - (code > 92 ? 1 : 0);
  };
  for (let at = 0, from = 0; at < size; at++) {
    const first = place(from++);
    bytes[at] = (first < SINGLES ? singles[first] : others[(first - SINGLES) * SINGLES + place(from++)]) ?? 0;
  }
  return bytes;
}
