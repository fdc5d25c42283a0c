// The addresses of a project's server and its provider, and the fetch that the project injects.

/** The address of the project's server. */
export const app = "http://localhost:31917";
/** The provider's issuer. */
export const issuer = "https://op.example";
/** The address at which visit.mjs serves the provider. */
export const served = "http://localhost:31918";
/** The API that guards protect. */
export const api = "https://api.example";

/** Sends requests for the provider to its server. */
export const fetch = (address, init) => globalThis.fetch(String(address).replace(issuer, served), init);
