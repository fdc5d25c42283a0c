import init from "oidc-wasm/slim";

await init(new URL("oidc-wasm/oidc_wasm.wasm", import.meta.url));
