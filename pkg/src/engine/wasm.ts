import { wrongArgument } from "../error.js";
import instantiate, {
  __wbg_reset_state,
  type InitOutput,
  initSync,
  refusal,
  structured,
} from "../generated/oidc_wasm.js";
import type { WasmSource } from "../types.js";
import type { Instance } from "./engine.js";

// By name, because a module or a buffer may come from another realm.
const SOURCE = /(String|URL|Response|Module|\wArray|ArrayBuffer|DataView)]$/;
const tag = (value: unknown) => Object.prototype.toString.call(value);

/** The engine from anything that a module can be had from. */
export async function instantiated(given: WasmSource | Promise<WasmSource>): Promise<Instance> {
  const source = await given;
  if (!SOURCE.test(tag(source))) throw wrongArgument("source", "a module, its bytes, a response, or an address");
  // Not left to the glue, which would load all of Node's `fetch` to learn that this is no response.
  if (tag(source) === "[object WebAssembly.Module]") return instanceOf(source as WebAssembly.Module);
  // Node takes no DataView.
  const isView = source instanceof DataView;
  return instance(await instantiate({ module_or_path: isView ? bytesOf(source) : source }));
}

const bytesOf = ({ buffer, byteOffset, byteLength }: DataView) => new Uint8Array(buffer, byteOffset, byteLength);

/** The engine from a module that is compiled already. */
export const instanceOf = (module: WebAssembly.Module): Instance => instance(initSync({ module }));

const instance = (exports: InitOutput): Instance => ({ exports, structured, refusal, again });

/** The module is the same, so that `initSync` only hands over the new instance. */
function again(): InitOutput {
  __wbg_reset_state();
  return initSync({ module: undefined as never });
}
