// The module of oidc-wasm/full, as a string.
import { carry, FULL } from "./engine/engine.js";
import { inlined } from "./engine/inlined.js";
import { instantiate } from "./engine/wasm.js";
import { text } from "./generated/wasm_inline_full.js";

carry({ later: async () => instantiate(await WebAssembly.compile(inlined(text))) }, FULL);
