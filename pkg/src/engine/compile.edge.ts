import { OidcError } from "../error.js";
import type { WasmSource } from "../types.js";

/**
 * Edge runtimes compile nothing: a module is imported. Next.js fails the build of whatever only names a function that compiles
 * (https://nextjs.org/docs/messages/edge-dynamic-code-evaluation).
 */
export async function compile(given: WasmSource | Promise<WasmSource>): Promise<WebAssembly.Module> {
  const source = await given;
  if (Object.prototype.toString.call(source) !== "[object WebAssembly.Module]") throw new OidcError("init.edge");
  return source as WebAssembly.Module;
}
