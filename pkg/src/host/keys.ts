import { again, isOfKeys, OidcError } from "../error.js";
import { until } from "./http.js";

const SECOND = 1_000; // milliseconds
const MINUTE = 60 * SECOND;
const FRESH = 10 * MINUTE;
const KEPT = 24 * 60 * MINUTE;
const PAUSE = MINUTE / 2;
/** In a Worker: how long others leave a fetch to the request that began it, and how often they look whether it is done. */
const LEASE = 10 * SECOND;
const GLANCE = 20;

const NEVER = Number.NEGATIVE_INFINITY;

/** False if the clock was set back. */
function isWithin(span: number, time: number): boolean {
  const age = Date.now() - time;
  return age >= 0 && age < span;
}

/** Whether promises and fetches belong to the request that made them: Cloudflare's Workers, Vercel's Edge. */
const isOfRequest = () => "WebSocketPair" in globalThis || "EdgeRuntime" in globalThis;

/** A key that was chosen. */
export interface Picked {
  /** A shared secret is nobody's to publish. */
  isShared: boolean;
  /** The host's verdict on the signature, where it was asked for. */
  verdict?: Promise<boolean>;
}

type Pick = (begin: boolean) => Picked;
type Load = (signal: AbortSignal | undefined) => Promise<void>;

/** Why keys are fetched that are fresh: each reason has a rate limit of its own. */
type Reason = "unknown" | "doubt";

/** When the provider's keys are fetched. Which of them fits, the engine says. */
export class KeySet {
  /** When the set was fetched, in milliseconds since the epoch; the times below as well. */
  loaded = NEVER;
  /** How many sets were taken: clocks may stand still. */
  sets = 0;
  readonly #asked: Record<Reason, number> = { unknown: NEVER, doubt: NEVER };
  #failed = NEVER;
  /** Why the last fetch that failed did, how many have, and how many since one succeeded. */
  #failure: OidcError | undefined;
  #failures = 0;
  #inARow = 0;
  /** The fetch that is under way, and how many wait for it. */
  #shared: { done: Promise<void>; stopper: AbortController; waiting: number } | undefined;
  /** In a Worker: when the fetch under way began, on the clock that is never set. */
  #began = NEVER;

  /** What is picked of the keys at hand, where nothing has to be fetched first. */
  tryPick(pick: Pick): Picked | undefined {
    const { found, miss, stale, reason } = this.#look(pick, true);
    if (found && (found.isShared || !stale)) return found;
    if (miss && !stale && !reason) throw miss;
    return undefined;
  }

  /** Fetches until there is nothing left to fetch: for this pick, or else for any. */
  async prepare(load: Load, signal: AbortSignal | undefined, pick?: Pick): Promise<void> {
    const failures = this.#failures;
    for (let isDone = false; ; ) {
      const { miss, old, stale, reason } = this.#look(pick, false);
      // Whoever fetched meanwhile, fetched for this call too.
      const isDown = this.#failures > failures || (old && isWithin(this.#pause, this.#failed));
      if ((miss || old) && isDown && this.#failure) throw again(this.#failure);
      if (isDone || !(stale || reason) || (!miss && !old && this.#isUnderWay)) return;
      isDone = await this.#load(load, signal, stale ? undefined : reason);
    }
  }

  /** Fetches once more where a signature is not by the key at hand. Whether there is another set than those so many. */
  async doubt(sets: number, load: Load, signal: AbortSignal | undefined): Promise<boolean> {
    if (this.sets === sets && (this.#isUnderWay || this.#may("doubt"))) await this.#load(load, signal, "doubt");
    return this.sets !== sets;
  }

  /** A set was taken, which was asked for then. */
  take(loaded: number): void {
    this.loaded = loaded;
    this.sets++;
    this.#inARow = 0;
  }

  get #isOld(): boolean {
    return !isWithin(KEPT, this.loaded);
  }

  /** Whether the keys at hand may be used without looking for newer ones. */
  get isFresh(): boolean {
    return !this.#isOld && (isWithin(FRESH, this.loaded) || isWithin(PAUSE, this.#failed));
  }

  /** How long an endpoint that fails is left alone where there are no keys: 1, 2, 4 … 30 seconds. */
  get #pause(): number {
    return Math.min(SECOND * 2 ** (this.#inARow - 1), PAUSE);
  }

  #may(reason: Reason): boolean {
    return !isWithin(PAUSE, this.#asked[reason]);
  }

  #look(pick: Pick | undefined, begin: boolean) {
    const old = this.#isOld;
    const stale = !this.isFresh;
    let found: Picked | undefined;
    let miss: OidcError | undefined;
    try {
      found = pick?.(begin && !stale);
    } catch (error) {
      miss = error as OidcError;
      // Another set of keys could not mend anything else.
      if (!isOfKeys(miss)) throw miss;
    }
    const why: Reason | undefined = miss && (miss.code === "jwks.no_match" ? "unknown" : "doubt");
    return { found, miss, old, stale, reason: why && this.#may(why) ? why : undefined };
  }

  get #isUnderWay(): boolean {
    return !!this.#shared || performance.now() - this.#began < LEASE;
  }

  /** One fetch serves all who want it. Whether it was begun here. */
  async #load(load: Load, signal: AbortSignal | undefined, reason?: Reason): Promise<boolean> {
    const isMine = !this.#isUnderWay;
    if (isOfRequest()) {
      if (isMine) await this.#leased(load, signal, reason);
      else await this.#others(signal);
      return isMine;
    }
    const ended = () => new OidcError("http.aborted", {}, { cause: signal?.reason });
    if (signal?.aborted) throw ended();
    this.#shared ??= this.#begin(load, reason);
    const shared = this.#shared;
    shared.waiting++;
    try {
      await until(shared.done, signal, ended);
    } finally {
      // The last one who leaves ends it.
      if (--shared.waiting === 0) {
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

  /** A cancelled request ends in silence, so the fetch is its own for a while only. */
  async #leased(load: Load, signal: AbortSignal | undefined, reason: Reason | undefined): Promise<void> {
    const began = performance.now();
    this.#began = began;
    try {
      await this.#fetch(load, signal, reason);
    } finally {
      if (this.#began === began) this.#began = NEVER;
    }
  }

  /** Seen by a timer of one's own: a request may not wait for another's promise. */
  async #others(signal: AbortSignal | undefined): Promise<void> {
    const began = this.#began;
    while (this.#began === began && this.#isUnderWay) {
      if (signal?.aborted) throw new OidcError("http.aborted", {}, { cause: signal.reason });
      await new Promise((next) => setTimeout(next, GLANCE));
    }
  }

  async #fetch(load: Load, signal: AbortSignal | undefined, reason: Reason | undefined): Promise<void> {
    try {
      await load(signal);
    } catch (failure) {
      // A caller that gives up says nothing of the endpoint.
      if ((failure as OidcError).code === "http.aborted") throw failure;
      this.#failed = Date.now();
      this.#failure = failure as OidcError;
      this.#failures++;
      this.#inARow++;
    }
    if (reason) this.#asked[reason] = Date.now();
  }
}
