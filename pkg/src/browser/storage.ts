import type { AuthStorage, BrowserConfig } from "./types.js";

/** A store of sessions. `isShared`: other tabs see it. */
export interface Store extends AuthStorage {
  isShared: boolean;
}

/** sessionStorage, looked up at each call: a browser may deny access to it. */
const tab: Store = {
  isShared: false,
  get: (key) => sessionStorage.getItem(key),
  set: (key, value) => sessionStorage.setItem(key, value),
  remove: (key) => sessionStorage.removeItem(key),
};

/** The session itself is in memory. The store only notes that one exists. */
export const memory: Store = { ...tab, set: (key) => tab.set(key, "here") };

/** Used if the browser refuses to store anything. */
export const nowhere: Store = { isShared: false, get: () => null, set: () => {}, remove: () => {} };

const indexeddb = async () => (await import("./indexeddb.js")).indexeddb;
const sealed: Store = {
  isShared: true,
  get: async (key) => (await indexeddb()).get(key),
  set: async (key, value) => (await indexeddb()).set(key, value),
  remove: async (key) => (await indexeddb()).remove(key),
};

/** The store of the sessions. */
export function storeOf(storage: BrowserConfig["storage"] = "session"): Store {
  if (typeof storage === "object") return own(storage);
  return { session: tab, memory, indexeddb: sealed }[storage];
}

/** The store of started logins, which must outlive the page but not the tab. */
export const loginStoreOf = (storage: BrowserConfig["storage"]): Store =>
  typeof storage === "object" ? own(storage) : tab;

/** Other tabs may see this store or not, so the page asks them too. */
const own = (storage: AuthStorage): Store => ({
  isShared: false,
  get: (key) => storage.get(key),
  set: (key, value) => storage.set(key, value),
  remove: (key) => storage.remove(key),
});
