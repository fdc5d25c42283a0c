import type { PageTools } from "./page_tools.js";
import { random } from "./random.js";

/** Runs work that only one tab may do at a time. `waited`: another tab did it first. */
export type Exclusive = <T>(work: (waited: boolean) => Promise<T>) => Promise<T>;

/** Uses `navigator.locks`, or a lease over BroadcastChannel if the browser has none or refuses. */
export function createLock({ part, VERSION }: PageTools, name: string): Exclusive {
  const loaded = part(() => import("./lease.js"));
  return async (work) => {
    let begun = false;
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
      return first ? first.value : await locks.request(name, () => begin(true));
    } catch (error) {
      if (begun) throw error;
      return (await loaded()).lease({ VERSION, random }, name, work);
    }
  };
}
