import type { IdTokenClaims, RelyingParty } from "oidc-wasm";
import { type Cookies, readChunks, readCookies, writeChunks } from "./cookies.js";
import { jarOf } from "./jar.js";
import type { LoginConfig, Session } from "./login_types.js";
import type { Place } from "./place.js";
import { hashed, open, seal, toText } from "./seal.js";
import type { Tokens } from "./tokens.js";
import { tools } from "./tools.js";

/** Claims of every session: a refreshed ID token must match them (OpenID Connect Core 1.0 §12.2). */
const ALWAYS = ["iss", "sub", "aud", "azp", "exp", "iat", "auth_time", "sid", "nonce"];
const USUAL = ["name", "preferred_username", "email", "email_verified", "picture"];

/** Seconds between two writes of a session with `idle`. With a shorter `idle`, half of it. */
const ROLL = 60;

/** An access token, with its times of issue and expiry in seconds since the epoch. */
export interface Token {
  value: string;
  from: number;
  until: number;
}

/** The encrypted contents of a session. Times are seconds since the epoch. */
export interface Kept {
  claims: IdTokenClaims;
  /** True if `onSignIn` returned the claims. Then `previous` are those of the newest ID token. */
  isOwn?: boolean;
  previous?: IdTokenClaims | undefined;
  written: number;
  until: number;
  idToken?: string | undefined;
  refreshToken?: string | undefined;
  /** The resource of the login's token. Empty without one. */
  resource?: string | undefined;
  /** Tokens by resource. The login's token has an empty name. */
  tokens?: Record<string, Token> | undefined;
}

/** A session in one request. */
export interface State {
  kept: Kept;
  request: Request;
  place: Place;
  cookies: Cookies;
  /** Its key in the store. */
  key?: string | undefined;
  /** The error of its token's renewal. Another attempt in the same request would fail too. */
  failure?: unknown;
  /** The `Set-Cookie` lines to send. */
  lines: string[];
}

/** Without a session, `kept` is undefined. */
export type Loaded = Omit<State, "kept"> & { kept: Kept | undefined };

export interface Sessions {
  /** Reads this browser's cookie, and with a store the session under it. */
  load(request: Request, place: Place): Promise<Loaded>;
  /** Writes a session to its store, or to cookies. */
  write(state: State): Promise<void>;
  /** The claims to keep. */
  picked(claims: IdTokenClaims): IdTokenClaims;
  /** The part for the tokens of sessions with `keep: "tokens"`. */
  tokenPart(): Promise<Tokens>;
  sessionOf(state: State): Session;
  find(request: Request, place: Place): Promise<Session | null>;
  linesOf(session: Session): string[];
}

const now = () => Date.now() / 1000;

/** The encrypted part of a store's entry. A broken entry counts as no session. */
function sealedIn(entry: string | null): string | undefined {
  try {
    return JSON.parse(entry ?? "").sealed;
  } catch {
    return undefined;
  }
}

export function createSessions(config: LoginConfig, party: () => RelyingParty | Promise<RelyingParty>): Sessions {
  const { issuer, provider, clientId, cookieSecret, store, keep, idle } = config;
  /** Another login must not accept this one's sessions, even with the same secret. */
  const owner = ` ${issuer ?? provider?.issuer} ${clientId}`;
  const states = new WeakMap<Session, State>();
  let made: Tokens | undefined;

  async function tokenPart(): Promise<Tokens> {
    const { createTokens } = await import("./tokens.js");
    made ??= createTokens({ ...tools, config, party, picked, load, write });
    return made;
  }

  function picked(claims: IdTokenClaims): IdTokenClaims {
    const names = [...ALWAYS, ...(config.claims ?? USUAL)];
    return Object.fromEntries(Object.entries(claims).filter(([name]) => names.includes(name))) as IdTokenClaims;
  }

  async function load(request: Request, place: Place): Promise<Loaded> {
    const cookies = readCookies(request);
    let { name } = jarOf(config, place);
    let value: string | undefined = readChunks(cookies, name);
    let key: string | undefined;
    if (store) {
      name = key = await hashed(value);
      value = value && sealedIn(await store.get(key));
    }
    return { kept: await open<Kept>(value, name + owner, cookieSecret), key, request, place, cookies, lines: [] };
  }

  async function write(state: State): Promise<void> {
    const { kept, place, cookies } = state;
    const { name, line } = jarOf(config, place);
    const left = kept.until - now();
    const seconds = Math.min(left, idle ?? left);
    kept.written = now();
    let value: string | undefined;
    if (store) {
      if (!state.key) {
        value = toText(crypto.getRandomValues(new Uint8Array(32)));
        state.key = await hashed(value);
        // A sign-out meanwhile has ended the session, or another request has written a newer refresh token.
      } else if (!(await store.get(state.key)) || made?.isStale(kept)) return;
      const { sub, sid } = kept.previous ?? kept.claims;
      const sealed = await seal(kept, state.key + owner, cookieSecret, seconds);
      await store.put(state.key, JSON.stringify({ sub, sid, sealed }), Math.ceil(seconds));
    } else value = await seal(kept, name + owner, cookieSecret, seconds);
    const sizes = Object.entries(kept).map(([part, content]) => `${part}: ${JSON.stringify(content)?.length ?? 0}`);
    if (value) state.lines = writeChunks(cookies, name, value, line(left), sizes.join(", "));
  }

  function sessionOf(state: State): Session {
    const session: Session = {
      get claims() {
        return state.kept.claims;
      },
      get expiresAt() {
        return state.kept.until;
      },
      ...(keep === "tokens" && {
        accessToken: async (options) => (await tokenPart()).live(state, options?.resource),
      }),
    };
    states.set(session, state);
    return session;
  }

  return {
    load,
    write,
    picked,
    tokenPart,
    sessionOf,
    async find(request, place) {
      const state = (await load(request, place)) as State;
      if (!state.kept) return null;
      if (keep === "tokens") await (await tokenPart()).renewDue(state, "");
      if (idle && now() - state.kept.written >= Math.min(ROLL, idle / 2))
        // The next request tries again.
        await (keep === "tokens" ? (await tokenPart()).roll(state) : write(state)).catch(() => {});
      return sessionOf(state);
    },
    linesOf(session) {
      const state = states.get(session);
      // Another response carries a newer refresh token, and may have arrived before.
      return state && !made?.isStale(state.kept) ? state.lines : [];
    },
  };
}
