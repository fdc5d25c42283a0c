// The module of oidc-wasm/full, as text.
import { carryFull } from "./engine/engine.js";
import { inlined } from "./engine/inlined.js";
import { instantiate } from "./engine/wasm.js";
import * as text from "./generated/wasm_inline_full.js";

carryFull({ later: async () => instantiate(await WebAssembly.compile(inlined(text))) });
