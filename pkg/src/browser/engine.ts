// Imports the engine by the package's name, so a bundler finds the application's one build and one error class.
export { createDpopKey, default as init, OidcError, parseChallenges, RelyingParty } from "oidc-wasm/login";
