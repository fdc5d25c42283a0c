import type { Exports, Instance } from "./engine.js";

/** What wasm-bindgen writes beside a module, as `pkg/glue.mjs` leaves it. */
interface Glue {
  /** An instance of the module. Those that were made before have nobody to speak for them any more. */
  initSync(module: { module: never }): Exports;
  structured: Instance["structured"];
  refusal: Instance["refusal"];
}

/** The engine of a module that is ready to be instantiated. */
export function instanceOf({ initSync, structured, refusal }: Glue, module: unknown): Instance {
  const again = () => initSync({ module: module as never });
  return { exports: again(), structured, refusal, again };
}
