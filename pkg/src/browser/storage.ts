import type { AuthStorage } from "./types.js";

/** sessionStorage, looked up at each call: a browser may deny access to it. */
export const tab: AuthStorage = {
  get: (key) => sessionStorage.getItem(key),
  set: (key, value) => sessionStorage.setItem(key, value),
  remove: (key) => sessionStorage.removeItem(key),
};

/** The session itself is in memory. The store only notes that one exists. */
export const memory: AuthStorage = { ...tab, set: (key) => tab.set(key, "here") };

/** Used if the browser refuses to store anything. */
export const nowhere: AuthStorage = { get: () => null, set() {}, remove() {} };
