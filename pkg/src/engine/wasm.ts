import { initSync, refusal, structured } from "../generated/oidc_wasm.js";
import type { Instance } from "./engine.js";

/** The engine of a compiled module. One glue serves every build, because only one engine runs. */
export const instantiate = (module: WebAssembly.Module): Instance => ({
  structured,
  refusal,
  again: () => initSync(module),
});
