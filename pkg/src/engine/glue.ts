import type { Exports, Instance } from "./engine.js";

/** The glue of wasm-bindgen, reduced by `pkg/glue.mjs`. */
interface Glue {
  /** A new instance of the module. Earlier instances become unusable. */
  initSync(module: { module: never }): Exports;
  structured: Instance["structured"];
  refusal: Instance["refusal"];
}

/** The engine of a compiled module. */
export function instanceOf({ initSync, structured, refusal }: Glue, module: unknown): Instance {
  return { structured, refusal, again: () => initSync({ module: module as never }) };
}
