import { problem } from "./problem.js";

export const PART =
  "session.part|oidc-wasm|A file of the application did not load, or a worker ended. Check the network, or reload the page.";

/** A part that loads at first use. After a failure, the next use tries again. */
export function part<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => {
    loaded ??= load().catch((cause) => {
      loaded = undefined;
      throw problem(PART, cause);
    });
    return loaded;
  };
}
