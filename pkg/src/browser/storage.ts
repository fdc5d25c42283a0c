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

/** A store that answers in time, or throws. A renewal waits for the store, and so do all tabs. */
export function timely(store: AuthStorage): AuthStorage {
  const inTime = <T>(work: () => T | Promise<T>) =>
    new Promise<T>((done, refuse) => {
      setTimeout(refuse, PATIENCE, new DOMException("", "TimeoutError"));
      (async () => work())().then(done, refuse);
    });
  return {
    get: (key) => inTime(() => store.get(key)),
    set: (key, value) => inTime(() => store.set(key, value)),
    remove: (key) => inTime(() => store.remove(key)),
  };
}

/** Used if the browser refuses to store anything. */
export const nowhere: AuthStorage = { get: () => null, set() {}, remove() {} };
