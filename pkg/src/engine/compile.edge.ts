import { OidcError } from "../error.js";
import type { WasmSource } from "../types.js";
import { kindOf } from "./frame.js";

/**
 * Edge runtimes cannot compile a module, only import one. Next.js rejects code that names a function that compiles
 * (https://nextjs.org/docs/messages/edge-dynamic-code-evaluation).
 */
export async function compile(given: WasmSource | Promise<WasmSource>): Promise<WebAssembly.Module> {
  const source = await given;
  if (kindOf(source) !== "WebAssembly.Module") throw new OidcError("init.edge");
  return source as WebAssembly.Module;
}
