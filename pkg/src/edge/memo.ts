import { wrongConfig } from "./problem.js";
import type { GuardConfig, Guarded } from "./types.js";

/** A token's key: its end, which is part of the signature. To hash all of a token takes longer than the rest of a hit. */
const keyOf = (token: string) => `${token}`.slice(-32);

interface Entry {
  seen: Guarded;
  from: number;
  until: number;
}

/** Verified tokens by their whole string. The size is limited, and the least recently used go first. */
export interface Memo {
  get(token: string): Guarded | undefined;
  /** Keeps a token for the configured seconds, at most until its `exp`. */
  keep(seen: Guarded, isOpaque: boolean | undefined): void;
}

/** Two generations, each with half of the space. A used entry moves to the young one. The old one is dropped as a whole. */
export function createMemo(bounds: GuardConfig["memo"] = {}, opaque: number): Memo {
  const { entries = 1_000, bytes = 4 << 20, seconds = 300 } = bounds || { entries: 0 };
  // A sum with a string is a string.
  if (!Number.isFinite(seconds + opaque)) throw wrongConfig("seconds", "a number");
  /** The characters of a generation's tokens. Each takes about four bytes, in its string and in its claims. Two generations. */
  const most = bytes / 8;
  let young = new Map<string, Entry>();
  let old = young;
  let room = 0;

  function put(entry: Entry): void {
    const { token } = entry.seen;
    const size = token.length;
    if (!(entries >= 2 && size <= most)) return;
    if (young.size + 1 > entries / 2 || size > room) {
      old = young;
      young = new Map();
      room = most;
    }
    young.set(keyOf(token), entry);
    room -= size;
  }

  return {
    get(token) {
      const now = Date.now() / 1000;
      const key = keyOf(token);
      const entry = young.get(key) ?? old.get(key);
      // After the clock was set back, nbf must be checked again.
      // A time that is no number is not within.
      if (entry && entry.seen.token === token && now >= entry.from && now < entry.until) {
        if (young.get(key) !== entry) put(entry);
        return entry.seen;
      }
      return undefined;
    },
    keep(seen, isOpaque) {
      const from = Date.now() / 1000;
      const until = from + (isOpaque ? opaque : seconds);
      put({ seen, from, until: Math.min(until, (seen.claims.exp as number | undefined) ?? until) });
    },
  };
}
