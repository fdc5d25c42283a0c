import type { GuardConfig, Guarded } from "./types.js";

/** An estimate of the memory for each character of a token: its text, and its claims as objects. */
const BYTES = 4;

/** Tokens that were verified here, by their whole text. It is bounded; the one that was used longest ago goes first. */
export interface Memo {
  get(token: string): Guarded | undefined;
  /** For so many seconds, by default the configured ones, and until the token's `exp`. */
  keep(seen: Guarded, seconds?: number): void;
  clear(): void;
}

export function createMemo(bounds: GuardConfig["memo"]): Memo {
  const { entries = 1_000, bytes = 4 << 20, seconds: usual = 300 } = bounds === false ? { entries: 0 } : (bounds ?? {});
  const kept = new Map<string, { seen: Guarded; from: number; until: number }>();
  let room = bytes;

  function take(token: string) {
    const entry = kept.get(token);
    if (kept.delete(token)) room += token.length * BYTES;
    return entry;
  }

  function put(token: string, entry: { seen: Guarded; from: number; until: number }): void {
    kept.set(token, entry);
    room -= token.length * BYTES;
  }

  return {
    get(token) {
      const entry = take(token);
      const now = Date.now() / 1000;
      // A clock that was set back makes nbf a question again.
      if (!entry || now < entry.from || now >= entry.until) return undefined;
      put(token, entry);
      return entry.seen;
    },
    keep(seen, seconds = usual) {
      const { token, claims } = seen;
      const from = Date.now() / 1000;
      take(token);
      put(token, { seen, from, until: Math.min(from + seconds, (claims.exp as number | undefined) ?? Infinity) });
      for (const [oldest] of kept) {
        if (kept.size <= entries && room >= 0) break;
        take(oldest);
      }
    },
    clear() {
      kept.clear();
      room = bytes;
    },
  };
}
