import { initSync, refusal, structured } from "../generated/oidc_wasm.js";
import type { Instance } from "./engine.js";
import { instanceOf } from "./glue.js";

/** The engine of a compiled module. One glue serves every build, because only one engine runs. */
export const instantiate = (module: WebAssembly.Module): Instance =>
  instanceOf({ initSync, structured, refusal }, module);
