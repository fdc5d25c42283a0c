import { tools } from "./tools.js";

/** Runs work that only one tab may do at a time. `waited`: another did it before. */
export type Exclusive = <T>(work: (waited: boolean) => Promise<T>) => Promise<T>;

/** By `navigator.locks`; where that is missing or refused, by a lease over BroadcastChannel. */
export function createLock(name: string): Exclusive {
  return async (work) => {
    let begun = false;
    const begin = (waited: boolean) => {
      begun = true;
      return work(waited);
    };
    try {
      const { locks } = navigator;
      // The lib knows no callback that is given none.
      const first = await locks.request(
        name,
        { ifAvailable: true },
        async (lock) => lock && { value: await begin(false) },
      );
      return first ? first.value : await locks.request(name, () => begin(true));
    } catch (error) {
      if (begun) throw error;
      return (await import("./lease.js")).lease(tools, name, work);
    }
  };
}
