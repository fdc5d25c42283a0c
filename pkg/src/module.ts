// The module as a string, for every entry that contains it. The engine compiles it at its start.
import { carry } from "./engine/engine.js";
import { inlined } from "./engine/inlined.js";
import { instantiate } from "./engine/wasm.js";
import { text } from "./generated/wasm_inline.js";

carry({ later: async () => instantiate(await WebAssembly.compile(inlined(text))) });
