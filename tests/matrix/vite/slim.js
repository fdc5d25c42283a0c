import address from "oidc-wasm/oidc_wasm.wasm?url";
import init from "oidc-wasm/slim";

await init(address);
