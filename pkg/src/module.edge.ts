// The module in edge runtimes. They cannot compile bytes, but an import returns a compiled module.
import { carry } from "./engine/engine.js";
import { instantiate } from "./engine/wasm.js";
import module from "./generated/oidc_wasm.wasm?module";

carry({ now: () => instantiate(module) });
