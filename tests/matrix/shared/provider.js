// Where a project's server and its provider are, and the fetch that the project injects.

/** Where the project's server listens. */
export const app = "http://localhost:31917";
/** The provider's name. */
export const issuer = "https://op.example";
/** Where visit.mjs serves it. */
export const served = "http://localhost:31918";
/** The API that guards know. */
export const api = "https://api.example";

/** Sends requests for the provider to its server. */
export const fetch = (address, init) => globalThis.fetch(String(address).replace(issuer, served), init);
