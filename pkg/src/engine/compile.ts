import { wrongArgument } from "../error.js";
import type { WasmSource } from "../types.js";
import { kindOf } from "./frame.js";

/** A module from any source. */
export async function compile(given: WasmSource | Promise<WasmSource>): Promise<WebAssembly.Module> {
  const source = await given;
  const kind = kindOf(source);
  if (kind === "WebAssembly.Module") return source as WebAssembly.Module;
  if (kind === "String" || kind === "URL") return compile(fetch(source as string | URL));
  if (kind === "Response") return fetched(source as Response);
  if (/^(\w+Array|ArrayBuffer|SharedArrayBuffer|DataView)$/.test(kind)) return WebAssembly.compile(bytes(source));
  throw wrongArgument("source", "a module, its bytes, a response, or an address");
}

/** Node does not accept a DataView. */
const bytes = (source: WasmSource) =>
  source instanceof DataView
    ? new Uint8Array(source.buffer as ArrayBuffer, source.byteOffset, source.byteLength)
    : (source as BufferSource);

async function fetched(response: Response): Promise<WebAssembly.Module> {
  if (!response.ok) throw new Error(`the module's address answers ${response.status}`);
  // Compiles during the download, if the server sends the right media type.
  const isNamed = response.headers.get("content-type") === "application/wasm";
  if (isNamed && WebAssembly.compileStreaming) return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}
