import source module from "oidc-wasm/oidc_wasm.wasm";
import init from "oidc-wasm/slim";

await init(module);
