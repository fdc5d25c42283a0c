/** The longest interval between two checks of the clock, in milliseconds. Timers stop while a machine sleeps, and clocks jump. */
const GLANCE = 60_000;
const BACKOFF = 15;

export interface Renewable {
  /** Seconds since the epoch. Undefined if nothing needs renewal. */
  due(): number | undefined;
  now(): number;
  renew(): Promise<void>;
}

/** Renews on time in a visible page, and at once when the page becomes visible or online. */
export class Renewal {
  readonly #it: Renewable;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isRenewing = false;
  /** Earliest retry after a failure. */
  #pause = 0;

  constructor(it: Renewable) {
    this.#it = it;
  }

  plan(): void {
    clearTimeout(this.#timer);
    const it = this.#it;
    const due = it.due();
    // NaN comes from a wrong option, and would start one renewal after the other.
    if (!due || this.#isRenewing || document.visibilityState === "hidden") return;
    const wait = (Math.max(this.#pause, due) - it.now()) * 1000;
    if (wait > 0) {
      this.#timer = setTimeout(() => this.plan(), Math.min(wait, GLANCE));
      return;
    }
    this.#isRenewing = true;
    const done = () => {
      // A call that gets the present token, because its renewal failed, does not fail.
      if (it.due() === due) this.#pause = it.now() + BACKOFF;
      this.#isRenewing = false;
      this.plan();
    };
    it.renew().then(done, done);
  }

  /** An event that may have ended the failure. */
  retry(): void {
    this.#pause = 0;
    this.plan();
  }
}
