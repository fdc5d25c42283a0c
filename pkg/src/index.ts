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

type Zlib = { inflateSync(packed: Uint8Array): BufferSource };
type Host = { process?: { getBuiltinModule?(name: "node:zlib"): Zlib } | null };

function inlined(): Response | Promise<WebAssembly.Module> {
  const packed = decoded(wasm);
  // Node and its like have it at hand, and would take three times as long as for all the rest to load `Response` and streams.
  try {
    const zlib = (globalThis as Host).process?.getBuiltinModule?.("node:zlib");
    if (zlib) return WebAssembly.compile(zlib.inflateSync(packed));
  } catch {} // A page's idea of a process.
  // A response, so that the module is compiled while it is unpacked.
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(unpacked, { headers: { "content-type": "application/wasm" } });
}

function decoded(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}
