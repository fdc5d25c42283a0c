import type { PageTools } from "./page_tools.js";
import { random } from "./random.js";

/** Runs work that only one tab may do at a time. `waited`: another tab did it first. */
export type Exclusive = <T>(work: (waited: boolean) => Promise<T>) => Promise<T>;

/** Milliseconds after which the tab with the lock counts as suspended. The requests of a running tab end earlier. */
const SUSPENDED = 120_000;

/** Uses `navigator.locks`, or a lease over BroadcastChannel if the browser has none or refuses, or if the tab with the lock is suspended. */
export function createLock({ part, VERSION }: PageTools, name: string): Exclusive {
  const loaded = part(() => import("./lease.js"));
  return async <T>(work: (waited: boolean) => Promise<T>) => {
    let running: Promise<T> | undefined;
    const begin = (waited: boolean) => {
      running ??= work(waited);
      return running;
    };
    const leased = async (hasWaited: boolean) =>
      (await loaded()).lease({ VERSION, random }, name, (waited) => begin(waited || hasWaited));
    try {
      const { locks } = navigator;
      // TypeScript's library does not declare a callback without a lock.
      const first = await locks.request(
        name,
        { ifAvailable: true },
        async (lock) => lock && { value: await begin(false) },
      );
      if (first) return first.value;
      // Keeps its place in the queue, so no tab behind it gets the lock while the lease is in use.
      const late = new Promise<T>((done, fail) => {
        AbortSignal.timeout(SUSPENDED).onabort = () => running || leased(true).then(done, fail);
      });
      return await Promise.race([locks.request(name, () => begin(true)), late]);
    } catch (error) {
      if (running) throw error;
      return leased(false);
    }
  };
}
