// The module of oidc-wasm/login, as a string.
import { carry, LOGIN } from "./engine/engine.js";
import { inlined } from "./engine/inlined.js";
import { instantiate } from "./engine/wasm.js";
import { text } from "./generated/wasm_inline_login.js";

carry({ later: async () => instantiate(await WebAssembly.compile(inlined(text))) }, LOGIN);
