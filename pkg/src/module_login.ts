// The module of oidc-wasm/login, as a string.
import { carry, LOGIN } from "./engine/engine.js";
import { instanceOf } from "./engine/glue.js";
import { inlined } from "./engine/inlined.js";
import { initSync, refusal, structured } from "./generated/oidc_wasm_login.js";
import { text } from "./generated/wasm_inline_login.js";

carry(
  { later: async () => instanceOf({ initSync, structured, refusal }, await WebAssembly.compile(inlined(text))) },
  LOGIN,
);
