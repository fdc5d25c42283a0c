import { aborted, again, isOfKeys, type OidcError } from "../error.js";
import { until } from "./http.js";

const SECOND = 1_000; // milliseconds
const MINUTE = 60 * SECOND;
const FRESH = 10 * MINUTE;
const KEPT = 24 * 60 * MINUTE;
const PAUSE = MINUTE / 2;
/** In a Worker: how long other requests wait for the request that started a fetch, and how often they check. */
const LEASE = 10 * SECOND;
const GLANCE = 20;

const NEVER = Number.NEGATIVE_INFINITY;

/** False if the clock was set back. */
function isWithin(span: number, time: number): boolean {
  const age = Date.now() - time;
  return age >= 0 && age < span;
}

/** True if promises and fetches belong to the request that made them: Cloudflare Workers, Vercel Edge. */
const isOfRequest = () => "WebSocketPair" in globalThis || "EdgeRuntime" in globalThis;

/** A chosen key. */
export interface Picked {
  /** A shared secret has no public form. */
  isShared: boolean;
  alg: string;
  /** The host's result for the signature, if the caller asked for it. */
  verdict?: Promise<unknown>;
  /** The claims as JSON, if the engine has judged them too. */
  claims?: string | undefined;
}

type Pick = (begin: boolean) => Picked;
type Load = (signal: AbortSignal | undefined) => Promise<void>;

/** The reasons to fetch fresh keys again. Each has its own rate limit. */
type Reason = "unknown" | "doubt";

/** Decides when to fetch the provider's keys. The engine chooses the matching one. */
export class KeySet {
  /** The time of the last fetch in milliseconds since the epoch. So are the times below. */
  loaded = NEVER;
  /** The number of key sets so far, because clocks may stand still. */
  sets = 0;
  readonly #asked: Record<Reason, number> = { unknown: NEVER, doubt: NEVER };
  #failed = NEVER;
  /** The last failure, the number of failures, and the number since the last success. */
  #failure: OidcError | undefined;
  #failures = 0;
  #inARow = 0;
  /** The fetch in progress, and the number of waiting calls. */
  #shared: { done: Promise<void>; stopper: AbortController; waiting: number } | undefined;
  /** In a Worker: the start of that fetch, on the monotonic clock. */
  #began = NEVER;

  /** Chooses among the available keys, unless a fetch is needed first. */
  tryPick(pick: Pick): Picked | undefined {
    const { found, miss, stale, reason } = this.#look(pick, true);
    if (found && (found.isShared || !stale)) return found;
    if (miss && !stale && !reason && !this.#isDown) throw miss;
    return undefined;
  }

  /** Fetches as needed for this choice, or without one for any key. */
  async prepare(load: Load, signal: AbortSignal | undefined, pick?: Pick): Promise<void> {
    const failures = this.#failures;
    for (let isDone = false; ; ) {
      const { miss, old, stale, reason } = this.#look(pick, false);
      // A fetch of another call counts for this one too. A key that the last one could have brought is unknown.
      const isDown = this.#failures > failures || (old ? isWithin(this.#pause, this.#failed) : !reason && this.#isDown);
      if ((miss || old) && isDown && this.#failure) throw again(this.#failure);
      if (isDone || !(stale || reason) || (!miss && !old && this.#isUnderWay)) return;
      isDone = await this.#load(load, signal, stale ? undefined : reason);
    }
  }

  /** Fetches once more if a signature does not match the available key. Returns true if there is a newer set than `count`. */
  async doubt(sets: number, load: Load, signal: AbortSignal | undefined): Promise<boolean> {
    if (this.sets === sets && (this.#isUnderWay || this.#may("doubt"))) await this.#load(load, signal, "doubt");
    return this.sets !== sets;
  }

  /** A new set arrived. `loaded` is the time of its request. */
  take(loaded: number): void {
    this.loaded = loaded;
    this.sets++;
    this.#inARow = 0;
  }

  get #isOld(): boolean {
    return !isWithin(KEPT, this.loaded);
  }

  /** May the available keys be used without a newer set? */
  get isFresh(): boolean {
    return isWithin(FRESH, this.loaded) || (isWithin(PAUSE, this.#failed) && !this.#isOld);
  }

  /** The pause after a failure without any keys: 1, 2, 4 … 30 seconds. */
  get #pause(): number {
    return Math.min(SECOND * 2 ** (this.#inARow - 1), PAUSE);
  }

  /** Did the last fetch fail, less than half a minute ago? */
  get #isDown(): boolean {
    return this.#inARow > 0 && isWithin(PAUSE, this.#failed);
  }

  #may(reason: Reason): boolean {
    return !isWithin(PAUSE, this.#asked[reason]);
  }

  #look(pick: Pick | undefined, begin: boolean) {
    const stale = !this.isFresh;
    const old = stale && this.#isOld;
    let found: Picked | undefined;
    let miss: OidcError | undefined;
    try {
      found = pick?.(begin && !stale);
    } catch (error) {
      miss = error as OidcError;
      // A new key set resolves no other error.
      if (!isOfKeys(miss)) throw miss;
    }
    const why: Reason | undefined = miss && (miss.code === "jwks.no_match" ? "unknown" : "doubt");
    return { found, miss, old, stale, reason: why && this.#may(why) ? why : undefined };
  }

  get #isUnderWay(): boolean {
    return !!this.#shared || performance.now() - this.#began < LEASE;
  }

  /** One fetch serves all calls. Returns whether this call started it. */
  async #load(load: Load, signal: AbortSignal | undefined, reason?: Reason): Promise<boolean> {
    const isMine = !this.#isUnderWay;
    if (isOfRequest()) {
      if (isMine) await this.#leased(load, signal, reason);
      else await this.#others(signal);
      return isMine;
    }
    if (signal?.aborted) throw aborted(signal);
    this.#shared ??= this.#begin(load, reason);
    const shared = this.#shared;
    shared.waiting++;
    let isOver = false;
    try {
      await until(shared.done, signal);
      isOver = true;
    } finally {
      // Two calls that need another fetch would wait for this one again without end. The last waiting call aborts it.
      if (--shared.waiting === 0 || isOver) {
        if (this.#shared === shared) this.#shared = undefined;
        shared.stopper.abort();
      }
    }
    return isMine;
  }

  #begin(load: Load, reason: Reason | undefined) {
    const stopper = new AbortController();
    const done = this.#fetch(load, stopper.signal, reason);
    done.catch(() => {});
    return { done, stopper, waiting: 0 };
  }

  /** A cancelled request ends silently, so a fetch is exclusive only for a limited time. */
  async #leased(load: Load, signal: AbortSignal | undefined, reason: Reason | undefined): Promise<void> {
    const began = performance.now();
    this.#began = began;
    try {
      await this.#fetch(load, signal, reason);
    } finally {
      if (this.#began === began) this.#began = NEVER;
    }
  }

  /** Each call checks with its own timer: a request must not wait for another's promise. */
  async #others(signal: AbortSignal | undefined): Promise<void> {
    const began = this.#began;
    while (this.#began === began && this.#isUnderWay) {
      if (signal?.aborted) throw aborted(signal);
      await new Promise((next) => setTimeout(next, GLANCE));
    }
  }

  async #fetch(load: Load, signal: AbortSignal | undefined, reason: Reason | undefined): Promise<void> {
    try {
      await load(signal);
    } catch (failure) {
      // A cancelled call is no failure of the endpoint.
      if ((failure as OidcError).code === "http.aborted") throw failure;
      this.#failed = Date.now();
      this.#failure = failure as OidcError;
      this.#failures++;
      this.#inARow++;
    }
    if (reason) this.#asked[reason] = Date.now();
  }
}
