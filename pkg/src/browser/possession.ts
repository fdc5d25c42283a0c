// For pages with bound tokens or pushed requests: the engine with these features. The page loads it at first use.
import "oidc-wasm/full";

export { storedKey } from "./dpop_key.js";
