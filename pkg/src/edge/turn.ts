/**
 * Does work once for all who want it at the same time. The others look every 20 ms whether it is done: in a Worker, a request may
 * not wait for another request's promise. After so many milliseconds they do it themselves.
 */
export function inTurn<T>(done: () => T | undefined, work: () => Promise<T>, patience = 2_000): () => Promise<T> {
  let until = 0;
  return async () => {
    for (;;) {
      const found = done();
      if (found !== undefined) return found;
      // The clock that is never set.
      if (performance.now() >= until) break;
      await new Promise((next) => setTimeout(next, 20));
    }
    until = performance.now() + patience;
    try {
      return await work();
    } finally {
      until = 0;
    }
  };
}
