import type { Exports } from "./engine.js";

/** A new instance, from a function that takes the host's functions and returns the exports. */
export function instanceOf(make: (imports: WebAssembly.Imports) => object): Exports {
  const exports = make({ host: { fill } }) as Exports;
  return exports;

  /** Fills memory from a secure random source. Returns 0 if there is none. */
  function fill(at: number, length: number): number {
    try {
      crypto.getRandomValues(new Uint8Array(exports.memory.buffer, at >>> 0, length));
      return 1;
    } catch {
      return 0;
    }
  }
}
