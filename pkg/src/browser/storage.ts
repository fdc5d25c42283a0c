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
/** Milliseconds by which a timer of a running page may be late. */
const DRIFT = 1_000;

const pause = async () => {
  const start = performance.now();
  await new Promise((done) => setTimeout(done, PATIENCE));
  return performance.now() - start;
};

const late = async (): Promise<never> => {
  // A page that stood still gave the store no time.
  if ((await pause()) > PATIENCE + DRIFT) await pause();
  throw new DOMException("", "TimeoutError");
};

/** The answer of a store, if it comes in time. A renewal waits for the store, and so do all tabs. */
export const timely = <T>(answer: Promise<T>): Promise<T> => Promise.race([answer, late()]);
