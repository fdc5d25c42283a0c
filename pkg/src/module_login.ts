// The module of oidc-wasm/login, as a string.
import { carry, LOGIN } from "./engine/engine.js";
import { instanceOf } from "./engine/glue.js";
import { inlined } from "./engine/inlined.js";
import * as glue from "./generated/oidc_wasm_login.js";
import * as text from "./generated/wasm_inline_login.js";

carry({ later: async () => instanceOf(glue, await WebAssembly.compile(inlined(text))) }, LOGIN);
