// The module of oidc-wasm/full in edge runtimes.
import { carryFull } from "./engine/engine.js";
import { instantiate } from "./engine/wasm.js";
import module from "./generated/oidc_wasm_full.wasm?module";

carryFull({ now: () => instantiate(module) });
