// The module of oidc-wasm/full in edge runtimes.
import { carry, FULL } from "./engine/engine.js";
import { instantiate } from "./engine/wasm.js";
import module from "./generated/oidc_wasm_full.wasm?module";

carry({ now: () => instantiate(module) }, FULL);
