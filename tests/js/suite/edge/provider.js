// The test provider of these cases and of the sessions. They share one RSA key, because a new one takes a tenth of a second.
import { createTestProvider } from "../../../support/provider/index.js";
import { createKey } from "../../../support/provider/jws.js";

let made;

/** @param {any} options */
export async function createProvider(options) {
  // A Worker cannot create a key at module scope.
  made ??= createKey("RS256");
  return createTestProvider({ keys: [await made], ...options });
}
