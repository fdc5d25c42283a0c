import type { Exports, Instance } from "./engine.js";

/** What wasm-bindgen writes beside a module, as `pkg/glue.mjs` leaves it. */
interface Glue {
  /** A new instance of the module. Earlier ones can no longer be used. */
  initSync(module: { module: never }): Exports;
  structured: Instance["structured"];
  refusal: Instance["refusal"];
}

/** The engine of a compiled module. */
export function instanceOf({ initSync, structured, refusal }: Glue, module: unknown): Instance {
  const again = () => initSync({ module: module as never });
  return { exports: again(), structured, refusal, again };
}
