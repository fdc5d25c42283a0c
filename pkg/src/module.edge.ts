// The module in edge runtimes, which forbid compiling bytes: importing it gives a compiled module.
import { carry } from "./engine/engine.js";
import { instantiate } from "./engine/wasm.js";
import module from "./generated/oidc_wasm.wasm?module";

carry({ now: () => instantiate(module) });
