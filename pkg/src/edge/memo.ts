import type { GuardConfig, Guarded } from "./types.js";

/** Estimated memory per character of a token: its string, and its claims as objects. */
const BYTES = 4;

interface Entry {
  seen: Guarded;
  from: number;
  until: number;
}

/** Verified tokens by their whole string. The size is limited, and the least recently used go first. */
export interface Memo {
  get(token: string): Guarded | undefined;
  /** Keeps a token for this many seconds (default: the configured ones), at most until its `exp`. */
  keep(seen: Guarded, seconds?: number): void;
}

/** Two generations, each with half of the space. A used entry moves to the young one. The old one is dropped as a whole. */
export function createMemo(bounds: GuardConfig["memo"] = {}): Memo {
  const { entries = 1_000, bytes = 4 << 20, seconds: usual = 300 } = bounds || { entries: 0 };
  /** The characters of a generation's tokens. */
  const most = bytes / BYTES / 2;
  let young = new Map<string, Entry>();
  let old = young;
  let room = 0;

  function put(token: string, entry: Entry): void {
    const size = token.length;
    if (entries < 2 || size > most) return;
    if (young.size + 1 > entries / 2 || size > room) {
      old = young;
      young = new Map();
      room = most;
    }
    young.set(token, entry);
    room -= size;
  }

  return {
    get(token) {
      const now = Date.now() / 1000;
      const entry = young.get(token) ?? old.get(token);
      // After the clock was set back, nbf must be checked again.
      if (!entry || now < entry.from || now >= entry.until) return undefined;
      if (!young.has(token)) put(token, entry);
      return entry.seen;
    },
    keep(seen, seconds = usual) {
      const { token, claims } = seen;
      const from = Date.now() / 1000;
      const until = from + seconds;
      put(token, { seen, from, until: Math.min(until, (claims.exp as number | undefined) ?? until) });
    },
  };
}
