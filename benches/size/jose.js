// What an application imports of jose to verify ID tokens with the provider's key set. `cargo xtask size` bundles it beside the
// whole library.
export { createRemoteJWKSet, jwtVerify } from "jose";
