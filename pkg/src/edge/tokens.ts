// The tokens of sessions, and their renewal. Loaded with the first session that has tokens.
import type { IdTokenClaims, Login, RelyingParty } from "oidc-wasm";
import type { LoginConfig } from "./login_types.js";
import type { Kept, Sessions, State, Token } from "./sessions.js";
import type { Tools } from "./tools.js";

/** The result of a refresh. It has claims if an ID token came. */
type Renewed = Login<"code", IdTokenClaims | undefined>;

/** The tokens of a refresh, their resource, and the time in milliseconds. */
interface Bought {
  resource: string;
  at: number;
  login: Renewed;
}

/** A refresh in one isolate. `failed`: the turn in which it has failed. Infinite if the provider asked to wait. */
interface Purchase {
  name: string;
  until: number;
  buy: () => Promise<Bought>;
  found?: Bought;
  failed?: number;
}

/** Milliseconds for which an isolate remembers the tokens of a refresh. */
const REMEMBERED = 60_000;

/** The most seconds for which a provider's `Retry-After` counts. A wrong one must not end the renewal. */
const HOUR = 3600;

const EXPIRED = "session.expired|RFC 6749 §5.2|The access token is over, and this request may not refresh it.";

/** The sessions of the tokens. */
interface Keeping extends Tools {
  config: LoginConfig;
  party(): RelyingParty | Promise<RelyingParty>;
  picked(claims: IdTokenClaims): IdTokenClaims;
  load: Sessions["load"];
  write(state: State): Promise<void>;
}

export interface Tokens {
  /** Puts the tokens of a login into a session. */
  take(kept: Kept, name: string, login: Renewed): void;
  /** Renews a due token, if this request may. */
  renewDue(state: State, name: string): Promise<void>;
  /** A live token. */
  live(state: State, resource?: string): Promise<string>;
  /** Writes an active session again, unless another request has written it. */
  roll(state: State): Promise<void>;
  /** Drops the remembered tokens of a refresh. */
  forget(refreshToken: string): unknown;
  /** True if another request has used this session's refresh token and got a newer one. */
  isStale(kept: Kept): boolean;
}

const now = () => Date.now() / 1000;

/** A token is renewed after 3/4 of its life. */
const isDue = (token: Token | undefined) => !token || now() >= token.from + 0.75 * (token.until - token.from);

export function createTokens({ config, party, picked, load, write, hashed, inTurn, ...tools }: Keeping): Tokens {
  const { OidcError, isNavigation } = tools;
  const { lock, refresh = "navigation", fetch, resource = [] } = config;
  const [first] = [resource].flat();
  /** The tokens of recent refreshes, by the refresh token. */
  const bought = new Map<string, Purchase>();
  /** Counts requests and failures, because clocks may stand still. */
  let turns = 0;

  /** The resource of the first token. Sessions of an earlier version do not name it. */
  const main = (kept: Kept) => kept.resource ?? first;

  const mayRefresh = ({ kept, request }: State) =>
    kept.refreshToken !== undefined &&
    (refresh === "always" || (refresh && request.method === "GET" && isNavigation(request)));

  function take(kept: Kept, name: string, { tokens, claims, expiresAt }: Renewed): void {
    if (claims) {
      if (kept.isOwn) kept.previous = picked(claims);
      // Userinfo claims of the sign-in stay.
      else kept.claims = { ...kept.claims, ...picked(claims) };
    }
    kept.idToken = tokens.id_token ?? kept.idToken;
    // After a refresh without a new one, it is the old one.
    kept.refreshToken = tokens.refresh_token;
    const token = { value: tokens.access_token, from: now(), until: expiresAt ?? kept.until };
    kept.tokens = { ...kept.tokens, [name]: token };
  }

  /**
   * Uses a refresh token. A second use returns the remembered tokens. It throws a failure that came after `asked`: requests
   * that wait for a lock would try one after the other.
   */
  async function spend(refreshToken: string, name: string, kept: Kept, asked: number): Promise<Bought> {
    for (const [old, { until }] of bought) if (Date.now() >= until) bought.delete(old);
    let answer = bought.get(refreshToken);
    const { failed = Infinity } = answer ?? {};
    if (!answer || (failed < Infinity && (failed < asked || answer.name !== name))) {
      const buy = async () => {
        const rp = await party();
        const previous = kept.isOwn ? kept.previous : kept.claims;
        const options = { previous, resource: name || main(kept) || undefined, ...(fetch && { fetch }) };
        const login = await rp.refresh(refreshToken, options).catch((problem) => {
          // The refresh token is used, although missing keys prevented verifying the ID token.
          if (!(problem instanceof OidcError && problem.tokens)) throw problem;
          const { tokens } = problem;
          const { expires_in } = tokens;
          return { tokens, expiresAt: expires_in && now() + expires_in } as Renewed;
        });
        made.found = { resource: name, login, at: Date.now() };
        return made.found;
      };
      // A slow provider takes 30 seconds for the tokens, and 30 for its keys.
      const made: Purchase = { name, until: Date.now() + REMEMBERED, buy: inTurn(() => made.found, buy, REMEMBERED) };
      answer = made;
      bought.set(refreshToken, made);
    }
    try {
      return await answer.buy();
    } catch (problem) {
      if (answer.failed === undefined) {
        const { retryAfter } = Object(problem) as { retryAfter?: number };
        answer.buy = () => Promise.reject(problem);
        answer.failed = retryAfter ? Infinity : ++turns;
        // RFC 9110 §10.2.3. The provider refuses every resource until then.
        if (retryAfter) answer.until = Date.now() + Math.min(retryAfter, HOUR) * 1000;
      }
      if (answer.failed === Infinity || answer.name === name) throw problem;
      // The provider has refused the other resource, perhaps, and not the refresh token.
      return spend(refreshToken, name, kept, asked);
    }
  }

  /** Does work alone for this session, if there is a lock. */
  const alone = async ({ key, kept: { refreshToken, tokens } }: State, work: () => Promise<void>) =>
    lock ? lock(`oidc-wasm ${key ?? (await hashed(`${refreshToken ?? tokens?.[""]?.value}`))}`, work) : work();

  /** Renews the token for a resource. Uses a session that another request has renewed meanwhile. */
  async function renewDue(state: State, name: string): Promise<void> {
    if (!isDue(state.kept.tokens?.[name]) || state.failure || !mayRefresh(state)) return;
    const asked = ++turns;
    const work = async () => {
      if (lock) {
        const { kept } = await load(state.request, state.place);
        // Signed out meanwhile.
        if (!kept) return;
        state.kept = kept;
      }
      const began = Date.now();
      let isNew = false;
      while (isDue(state.kept.tokens?.[name]) && state.kept.refreshToken) {
        const used = state.kept.refreshToken;
        const { resource: of, login, at } = await spend(used, name, state.kept, asked);
        take(state.kept, of, login);
        isNew = true;
        // A new token may be due at once, if its life is short.
        if (of === name && at >= began) break;
        // The remembered tokens are over, or for another resource.
        if (state.kept.refreshToken === used) bought.delete(used);
      }
      if (isNew) await write(state);
    };
    try {
      await alone(state, work);
    } catch (problem) {
      // The present token may still be valid. Otherwise `live` throws this error.
      state.failure = problem;
    }
  }

  return {
    take,
    renewDue,
    async live(state, wanted = first) {
      const name = wanted === main(state.kept) || !wanted ? "" : wanted;
      await renewDue(state, name);
      const token = state.kept.tokens?.[name];
      if (token && now() < token.until) return token.value;
      throw new OidcError(EXPIRED, { status: 401 }, { cause: state.failure });
    },
    async roll(state) {
      const work = async () => {
        const { kept } = await load(state.request, state.place);
        // Otherwise this write would undo the other one, whose refresh token is newer.
        if (kept?.written === state.kept.written) await write(state);
        else state.kept = kept ?? state.kept;
      };
      await alone(state, work);
    },
    forget: (refreshToken) => bought.delete(refreshToken),
    isStale({ refreshToken = "" }) {
      const next = bought.get(refreshToken)?.found?.login.tokens.refresh_token;
      return !!next && next !== refreshToken;
    },
  };
}
