/**
 * Does work once for all concurrent calls. The other calls check every 20 ms if it is done or has failed: in a Worker, a
 * request must not wait for another request's promise. After a time limit in milliseconds they do the work themselves.
 */
export function inTurn<T extends object>(
  done: () => T | undefined,
  work: () => Promise<T>,
  patience = 2_000,
): () => Promise<T> {
  let until = 0;
  let failed: unknown[] = [];
  return async () => {
    const before = failed;
    for (;;) {
      const found = done();
      if (found) return found;
      // One attempt after the other would take too long.
      if (failed !== before) throw failed[0];
      // The monotonic clock.
      if (performance.now() >= until) break;
      await new Promise((next) => setTimeout(next, 20));
    }
    until = performance.now() + patience;
    try {
      return await work();
    } catch (problem) {
      failed = [problem];
      throw problem;
    } finally {
      until = 0;
    }
  };
}
