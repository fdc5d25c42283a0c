// The module of oidc-wasm/login in edge runtimes.
import { carry, LOGIN } from "./engine/engine.js";
import { instanceOf } from "./engine/glue.js";
import * as glue from "./generated/oidc_wasm_login.js";
import module from "./generated/oidc_wasm_login.wasm?module";

carry({ now: () => instanceOf(glue, module) }, LOGIN);
