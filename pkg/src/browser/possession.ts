// For a page whose tokens are bound to a key, or whose logins must be pushed: the engine that can do so. Loaded when it is needed.
import "oidc-wasm/full";

export { dpopKey } from "./dpop_key.js";
