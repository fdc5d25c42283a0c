// The module of oidc-wasm/full in edge runtimes.
import { carry, FULL } from "./engine/engine.js";
import { instanceOf } from "./engine/glue.js";
import * as glue from "./generated/oidc_wasm_full.js";
import module from "./generated/oidc_wasm_full.wasm?module";

carry({ now: () => instanceOf(glue, module) }, FULL);
