// The module in edge runtimes, which forbid to compile bytes: a module that is imported comes compiled.
import { carry } from "./engine/engine.js";
import { instantiate } from "./engine/wasm.js";
import module from "./generated/oidc_wasm.wasm?module";

carry({ now: () => instantiate(module) });
