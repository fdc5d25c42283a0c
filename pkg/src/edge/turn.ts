/**
 * Does work once for all concurrent calls. The other calls check every 20 ms if it is done: in a Worker, a request must
 * not wait for another request's promise. After a time limit in milliseconds they do the work themselves.
 */
export function inTurn<T extends object>(
  done: () => T | undefined,
  work: () => Promise<T>,
  patience = 2_000,
): () => Promise<T> {
  let until = 0;
  return async () => {
    for (;;) {
      const found = done();
      if (found) return found;
      // The monotonic clock.
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
