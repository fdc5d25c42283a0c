import type {
  AuthorizationParams,
  AuthorizationRequest,
  ClientConfig,
  DpopKey,
  IdTokenClaims,
  Login,
} from "../types.js";
import { createApis } from "./apis.js";
import type { StoredKey } from "./dpop_key.js";
import { init, OidcError, parseChallenges, RelyingParty } from "./engine.js";
import type { Exclusive } from "./lock.js";
import {
  asProblem,
  EXPIRED,
  isFinal,
  isRecoverable,
  NO_REFRESH_TOKEN,
  NONE,
  problem,
  STORAGE,
  wrongArgument,
} from "./problem.js";
import { random } from "./random.js";
import { type Held, hold, isLive, margin, nameOf, type Session, VERSION } from "./session.js";
import type { Api, AuthEvent, BrowserConfig, SignOutOptions, TokenOptions } from "./types.js";
import type { Unchecked } from "./unchecked.js";

/** The keeper's configuration, in a page or in a worker. */
export type KeeperConfig = Omit<BrowserConfig, "storage" | "worker" | "otherUser" | "host" | "insecureOrigin">;

/** The environment of the keeper. */
export interface Place {
  fetch: typeof fetch | undefined;
  /** Seconds since the epoch. */
  now(): number;
  exclusive: Exclusive;
  /** Takes a newer session from other tabs, if there is one. `waited`: another tab has just renewed. */
  catchUp(waited: boolean): Promise<void>;
  /** Gets a token with prompt=none, if this environment can. */
  renewSilently?(wanted: Api): Promise<void>;
  /** The session has changed or ended. */
  changed(event: AuthEvent): void;
  failed(problem: OidcError): void;
  /** The key that tokens are bound to, and the engine that can use it. */
  possession(): Promise<{ storedKey(client: string): StoredKey }>;
  /** Replaces the engine's checks on a page that cannot verify signatures. */
  unchecked?: Unchecked;
}

/** The engine's own checks. */
const engine: Pick<Unchecked, "callback" | "refresh"> = {
  callback: (rp, address, transaction, options) => rp.callback(address, transaction, options),
  refresh: (rp, token, options) => rp.refresh(token, options),
};

/** A relying party, and the key that it proves. */
interface Met {
  rp: RelyingParty;
  key?: DpopKey;
}

/** The name of a token without a resource: it is for the provider itself. */
type Wanted = { [Option in keyof TokenOptions]: TokenOptions[Option] | undefined };

const DEFAULT_MARGIN = 60;
const SHORTEST = 5;

/** Options of a token request, from the page or a worker. */
export type TokenKeeper = Pick<Keeper, Exclude<keyof Keeper, "party">>;

/** Keeps the tokens of one session, and obtains new ones. Independent of pages. */
export class Keeper {
  #session: Session | undefined;
  readonly first: string | undefined;
  readonly #config: KeeperConfig;
  readonly #client: ClientConfig;
  /** True if tokens are bound to a key. `"auto"` until the provider is known. */
  #dpop: boolean | "auto";
  readonly #place: Place;
  readonly #apiOf: (address: string) => Api | undefined;
  readonly #renewals = new Map<string, Promise<void>>();
  #met: Promise<Met> | undefined;
  /** Deletes the key of the last session. */
  #dropped: Promise<void> | undefined;
  /** The reason why the session ended. */
  #over: OidcError | undefined;

  constructor(config: KeeperConfig, place: Place) {
    // All other options belong to the client. The engine rejects unknown ones.
    const { issuer, provider, scope, resource, extra, renew, renewBefore, apis, dpop = false, ...client } = config;
    if (!issuer && !provider) throw wrongArgument("issuer", "an issuer, or provider with its metadata");
    if (typeof dpop !== "boolean" && dpop !== "auto") throw wrongArgument("dpop", 'a boolean, or "auto"');
    this.#dpop = dpop;
    this.#config = config;
    this.#client = client;
    this.#place = place;
    const resources = [resource ?? []].flat();
    this.first = resources[0];
    this.#apiOf = createApis(
      apis ?? Object.fromEntries(resources.map((one) => [new URL(one).origin, { resource: one }])),
    );
  }

  get session(): Session | undefined {
    return this.#session;
  }

  /** Takes a session from storage or another tab. Another sign-in may have another key. */
  set session(session: Session | undefined) {
    if (this.#dpop && session?.id !== this.#session?.id) this.#met = undefined;
    this.#session = session;
  }

  /** Engine and provider, at first use. */
  async party(): Promise<RelyingParty> {
    return (await this.#meet()).rp;
  }

  #meet(): Promise<Met> {
    this.#met ??= this.#make(this.#dropped).catch((error) => {
      this.#met = undefined;
      throw error;
    });
    return this.#met;
  }

  async #make(dropped: Promise<void> | undefined): Promise<Met> {
    if (this.#dpop === "auto") {
      const rp = await this.#found();
      const { dpop_signing_alg_values_supported: listed } = rp.provider;
      this.#dpop = !this.#place.unchecked && Array.isArray(listed) && listed.includes("ES256");
      if (!this.#dpop) return { rp };
    }
    if (!this.#dpop) return { rp: await this.#found() };
    await dropped;
    const key = await this.#ofKey((stored) => stored.take());
    return { rp: await this.#found({ dpop: key }), key };
  }

  async #ofKey<T>(work: (stored: StoredKey) => Promise<T>): Promise<T> {
    const { storedKey } = await this.#place.possession();
    const { issuer, provider } = this.#config;
    try {
      return await work(storedKey(`${issuer ?? provider?.issuer} ${this.#client.clientId}`));
    } catch (error) {
      throw error instanceof OidcError ? error : problem(STORAGE, error);
    }
  }

  /** The present relying party has the key, so requests under way can still use it. */
  async #drop(session: string, met: Promise<Met> | undefined): Promise<void> {
    await met?.catch(() => {});
    // With `"auto"`, the provider has decided meanwhile.
    if (this.#dpop) await this.#ofKey((stored) => stored.drop(session)).catch(() => {});
  }

  async #found(more: Partial<ClientConfig> = {}): Promise<RelyingParty> {
    await init();
    const { issuer, provider } = this.#config;
    const client = { ...this.#client, ...more };
    return provider ? new RelyingParty(provider, client) : RelyingParty.discover(issuer ?? "", client, this.#net());
  }

  #net(signal?: AbortSignal) {
    const { fetch } = this.#place;
    return { ...(fetch && { fetch }), ...(signal && { signal }) };
  }

  // ── signing in ──

  async begin({ extra, ...params }: AuthorizationParams = {}): Promise<AuthorizationRequest> {
    const { scope = "openid", resource, renew, extra: always } = this.#config;
    const rp = await this.party();
    this.#place.unchecked?.demandTls(rp);
    const all: AuthorizationParams = {
      scope,
      ...(resource && { resource }),
      ...params,
      extra: { ...always, ...extra },
    };
    const { scopes_supported: known } = rp.provider;
    if (renew === "refresh" && !params.prompt && Array.isArray(known) && known.includes("offline_access")) {
      all.scope = [all.scope ?? [], "offline_access"].flat().join(" ");
      all.prompt = "consent";
    }
    try {
      if (!this.#dpop) return rp.authorizationRequest(all);
    } catch (error) {
      if (!["request.pushed", "build.full"].includes(asProblem(error).code)) throw error;
      await this.#place.possession();
      await init();
    }
    return rp.authorize(all, this.#net());
  }

  /** Without `by`: a silent login, which renews the session if it is the same person. */
  async finish(
    address: string,
    transaction: string,
    by: "redirect" | "popup" | undefined,
    wanted: Api = {},
  ): Promise<Login> {
    const { resource = this.first, scope } = wanted;
    const met = this.#meet();
    const { rp, key } = await met;
    const options = { ...this.#net(), resource };
    const login = await (this.#place.unchecked ?? engine).callback(rp, address, transaction, options);
    const { claims, tokens } = login;
    if (!claims) throw new OidcError("token.missing_id_token");
    const before = this.session;
    const isSame = by === undefined && before?.claims.sub === claims.sub;
    const held = { ...(isSame && before.held), [nameOf(resource, scope)]: hold(tokens, this.#place.now()) };
    const { id, since, turn } = isSame
      ? { ...before, turn: before.turn + 1 }
      : { id: random(), since: Date.now(), turn: 0 };
    if (key && !isSame) {
      await this.#ofKey((stored) => stored.give(key, id));
      // The session before may have ended meanwhile, and its relying party with it.
      this.#met = met;
    }
    const signature = this.#place.unchecked ? "unchecked" : "valid";
    const { id_token: idToken, refresh_token: refreshToken } = tokens;
    this.#session = { v: VERSION, id, since, turn, claims, signature, idToken, refreshToken, held };
    this.#over = undefined;
    if (isSame) this.#place.changed({ type: "refreshed", by: "here", ...wanted });
    else if (before && before.claims.sub !== claims.sub) this.#place.changed({ type: "user_changed", user: claims });
    else this.#place.changed({ type: "signed_in", user: claims, by: by ?? "redirect" });
    return login;
  }

  /** Checks that an address is the valid response to a login. Throws the engine's errors. */
  async judge(address: string, transaction: string): Promise<void> {
    (await this.party()).authorizationResponse(address, transaction);
  }

  // ── tokens ──

  /** The token whose expiry ends the session. */
  get #main(): Held | undefined {
    return this.session?.held[nameOf(this.first)];
  }

  get expiresAt(): number | undefined {
    return this.#main?.expiresAt;
  }

  /** When to renew, in seconds since the epoch. Undefined if no timer should. */
  get due(): number | undefined {
    const main = this.#main;
    const how = this.#how;
    if (main?.expiresAt === undefined || how === "redirect") return undefined;
    return main.expiresAt - (how ? margin(main, this.#before) : 0);
  }

  get #before(): number {
    return this.#config.renewBefore ?? DEFAULT_MARGIN;
  }

  get #how(): BrowserConfig["renew"] {
    return this.#config.renew ?? (this.session?.refreshToken ? "refresh" : false);
  }

  /** Renews due tokens. Ends a session that nothing can renew. */
  async renewDue(): Promise<void> {
    await this.token({ resource: this.first, minValidity: this.#how ? this.#before : 0 });
  }

  /** For a session from storage or another tab: renews it at once if its token has expired, without leaving the page. */
  async wake(): Promise<void> {
    if (this.#how !== "redirect" && !isLive(this.#main, 0, this.#place.now())) await this.renewDue();
  }

  get isDead(): boolean {
    return !isLive(this.#main, 0, this.#place.now());
  }

  async token(wanted: Wanted): Promise<string> {
    return (await this.#live(wanted)).token;
  }

  /** A live token. `refused`: a token that an API rejected. */
  async #live({ resource, scope, minValidity = SHORTEST, signal }: Wanted, refused?: string): Promise<Held> {
    const name = nameOf(resource, scope);
    const live = (seconds: number) => {
      const held = this.session?.held[name];
      return isLive(held, seconds, this.#place.now()) && held.token !== refused ? held : undefined;
    };
    signal?.throwIfAborted();
    if (!this.session) throw this.#over ?? problem(NONE);
    const held = live(minValidity);
    if (held) return held;
    let renewal = this.#renewals.get(name);
    if (!renewal) {
      const api = { ...(resource !== undefined && { resource }), ...(scope !== undefined && { scope }) };
      renewal = this.#renew(name, api, () => live(minValidity) !== undefined).finally(() =>
        this.#renewals.delete(name),
      );
      this.#renewals.set(name, renewal);
    }
    try {
      await unless(signal, renewal);
    } catch (error) {
      // The renewal was early, so the present token may be used until its end.
      const last = isRecoverable(asProblem(error)) && !signal?.aborted ? live(0) : undefined;
      if (last === undefined) throw error;
      return last;
    }
    const bought = this.session?.held[name];
    if (!bought) throw this.#over ?? problem(NONE);
    return bought;
  }

  /** One at a time for all tabs. A waiting call takes the tokens of the one before. */
  async #renew(name: string, api: Api, isDone: () => boolean): Promise<void> {
    try {
      await this.#place.exclusive(async (waited) => {
        if (isDone()) return;
        if (this.session) await this.#place.catchUp(waited);
        if (isDone()) return;
        const { session } = this;
        if (!session) throw this.#over ?? problem(NONE);
        const how = this.#how;
        if (how === "refresh" && session.refreshToken)
          return this.#refresh(session, session.refreshToken, name, api, isDone);
        if (how && how !== "refresh" && this.#place.renewSilently) return this.#place.renewSilently(api);
        if (name !== nameOf(this.first) && !this.isDead) throw problem(NO_REFRESH_TOKEN);
        throw this.end("here");
      });
    } catch (error) {
      const reason = asProblem(error);
      if (!/^session\./.test(reason.code)) this.#place.failed(reason);
      throw reason;
    }
  }

  async #refresh(session: Session, spent: string, name: string, api: Api, isDone: () => boolean): Promise<void> {
    const rp = await this.party();
    const options = { ...this.#net(), ...api, previous: session.claims };
    let login: Pick<Login<"code", IdTokenClaims | undefined>, "tokens" | "claims">;
    try {
      login = await (this.#place.unchecked ?? engine).refresh(rp, spent, options);
    } catch (error) {
      const reason = asProblem(error);
      // New tokens with an unverified ID token: the old refresh token is used, and the new tokens are valid.
      const { tokens } = reason;
      if (tokens) login = { tokens: { refresh_token: spent, ...tokens } };
      else {
        if (!isFinal(reason)) throw reason;
        // Another tab may have renewed already.
        await this.#place.catchUp(true);
        if (isDone()) return;
        throw this.end("here", reason);
      }
    }
    // The person signed out meanwhile, so the new tokens belong to no session.
    if (this.session?.id !== session.id) throw this.#over ?? problem(NONE);
    const { claims = session.claims, tokens } = login;
    const { id_token: idToken = session.idToken, refresh_token: refreshToken = spent } = tokens;
    const held = { ...session.held, [name]: hold(tokens, this.#place.now()) };
    this.#session = { ...session, turn: session.turn + 1, claims, idToken, refreshToken, held };
    this.#place.changed({
      type: "refreshed",
      by: "here",
      ...(api.resource !== undefined && { resource: api.resource }),
    });
  }

  #close(): void {
    const { id } = this.session ?? {};
    if (id !== undefined && this.#dpop) this.#dropped = this.#drop(id, this.#met);
    this.session = undefined;
  }

  /** Ends a session that nothing can renew. */
  end(by: "here" | "tab", cause?: OidcError): OidcError {
    this.#over = problem(EXPIRED, cause);
    this.#close();
    this.#place.changed({ type: "expired", by });
    return this.#over;
  }

  /** Ends a session on sign-out by the person or the provider. */
  forget(by: "here" | "tab" | "provider"): void {
    this.#close();
    this.#over = undefined;
    this.#place.changed({ type: "signed_out", by });
  }

  // ── uses of tokens ──

  async fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const send = this.#place.fetch ?? globalThis.fetch;
    const request = new Request(input, init);
    const api = this.#apiOf(request.url);
    if (!api || request.headers.has("authorization")) return send(request);
    const again = request.clone();
    const { signal } = request;
    const wanted = { resource: this.first, ...api, signal };
    const held = await this.#live(wanted);
    const reply = await this.#sent(request, held);
    if (reply.status !== 401 || !(await mayBeExpired(reply))) return reply;
    return this.#sent(again, await this.#live(wanted, held.token));
  }

  /** A request with a token. */
  async #sent(request: Request, { token, type }: Held): Promise<Response> {
    // A redirect could send the token to another host.
    const own = new Request(request, { redirect: request.redirect === "manual" ? "manual" : "error" });
    if (!type) {
      const headers = new Headers(own.headers);
      headers.set("authorization", `Bearer ${token}`);
      return (this.#place.fetch ?? globalThis.fetch)(new Request(own, { headers }));
    }
    const rp = await this.party();
    const bound = { access_token: token, token_type: type };
    return rp.fetch(own, undefined, bound, this.#net()).catch((error) => {
      // Throws the same error as `fetch`.
      throw (/^http\./.test(error.code) && error.cause) || error;
    });
  }

  async profile(): Promise<Record<string, unknown>> {
    // Userinfo rejects tokens for a resource (OpenID Connect Core 1.0 §5.3.1).
    const { token: access_token, type: token_type = "Bearer" } = await this.#live({});
    const rp = await this.party();
    return rp.userInfo({ access_token, token_type }, this.session?.claims.sub ?? "", this.#net());
  }

  /** Removes the session, then ends it at the provider. Returns the address to visit, if there is one. */
  async signOut({ postLogoutRedirectUri, local, revoke = true }: SignOutOptions): Promise<string | undefined> {
    const { refreshToken, idToken: idTokenHint } = this.session ?? {};
    const party = local && !refreshToken ? undefined : this.party();
    this.forget("here");
    await this.#dropped;
    const rp = await party;
    if (!rp) return undefined;
    const { revocation_endpoint, end_session_endpoint } = rp.provider;
    if (revoke && refreshToken && revocation_endpoint) await rp.revoke(refreshToken, this.#net()).catch(() => {});
    if (local) return undefined;
    if (!end_session_endpoint) return postLogoutRedirectUri;
    return rp.endSessionUrl({
      ...(idTokenHint !== undefined && { idTokenHint }),
      ...(postLogoutRedirectUri !== undefined && { postLogoutRedirectUri }),
    });
  }
}

/** RFC 6750 §3.1. Scripts of other origins often cannot read the header, so it may be missing. */
async function mayBeExpired({ headers }: Response): Promise<boolean> {
  const header = headers.get("www-authenticate");
  if (header === null) return true;
  try {
    await init();
    return parseChallenges(header).some(({ parameters }) => parameters.error === "invalid_token");
  } catch {
    return true;
  }
}

/** A promise that also rejects when the signal aborts. */
function unless<T>(signal: AbortSignal | undefined, work: Promise<T>): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
