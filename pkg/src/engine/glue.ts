import type { Exports, Instance } from "./engine.js";

/** What wasm-bindgen writes beside a module. */
interface Glue {
  initSync(module: { module: never }): Exports;
  structured: Instance["structured"];
  refusal: Instance["refusal"];
  __wbg_reset_state(): void;
}

/** The engine of a module that is ready to be instantiated. */
export function instanceOf(glue: Glue, module: unknown): Instance {
  const instantiated = () => glue.initSync({ module: module as never });
  return {
    exports: instantiated(),
    structured: glue.structured,
    refusal: glue.refusal,
    again() {
      glue.__wbg_reset_state();
      return instantiated();
    },
  };
}
