import { carry } from "./engine/engine.js";
import { addRules } from "./error.js";
import module from "./generated/js/module.js";
import { initSync, refusal, structured } from "./generated/js/oidc_wasm.js";

export * from "./api.js";

addRules();
carry({ now: () => ({ structured, refusal, again: () => initSync(module as never) }) });

/** The engine is JavaScript here and ready at import. Resolves at once. */
export default function init(): Promise<void> {
  return Promise.resolve();
}
