export { OidcError } from "./error.js";
export { codeChallenge, createPkce } from "./pkce.js";
export { RelyingParty } from "./relying_party.js";
export type * from "./types.js";
