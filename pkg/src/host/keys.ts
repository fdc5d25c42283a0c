import { isOfKeys, type OidcError } from "../error.js";

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

/** A key that was chosen. */
export interface Picked {
  /** A shared secret is nobody's to publish. */
  isShared: boolean;
  /** The host's verdict on the signature, where it was asked for. */
  verdict?: Promise<boolean>;
}

type Pick = (begin: boolean) => Picked;

/** When the provider's keys are fetched. Which of them fits, the engine says. */
export class KeySet {
  /** When the set was fetched, in milliseconds since the epoch; the next two as well. */
  loaded = Number.NEGATIVE_INFINITY;
  #failed = Number.NEGATIVE_INFINITY;
  #sought = Number.NEGATIVE_INFINITY;
  /** The fetch that is under way, by the time it began, on the clock that is never set. */
  #began = Number.NEGATIVE_INFINITY;
  /** Why the last fetch that failed did, and how many have: clocks may stand still. */
  #failure: OidcError | undefined;
  #failures = 0;

  /** What is picked of the keys at hand, where nothing has to be fetched first. */
  tryPick(pick: Pick): Picked | undefined {
    const { found, miss, stale, unknown } = this.#look(pick, true);
    if (found && (found.isShared || !stale)) return found;
    if (miss && !stale && !unknown) throw miss;
    return undefined;
  }

  /** Fetches until there is nothing left to fetch for this pick. */
  async prepare(pick: Pick, load: () => Promise<void>, signal: AbortSignal | undefined): Promise<void> {
    const failures = this.#failures;
    let isDone = false;
    for (;;) {
      const { found, miss, old, stale, unknown } = this.#look(pick, false);
      // Whoever fetched meanwhile, fetched for this call too.
      if ((miss || old) && this.#failures > failures) throw this.#failure;
      if (isDone || !(stale || unknown) || (found && !old && this.#isUnderWay)) return;
      isDone = !this.#isUnderWay || !!signal?.aborted;
      await (isDone ? this.#load(load, stale) : this.#others(signal));
    }
  }

  get #isOld(): boolean {
    return !isWithin(KEPT, this.loaded);
  }

  /** Whether the keys at hand may be used without looking for newer ones. */
  get isFresh(): boolean {
    return !this.#isOld && (isWithin(FRESH, this.loaded) || isWithin(PAUSE, this.#failed));
  }

  #look(pick: Pick, begin: boolean) {
    const old = this.#isOld;
    const stale = !this.isFresh;
    let found: Picked | undefined;
    let miss: OidcError | undefined;
    try {
      found = pick(begin && !stale);
    } catch (error) {
      miss = error as OidcError;
      // Another set of keys could not mend anything else.
      if (!isOfKeys(miss)) throw miss;
    }
    const unknown = miss?.code === "jwks.no_match" && !isWithin(PAUSE, this.#sought);
    return { found, miss, old, stale, unknown };
  }

  get #isUnderWay(): boolean {
    return performance.now() - this.#began < TURN;
  }

  /** One fetch serves all who want it. Seen by a timer of one's own, because a Worker's requests may not share a promise. */
  async #others(signal: AbortSignal | undefined): Promise<void> {
    const began = this.#began;
    while (this.#began === began && this.#isUnderWay && !signal?.aborted)
      await new Promise((next) => setTimeout(next, GLANCE));
  }

  async #load(load: () => Promise<void>, stale: boolean): Promise<void> {
    const began = performance.now();
    this.#began = began;
    try {
      await load();
    } catch (failure) {
      // A caller that gives up says nothing of the endpoint.
      if ((failure as OidcError).code === "http.aborted") throw failure;
      this.#failed = Date.now();
      this.#failure = failure as OidcError;
      this.#failures++;
    } finally {
      if (this.#began === began) this.#began = Number.NEGATIVE_INFINITY;
    }
    if (!stale) this.#sought = Date.now();
  }
}
