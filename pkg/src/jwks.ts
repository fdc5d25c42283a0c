import type { OidcError } from "./error.js";

const MINUTE = 60_000;
const FRESH = 10 * MINUTE;
const KEPT = 24 * 60 * MINUTE;
const PAUSE = MINUTE / 2;
/** How long a fetch is left to the call that began it, and how often one looks whether it is done. */
const TURN = 2_000;
const GLANCE = 20;

/** A clock that was set back knows no age. */
function isWithin(span: number, time: number): boolean {
  const age = Date.now() - time;
  return age >= 0 && age < span;
}

/** When the provider's keys are fetched. Which of them fits, the engine says. */
export class KeySet {
  /** When the set was fetched, in milliseconds since the epoch; the other times too. */
  loaded = Number.NEGATIVE_INFINITY;
  #failed = Number.NEGATIVE_INFINITY;
  #sought = Number.NEGATIVE_INFINITY;
  #began = Number.NEGATIVE_INFINITY;

  async find<T extends { isShared: boolean }>(
    pick: () => T,
    load: () => Promise<void>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    for (let waited = 0; ; waited += GLANCE) {
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

      const old = !isWithin(KEPT, this.loaded);
      const stale = old || !(isWithin(FRESH, this.loaded) || isWithin(PAUSE, this.#failed));
      const unknown = miss?.code === "jwks.no_match" && !isWithin(PAUSE, this.#sought);
      if (!stale && !unknown) {
        if (!found) throw miss;
        return found;
      }
      // One fetch serves all who want it. A timer of one's own, because a Worker's requests may not share a promise.
      if (waited < TURN && isWithin(TURN, this.#began) && !signal?.aborted) {
        await new Promise((next) => setTimeout(next, GLANCE));
        continue;
      }
      const began = Date.now();
      this.#began = began;
      // A caller that gives up says nothing of the endpoint.
      let isGivenUp = false;
      try {
        await load();
      } catch (failure) {
        isGivenUp = (failure as OidcError).code === "http.aborted";
        if (!isGivenUp) this.#failed = Date.now();
        if (isGivenUp || miss || old) throw failure;
      } finally {
        if (this.#began === began) this.#began = Number.NEGATIVE_INFINITY;
        if (!stale && !isGivenUp) this.#sought = Date.now();
      }
      return pick();
    }
  }
}
