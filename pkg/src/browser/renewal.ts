/** Looked at once a minute at least: timers stand still while a machine sleeps, and clocks jump. */
const GLANCE = 60_000;
const BACKOFF = 15;

export interface Renewable {
  /** Seconds since the epoch; nothing where there is nothing to renew. */
  due(): number | undefined;
  now(): number;
  renew(): Promise<void>;
}

/** Renews on time where the page is visible, and as soon as it is shown, online or back. */
export class Renewal {
  readonly #it: Renewable;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isRenewing = false;
  /** After a failure, not before. */
  #pause = 0;

  constructor(it: Renewable) {
    this.#it = it;
  }

  plan(): void {
    clearTimeout(this.#timer);
    const due = this.#it.due();
    if (due === undefined || this.#isRenewing || document.visibilityState === "hidden") return;
    const wait = (Math.max(due, this.#pause) - this.#it.now()) * 1000;
    if (wait <= 0) this.#renew();
    else this.#timer = setTimeout(() => this.plan(), Math.min(wait, GLANCE));
  }

  /** Something has happened that may have mended it. */
  retry(): void {
    this.#pause = 0;
    this.plan();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #renew(): void {
    this.#isRenewing = true;
    this.#it
      .renew()
      .catch(() => {
        this.#pause = this.#it.now() + BACKOFF;
      })
      .finally(() => {
        this.#isRenewing = false;
        this.plan();
      });
  }
}
