import type { IdTokenClaims, Scope } from "../types.js";

/** An access token, with its times of issue and expiry in seconds. Without an expiry it is used until an API rejects it. */
export interface Held {
  token: string;
  /** Set if the token is bound to a key (RFC 9449 §5). */
  type?: "DPoP";
  at: number;
  expiresAt?: number;
}

/** The session of a page. Stored as JSON, and sent encrypted to a tab that asks. */
export interface Session {
  v: typeof VERSION;
  /** Identifies the sign-in. All its tabs have the same. */
  id: string;
  /** The time of the sign-in in milliseconds, and the number of refreshes since. */
  since: number;
  turn: number;
  claims: IdTokenClaims;
  signature: "valid" | "unchecked";
  idToken: string | undefined;
  refreshToken: string | undefined;
  /** The tokens by {@link nameOf}. */
  held: Record<string, Held>;
}

/** The version of stored entries and messages. Other versions are ignored. */
export const VERSION = 1 as const;

export function read(text: string | null | undefined): Session | undefined {
  try {
    const session = JSON.parse(text ?? "null");
    return session?.v === VERSION && session.claims?.sub && session.held ? session : undefined;
  } catch {
    return undefined;
  }
}

/** The age of a session among others. It is not secret. */
export type Rank = Pick<Session, "id" | "since" | "turn">;

export const isNewer = (one: Rank, other: Rank | undefined): boolean =>
  !other || (one.id === other.id ? one.turn > other.turn : one.since > other.since);

/** The name of a token in a session. */
export const nameOf = (resource: string | undefined, scope?: Scope): string =>
  [resource ?? "", ...[scope ?? []].flat()].join(" ");

/** Half of a token's life, or less. */
export const margin = ({ at, expiresAt = 0 }: Held, seconds: number): number => Math.min(seconds, (expiresAt - at) / 2);

/** Is a token valid for this many more seconds? Unknown after the clock was set back. False if `seconds` is no number of seconds. */
export const isLive = (held: Held | undefined, seconds: number, now: number): held is Held =>
  !!held &&
  seconds >= 0 &&
  now >= held.at - 60 &&
  (held.expiresAt === undefined || now < held.expiresAt - margin(held, seconds));
