import { carry } from "./engine/engine.js";
import { instanceOf } from "./engine/glue.js";
import module from "./generated/js/module.js";

export * from "./api.js";

carry({ now: () => () => instanceOf(module) });

/** The engine is JavaScript here and ready at import. Resolves at once. */
export default function init(): Promise<void> {
  return Promise.resolve();
}
