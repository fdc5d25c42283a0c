import { OidcError } from "../error.js";

const PART =
  "init.part|oidc-wasm|A file of the package did not load. Check the network, or reload the page after a new version.";

/** A part that loads at first use. */
export const part = <T>(loading: Promise<T>): Promise<T> =>
  loading.catch((cause) => {
    throw new OidcError(PART, {}, { cause });
  });
