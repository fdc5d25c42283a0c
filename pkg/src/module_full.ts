// The module of oidc-wasm/full, as a string.
import { carry, FULL } from "./engine/engine.js";
import { instanceOf } from "./engine/glue.js";
import { inlined } from "./engine/inlined.js";
import * as glue from "./generated/oidc_wasm_full.js";
import * as text from "./generated/wasm_inline_full.js";

carry({ later: async () => instanceOf(glue, await WebAssembly.compile(inlined(text))) }, FULL);
