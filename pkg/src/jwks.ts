import type { OidcError } from "./error.js";

const MINUTE = 60_000;
const FRESH = 10 * MINUTE;
const KEPT = 24 * 60 * MINUTE;
const PAUSE = MINUTE / 2;

/** When the provider's keys are fetched. Which of them fits, the engine says. No promise is shared between two calls: a Worker's requests may not wait for each other. */
export class KeySet {
  /** When the set was fetched, in milliseconds since the epoch. */
  loaded = Number.NEGATIVE_INFINITY;
  #failed = Number.NEGATIVE_INFINITY;
  #sought = Number.NEGATIVE_INFINITY;

  async find<T extends { isShared: boolean }>(pick: () => T, load: () => Promise<void>): Promise<T> {
    let found: T | undefined;
    let miss: OidcError | undefined;
    try {
      found = pick();
    } catch (error) {
      miss = error as OidcError;
      // Another set of keys could not mend anything else.
      if (!/^jwks|^jws.signature/.test(miss.code)) throw miss;
    }
    // A shared secret is nobody's to publish.
    if (found?.isShared) return found;

    const now = Date.now();
    const age = now - this.loaded;
    const old = !(age >= 0 && age < KEPT); // A clock that was set back knows no age.
    const stale = old || (age >= FRESH && now - this.#failed >= PAUSE);
    const unknown = miss?.code === "jwks.no_match" && now - this.#sought >= PAUSE;
    if (stale || unknown) {
      try {
        await load();
      } catch (failure) {
        // The caller gave up: that says nothing of the endpoint.
        if ((failure as OidcError).code === "http.aborted") throw failure;
        this.#failed = Date.now();
        if (miss || old) throw failure;
      } finally {
        if (!stale) this.#sought = Date.now();
      }
      return pick();
    }
    if (!found) throw miss;
    return found;
  }
}
