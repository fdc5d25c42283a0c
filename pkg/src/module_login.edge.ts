// The module of oidc-wasm/login in edge runtimes.
import { carry, LOGIN } from "./engine/engine.js";
import { instantiate } from "./engine/wasm.js";
import module from "./generated/oidc_wasm_login.wasm?module";

carry({ now: () => instantiate(module) }, LOGIN);
