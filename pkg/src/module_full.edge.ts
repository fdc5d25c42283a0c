// The module of oidc-wasm/full in edge runtimes.
import { carryFull } from "./engine/engine.js";
import { instanceOf } from "./engine/glue.js";
import * as glue from "./generated/oidc_wasm_full.js";
import module from "./generated/oidc_wasm_full.wasm?module";

carryFull({ now: () => instanceOf(glue, module) });
