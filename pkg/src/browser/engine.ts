// The engine, by the package's own name: a bundler finds the one build that the application has, and so one class of errors.
export { default as init, OidcError, parseChallenges, RelyingParty } from "oidc-wasm";
