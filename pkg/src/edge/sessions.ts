import { type IdTokenClaims, type Login, OidcError, type RelyingParty } from "oidc-wasm";
import { type Cookies, readChunks, readCookies, writeChunks } from "./cookies.js";
import { jarOf } from "./jar.js";
import type { LoginConfig, Session } from "./login_types.js";
import { isNavigation, type Place } from "./place.js";
import { EXPIRED } from "./refusal.js";
import { hashed, open, seal, toText } from "./seal.js";
import { inTurn } from "./turn.js";

/** What a refresh gives: claims where an ID token came. */
type Renewed = Login<"code", IdTokenClaims | undefined>;

/** Claims that every session keeps: a refreshed ID token is compared with them (OpenID Connect Core 1.0 §12.2). */
const ALWAYS = ["iss", "sub", "aud", "azp", "exp", "iat", "auth_time", "sid", "nonce"];
const USUAL = ["name", "preferred_username", "email", "email_verified", "picture"];

/** Milliseconds for which an isolate remembers what a refresh token bought. */
const REMEMBERED = 60_000;

/** Seconds between two writings of a session that ends by inactivity. */
const ROLL = 60;

interface Token {
  value: string;
  from: number;
  until: number;
}

/** What is sealed of a person. Times are seconds since the epoch. */
interface Kept {
  claims: IdTokenClaims;
  /** Whether `onSignIn` gave them; `previous` are then those of the newest ID token. */
  isOwn?: boolean;
  previous?: IdTokenClaims | undefined;
  written: number;
  until: number;
  idToken?: string | undefined;
  refreshToken?: string | undefined;
  /** By resource; the first one's name is empty. */
  tokens?: Record<string, Token> | undefined;
}

/** A session in one request. */
interface State {
  kept: Kept;
  request: Request;
  place: Place;
  cookies: Cookies;
  /** Under which the store has it. */
  key?: string | undefined;
  /** Why its token could not be renewed. Asking again in the same request would say the same. */
  failure?: unknown;
  /** The `Set-Cookie` lines to send. */
  lines: string[];
}

export interface Sessions {
  begin(login: Login, claims: IdTokenClaims | undefined, request: Request, place: Place): Promise<Session>;
  find(request: Request, place: Place): Promise<Session | null>;
  /** Ends the session of this browser: what it kept, and the lines that take its cookies away. */
  end(request: Request, place: Place): Promise<{ kept: Kept | undefined; lines: string[] }>;
  linesOf(session: Session): string[];
}

const now = () => Date.now() / 1000;

export function createSessions(config: LoginConfig, party: () => Promise<RelyingParty>): Sessions {
  const { cookieSecret, store, keep = "claims", maxAge = 28_800, idle, lock, refresh = "navigation" } = config;
  const { fetch, resource = [] } = config;
  const [first] = [resource].flat();
  const states = new WeakMap<Session, State>();
  /** What refresh tokens bought, by their hash. */
  const bought = new Map<string, { until: number; buy: () => Promise<{ resource: string; login: Renewed }> }>();

  function picked(claims: IdTokenClaims): IdTokenClaims {
    const names = [...ALWAYS, ...(config.claims ?? USUAL)];
    return Object.fromEntries(Object.entries(claims).filter(([name]) => names.includes(name))) as IdTokenClaims;
  }

  /** Reads the cookie of this browser, and where there is a store what is kept under it. */
  async function load(cookies: Cookies, place: Place): Promise<{ key?: string; kept?: Kept | undefined }> {
    const { name } = jarOf(config, place);
    const value = readChunks(cookies, name);
    if (!store) return { kept: await open<Kept>(value, name, cookieSecret) };
    const key = await hashed(value ?? "");
    const text = value && (await store.get(key));
    return { key, kept: text ? await open<Kept>(JSON.parse(text).sealed, key, cookieSecret) : undefined };
  }

  /** Writes a session to its store, or to cookies. */
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
      }
      const { sub, sid } = kept.claims;
      const sealed = await seal(kept, state.key, cookieSecret, seconds);
      await store.put(state.key, JSON.stringify({ sub, sid, sealed }), Math.ceil(seconds));
    } else value = await seal(kept, name, cookieSecret, seconds);
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
      ...(keep === "tokens" && { accessToken: (options) => accessToken(state, options?.resource) }),
    };
    states.set(session, state);
    return session;
  }

  // ── tokens ──

  const isAlive = (token: Token | undefined): token is Token => !!token && now() < token.until;
  /** At 3/4 of its life a token is renewed. */
  const isDue = (token: Token | undefined) => !token || now() >= token.from + 0.75 * (token.until - token.from);
  const mayRefresh = ({ kept, request }: State) =>
    kept.refreshToken !== undefined &&
    (refresh === "always" || (refresh && request.method === "GET" && isNavigation(request)));

  function take(kept: Kept, name: string, { tokens, claims, expiresAt }: Renewed): void {
    if (claims) {
      if (kept.isOwn) kept.previous = picked(claims);
      // What userinfo said at sign-in stays.
      else kept.claims = { ...kept.claims, ...picked(claims) };
    }
    if (keep !== "claims") kept.idToken = tokens.id_token ?? kept.idToken;
    if (keep !== "tokens") return;
    kept.refreshToken = tokens.refresh_token ?? kept.refreshToken;
    const token = { value: tokens.access_token, from: now(), until: expiresAt ?? kept.until };
    kept.tokens = { ...kept.tokens, [name]: token };
  }

  /** Trades a refresh token in. Whoever comes with it again is given what it bought. */
  async function spend(refreshToken: string, name: string, kept: Kept): Promise<{ resource: string; login: Renewed }> {
    const key = await hashed(refreshToken);
    for (const [old, { until }] of bought) if (Date.now() >= until) bought.delete(old);
    let answer = bought.get(key);
    if (!answer) {
      let found: { resource: string; login: Renewed } | undefined;
      const buy = async () => {
        const rp = await party();
        const previous = kept.isOwn ? kept.previous : kept.claims;
        const options = { previous, ...(name && { resource: name }), ...(fetch && { fetch }) };
        const login = await rp.refresh(refreshToken, options).catch((problem) => {
          // The refresh token is spent, though the ID token could not be verified for want of keys.
          if (problem instanceof OidcError && problem.tokens) return { tokens: problem.tokens } as Renewed;
          throw problem;
        });
        found = { resource: name, login };
        return found;
      };
      answer = { until: Date.now() + REMEMBERED, buy: inTurn(() => found, buy, REMEMBERED / 2) };
      bought.set(key, answer);
    }
    return answer.buy();
  }

  /** Renews the token for a resource. A session that another request has renewed meanwhile is taken over. */
  async function renew(state: State, name: string): Promise<void> {
    const work = async () => {
      if (lock) state.kept = (await load(state.cookies, state.place)).kept ?? state.kept;
      let isNew = false;
      while (isDue(state.kept.tokens?.[name]) && state.kept.refreshToken) {
        const { resource: of, login } = await spend(state.kept.refreshToken, name, state.kept);
        take(state.kept, of, login);
        isNew = true;
      }
      if (isNew) await write(state);
    };
    try {
      await (lock ? lock(`oidc-wasm ${state.key}`, work) : work());
    } catch (problem) {
      // The token at hand may still be alive; whoever asks for it learns the rest.
      state.failure = problem;
    }
  }

  async function accessToken(state: State, wanted = first): Promise<string> {
    const name = wanted === first || !wanted ? "" : wanted;
    if (isDue(state.kept.tokens?.[name]) && !state.failure && mayRefresh(state)) await renew(state, name);
    const token = state.kept.tokens?.[name];
    if (isAlive(token)) return token.value;
    throw new OidcError(EXPIRED, { status: 401 }, { cause: state.failure });
  }

  return {
    async begin(login, claims, request, place) {
      const cookies = readCookies(request);
      // The session of before ends, and its name with it.
      const { key, kept: before } = await load(cookies, place);
      if (key && before) await store?.delete(key);
      const kept = { until: now() + maxAge } as Kept;
      take(kept, "", login);
      if (claims) Object.assign(kept, { claims, isOwn: true, previous: keep === "tokens" ? kept.claims : undefined });
      const state = { kept, request, place, cookies, lines: [] };
      await write(state);
      return sessionOf(state);
    },
    async find(request, place) {
      const cookies = readCookies(request);
      const { key, kept } = await load(cookies, place);
      if (!kept) return null;
      const state: State = { kept, key, request, place, cookies, lines: [] };
      if (keep === "tokens" && isDue(kept.tokens?.[""]) && mayRefresh(state)) await renew(state, "");
      if (idle && now() - state.kept.written >= ROLL) await write(state);
      return sessionOf(state);
    },
    async end(request, place) {
      const cookies = readCookies(request);
      const { name, line } = jarOf(config, place);
      const { key, kept } = await load(cookies, place);
      if (key) await store?.delete(key);
      if (kept?.refreshToken) bought.delete(await hashed(kept.refreshToken));
      return { kept, lines: writeChunks(cookies, name, "", line(0), "") };
    },
    linesOf: (session) => states.get(session)?.lines ?? [],
  };
}
