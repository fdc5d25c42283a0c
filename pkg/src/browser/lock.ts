import type { PageTools } from "./page_tools.js";
import { random } from "./random.js";

/** Runs work that only one tab may do at a time. `waited`: another tab did it first. */
export type Exclusive = <T>(work: (waited: boolean) => Promise<T>) => Promise<T>;

/** Milliseconds after which the tab with the lock counts as suspended. The requests of a running tab end earlier. */
const SUSPENDED = 120_000;

/** Uses `navigator.locks`, or a lease over BroadcastChannel if the browser has none or refuses, or if the tab with the lock is suspended. */
export function createLock({ part, VERSION }: PageTools, name: string): Exclusive {
  const loaded = part(() => import("./lease.js"));
  return async (work) => {
    let begun = false;
    let hasWaited = false;
    const begin = (waited: boolean) => {
      begun = true;
      return work(waited);
    };
    try {
      const { locks } = navigator;
      // TypeScript's library does not declare a callback without a lock.
      const first = await locks.request(
        name,
        { ifAvailable: true },
        async (lock) => lock && { value: await begin(false) },
      );
      if (first) return first.value;
      hasWaited = true;
      return await locks.request(name, { signal: AbortSignal.timeout(SUSPENDED) }, () => begin(true));
    } catch (error) {
      if (begun) throw error;
      return (await loaded()).lease({ VERSION, random }, name, (waited) => work(waited || hasWaited));
    }
  };
}
