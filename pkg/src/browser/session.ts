import type { IdTokenClaims, Scope, TokenSet } from "../types.js";

/** An access token, with the time it came and the time it ends, in seconds. Without an end it is used until an API refuses it. */
export interface Held {
  token: string;
  /** Where it is bound to a key (RFC 9449 §5). */
  type?: "DPoP";
  at: number;
  expiresAt?: number;
}

/** What a signed-in page holds. It goes as JSON into a storage and, sealed, to a tab that asks. */
export interface Session {
  v: typeof VERSION;
  /** Names the sign-in: all tabs of it have the same. */
  id: string;
  /** When the person signed in, in milliseconds, and how often tokens came since. */
  since: number;
  turn: number;
  claims: IdTokenClaims;
  signature: "valid" | "unchecked";
  idToken: string | undefined;
  refreshToken: string | undefined;
  /** By {@link nameOf}. */
  held: Record<string, Held>;
}

/** Of stored entries and of messages. Another version's are not read. */
export const VERSION = 1;

export function read(text: string | null | undefined): Session | undefined {
  try {
    const session = JSON.parse(text ?? "null");
    return session?.v === VERSION && session.claims?.sub && session.held ? session : undefined;
  } catch {
    return undefined;
  }
}

/** Where a session stands among others: it says nothing secret. */
export type Rank = Pick<Session, "id" | "since" | "turn">;

export const isNewer = (one: Rank, other: Rank | undefined): boolean =>
  !other || (one.id === other.id ? one.turn > other.turn : one.since > other.since);

/** The name of a token among those of a session. */
export const nameOf = (resource: string | undefined, scope?: Scope): string =>
  [resource ?? "", ...[scope ?? []].flat()].join(" ");

export const hold = ({ access_token: token, token_type, expires_in }: TokenSet, at: number): Held => ({
  token,
  ...(/^dpop$/i.test(token_type) && { type: "DPoP" }),
  at,
  ...(expires_in !== undefined && { expiresAt: at + expires_in }),
});

/** Half of a token's life, or less. */
export const margin = ({ at, expiresAt = 0 }: Held, seconds: number): number => Math.min(seconds, (expiresAt - at) / 2);

/** Whether a token lasts for some more seconds. Where the clock was set back, nobody knows. */
export const isLive = (held: Held | undefined, seconds: number, now: number): held is Held =>
  !!held && now >= held.at - 60 && (held.expiresAt === undefined || now < held.expiresAt - margin(held, seconds));
