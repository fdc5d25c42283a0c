import type { AuthStorage } from "./types.js";

/** sessionStorage, looked up at each call: a browser may deny access to it. */
export const tab: AuthStorage = {
  get: (key) => sessionStorage.getItem(key),
  set: (key, value) => sessionStorage.setItem(key, value),
  remove: (key) => sessionStorage.removeItem(key),
};

/** The session itself is in memory. The store only notes that one exists. */
export const memory: AuthStorage = { ...tab, set: (key) => tab.set(key, "here") };

/** Milliseconds that a store may need. */
const PATIENCE = 5_000;

/**
 * A store that answers in time, or throws. A renewal waits for the store, and so do all tabs. What it stores too late is
 * out of date, so that is removed.
 */
export function timely(store: AuthStorage): AuthStorage {
  const inTime = <T>(work: () => T | Promise<T>, undo?: () => void | Promise<void>) =>
    new Promise<T>((done, refuse) => {
      let isLate = false;
      setTimeout(() => {
        isLate = true;
        refuse(new DOMException("", "TimeoutError"));
      }, PATIENCE);
      (async () => {
        done(await work());
        if (isLate) await undo?.();
      })().catch(refuse);
    });
  return {
    get: (key) => inTime(() => store.get(key)),
    set: (key, value) =>
      inTime(
        () => store.set(key, value),
        () => store.remove(key),
      ),
    remove: (key) => inTime(() => store.remove(key)),
  };
}

/** Used if the browser refuses to store anything. */
export const nowhere: AuthStorage = { get: () => null, set() {}, remove() {} };
