// The module of oidc-wasm/full, as a string.
import { carry, FULL } from "./engine/engine.js";
import { instanceOf } from "./engine/glue.js";
import { inlined } from "./engine/inlined.js";
import { initSync, refusal, structured } from "./generated/oidc_wasm_full.js";
import { text } from "./generated/wasm_inline_full.js";

carry(
  { later: async () => instanceOf({ initSync, structured, refusal }, await WebAssembly.compile(inlined(text))) },
  FULL,
);
