export { parseChallenges } from "./challenge.js";
export { createDpopKey } from "./dpop_key.js";
export { OidcError } from "./error.js";
export { codeChallenge, createPkce } from "./pkce.js";
export { discoverResource, stepUp } from "./protected_resource.js";
export { clientMetadataDocument, manageClient, registerClient } from "./registration.js";
export { RelyingParty } from "./relying_party.js";
export { downscope } from "./resource.js";
export type * from "./types.js";
