// The part of a keeper that asks the provider, in a page or in a worker. It loads at first use.
import type { OidcError, RelyingParty } from "oidc-wasm/login";
import type {
  AuthorizationParams,
  AuthorizationRequest,
  ClientConfig,
  DpopKey,
  IdTokenClaims,
  Login,
  TokenSet,
} from "../types.js";
import type { StoredKey } from "./dpop_key.js";
import { isFinal } from "./final.js";
import type { Keeper, Wanted } from "./keeper.js";
import { demandOptions, demandSignOut } from "./options.js";
import { random } from "./random.js";
import type { Held, Session } from "./session.js";
import type { Tools } from "./tools.js";
import type { Api, SignOutOptions } from "./types.js";
import type { Unchecked } from "./unchecked.js";

export const NO_REFRESH_TOKEN =
  "session.refresh_token|RFC 6749 §6|A token for another resource or scope needs a refresh token. With renew: redirect it needs a stored session instead.";

/** Seconds in which a token counts as new. */
const YOUNG = 60;

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

export class Provider {
  readonly #keeper: Keeper;
  readonly #tools: Tools;
  /** True if tokens are bound to a key. `"auto"` until the provider is known. */
  #dpop: boolean | "auto";
  readonly #renewals = new Map<string, Promise<void>>();
  #met: Promise<Met> | undefined;
  /** The session whose key the relying party has. */
  #of: string | undefined;
  /** Deletes the key of the last session. */
  #dropped: Promise<void> | undefined;

  constructor(keeper: Keeper, tools: Tools) {
    this.#keeper = keeper;
    this.#tools = tools;
    this.#dpop = keeper.config.dpop ?? false;
  }

  // ── the relying party ──

  /** Engine and provider, at first use. */
  #meet(): Promise<Met> {
    const id = this.#keeper.session?.id;
    // Another sign-in may have another key.
    if (this.#dpop && this.#of !== id) this.#met = undefined;
    this.#of = id;
    this.#met ??= this.#make(this.#dropped).catch((error) => {
      this.#met = undefined;
      throw error;
    });
    return this.#met;
  }

  async #make(dropped: Promise<void> | undefined): Promise<Met> {
    demandOptions(this.#keeper.config, this.#tools);
    if (this.#dpop === "auto") {
      const rp = await this.#found();
      const { dpop_signing_alg_values_supported: listed } = rp.provider;
      this.#dpop = !this.#keeper.place.unchecked && Array.isArray(listed) && listed.includes("ES256");
      if (!this.#dpop) return { rp };
    }
    if (!this.#dpop) return { rp: await this.#found() };
    await dropped;
    const key = await this.#ofKey((stored) => stored.take());
    return { rp: await this.#found({ dpop: key }), key };
  }

  async #ofKey<T>(work: (stored: StoredKey) => Promise<T>): Promise<T> {
    const { OidcError, problem, STORAGE } = this.#tools;
    const { config, place } = this.#keeper;
    const { storedKey } = await place.possession();
    try {
      return await work(storedKey(this.#tools, `${config.issuer ?? config.provider?.issuer} ${config.clientId}`));
    } catch (error) {
      throw error instanceof OidcError ? error : problem(STORAGE, error);
    }
  }

  /** The session has ended. The present relying party has the key, so requests under way can still use it. */
  drop(session: string): void {
    const met = this.#met;
    this.#met = undefined;
    this.#dropped = (async () => {
      await met?.catch(() => {});
      // With `"auto"`, the provider has decided meanwhile.
      if (this.#dpop) await this.#ofKey((stored) => stored.drop(session)).catch(() => {});
    })();
  }

  async #found(more: Partial<ClientConfig> = {}): Promise<RelyingParty> {
    const { init, RelyingParty } = this.#tools;
    // All other options belong to the client. The engine rejects unknown ones.
    const { issuer, provider, scope, resource, extra, renew, renewBefore, apis, dpop, ...client } = this.#keeper.config;
    await init();
    const all = { ...client, ...more };
    return provider ? new RelyingParty(provider, all) : RelyingParty.discover(issuer ?? "", all, this.#net());
  }

  #net() {
    const { fetch } = this.#keeper.place;
    return fetch ? { fetch } : {};
  }

  // ── signing in ──

  /** `isRenewal`: for the token of the resource in `params`, and not for the first one. */
  async begin({ extra, ...params }: AuthorizationParams = {}, isRenewal = false): Promise<AuthorizationRequest> {
    const { config, first, place } = this.#keeper;
    const { scope = "openid", renew, extra: always } = config;
    const resource = params.resource || config.resource;
    const { rp } = await this.#meet();
    place.unchecked?.demandTls(rp);
    // The first token is for the first resource, and a token request may name only what this request names (RFC 8707 §2.2).
    const named = new Set([isRenewal ? [] : (first ?? []), resource ?? []].flat());
    const all: AuthorizationParams = {
      ...params,
      scope: params.scope ?? scope,
      ...(named.size > 0 && { resource: [...named] }),
      extra: { ...always, ...extra },
    };
    const { scopes_supported: known } = rp.provider;
    const { prompt = "", responseMode = "query" } = params;
    // No page gets a posted response, and a signed one hides the state that finds the login.
    if (!/^(query|fragment)$/.test(responseMode)) throw this.#tools.wrongArgument("responseMode", "query or fragment");
    // A silent login needs an ID token too, and the scope of one API's token may lack openid (OpenID Connect Core 1.0 §3.1.2.1).
    const words = [all.scope ?? []].flat().join(" ").split(" ");
    if (prompt === "none" && !words.includes("openid")) all.scope = ["openid", ...words];
    const isOffline = renew === "refresh" && Array.isArray(known) && known.includes("offline_access");
    if (isOffline && /^(|login|select_account|consent)$/.test(prompt)) {
      all.scope = [all.scope ?? [], "offline_access"].flat().join(" ");
      all.prompt = prompt === "consent" ? prompt : `${prompt} consent`.trim();
    }
    try {
      if (!this.#dpop) return rp.authorizationRequest(all);
    } catch (error) {
      if (!["request.pushed", "build.full"].includes(this.#tools.asProblem(error).code)) throw error;
      await place.possession();
      await this.#tools.init();
    }
    return rp.authorize(all, this.#net());
  }

  /** Loads what a response needs, before the response is used. */
  async prepare(): Promise<void> {
    await this.#meet();
  }

  /**
   * Without `by`: a silent login, which renews the session if it is the same person. `wanted`: the token that it is for, which may have no
   * resource. `renewed`: the only session that it may renew.
   */
  async finish(
    address: string,
    transaction: string,
    by: "redirect" | "popup" | undefined,
    wanted?: Api,
    renewed?: string,
  ): Promise<Login> {
    const { OidcError, nameOf, VERSION } = this.#tools;
    const keeper = this.#keeper;
    const { place } = keeper;
    const { resource, scope } = wanted ?? { resource: keeper.first };
    const met = this.#meet();
    const { rp, key } = await met;
    const options = { ...this.#net(), resource: resource ?? (wanted && []) };
    const login = await (place.unchecked ?? engine).callback(rp, address, transaction, options);
    const { claims, tokens } = login;
    if (!claims) throw new OidcError("token.missing_id_token");
    const before = keeper.session;
    // The person signed out meanwhile. The session at the provider must not sign the person in again.
    if (renewed !== undefined && before?.id !== renewed) throw keeper.none;
    const isSame = by === undefined && before?.claims.sub === claims.sub;
    const held = { ...(isSame && before.held), [nameOf(resource, scope)]: hold(tokens, place.now()) };
    const { id, since, turn } = isSame
      ? { ...before, turn: before.turn + 1 }
      : // Newer than the session before, also after the clock was set back.
        { id: random(), since: Math.max(Date.now(), (before?.since ?? 0) + 1), turn: 0 };
    if (key && !isSame) {
      await this.#ofKey((stored) => stored.give(key, id));
      // The session before may have ended meanwhile, and its relying party with it.
      this.#met = met;
    }
    this.#of = id;
    const signature = place.unchecked ? "unchecked" : "valid";
    const { id_token: idToken, refresh_token: refreshToken } = tokens;
    keeper.session = { v: VERSION, id, since, turn, claims, signature, idToken, refreshToken, held };
    keeper.over = undefined;
    if (isSame) place.changed({ type: "refreshed", by: "here", ...wanted });
    else if (before && before.claims.sub !== claims.sub) place.changed({ type: "user_changed", user: claims });
    else place.changed({ type: "signed_in", user: claims, by: by ?? "redirect" });
    return login;
  }

  /** Checks that an address is the valid response to a login. Throws the engine's errors. */
  async judge(address: string, transaction: string): Promise<void> {
    (await this.#meet()).rp.authorizationResponse(address, transaction);
  }

  // ── renewal ──

  /** A new token. `refused`: a token that an API rejected. */
  async buy(wanted: Wanted, refused?: string): Promise<Held> {
    const keeper = this.#keeper;
    const { resource, scope, minValidity = 0, signal } = wanted;
    if (!(minValidity >= 0)) throw this.#tools.wrongArgument("minValidity", "a number of seconds");
    const name = this.#tools.nameOf(resource, scope);
    let renewal = this.#renewals.get(name);
    if (!renewal) {
      const api = { ...(resource !== undefined && { resource }), ...(scope !== undefined && { scope }) };
      renewal = this.#renew(name, api, () => keeper.held(wanted, refused) !== undefined).finally(() =>
        this.#renewals.delete(name),
      );
      this.#renewals.set(name, renewal);
    }
    await unless(signal, renewal);
    const bought = keeper.session?.held[name];
    if (!bought) throw keeper.none;
    return bought;
  }

  /** One at a time for all tabs. A waiting call takes the tokens of the one before. */
  async #renew(name: string, api: Api, isDone: () => boolean): Promise<void> {
    const { asProblem, nameOf, problem } = this.#tools;
    const keeper = this.#keeper;
    const { place } = keeper;
    try {
      const siblings = await place.siblings();
      await siblings.exclusive(async (waited) => {
        if (isDone()) return;
        if (keeper.session) await siblings.catchUp(waited);
        if (isDone()) return;
        const { session, how } = keeper;
        if (!session) throw keeper.none;
        if (how === "refresh" && session.refreshToken)
          return this.#refresh(session, session.refreshToken, name, api, isDone);
        if (how && how !== "refresh" && siblings.renewSilently) return siblings.renewSilently(api);
        if (name !== nameOf(keeper.first) && !keeper.isDead) throw problem(NO_REFRESH_TOKEN);
        throw keeper.end("here");
      });
    } catch (error) {
      // The session has ended meanwhile, so nothing needs its renewal.
      if (!keeper.session) throw keeper.none;
      const reason = asProblem(error);
      // A wrong argument is the caller's mistake.
      if (!/^(session\.(none|expired|refresh_token)$|request\.)/.test(reason.code)) place.failed(reason);
      throw reason;
    }
  }

  async #refresh(session: Session, spent: string, name: string, api: Api, isDone: () => boolean): Promise<void> {
    const keeper = this.#keeper;
    const { place } = keeper;
    const { rp } = await this.#meet();
    const options = { ...this.#net(), ...api, previous: session.claims };
    let login: Pick<Login<"code", IdTokenClaims | undefined>, "tokens" | "claims">;
    try {
      login = await (place.unchecked ?? engine).refresh(rp, spent, options);
    } catch (error) {
      const reason = this.#tools.asProblem(error);
      // New tokens with an unverified ID token: the old refresh token is used, and the new tokens are valid.
      const { tokens } = reason;
      if (tokens) login = { tokens: { refresh_token: spent, ...tokens } };
      else {
        if (!isFinal(reason)) throw reason;
        // Another tab may have renewed already.
        await (await place.siblings()).catchUp(true);
        if (isDone()) return;
        // The person signed out or in meanwhile, so this failure ends no session.
        if (keeper.session?.id !== session.id) throw keeper.none;
        throw keeper.end("here", reason);
      }
    }
    // The person signed out meanwhile, so the new tokens belong to no session.
    if (keeper.session?.id !== session.id) throw keeper.none;
    const { claims = session.claims, tokens } = login;
    const { id_token: idToken = session.idToken, refresh_token: refreshToken = spent } = tokens;
    const held = { ...session.held, [name]: hold(tokens, place.now()) };
    keeper.session = { ...session, turn: session.turn + 1, claims, idToken, refreshToken, held };
    place.changed({ type: "refreshed", by: "here", ...(api.resource !== undefined && { resource: api.resource }) });
  }

  // ── uses of tokens ──

  /** After a 401: gets a new token and sends the request again, once. */
  async resend(
    request: Request,
    reply: Response,
    wanted: Wanted,
    { token, at }: Held,
    sub: string | undefined,
  ): Promise<Response> {
    const { how, place } = this.#keeper;
    // A new login loads the page again. If the API rejected each new token, the page would leave without end.
    const isLoop = (!how || how === "redirect") && place.now() - at < YOUNG;
    if (isLoop || !(await this.#mayBeExpired(reply))) return reply;
    // Another person's token must not send this person's request.
    if (this.#keeper.sub !== sub) return reply;
    return this.#keeper.send(request, await this.#keeper.live(wanted, token));
  }

  /** RFC 6750 §3.1. Scripts of other origins often cannot read the header, so it may be missing. */
  async #mayBeExpired({ headers }: Response): Promise<boolean> {
    const { init, parseChallenges } = this.#tools;
    const header = headers.get("www-authenticate");
    if (header === null) return true;
    try {
      await init();
      return parseChallenges(header).some(({ parameters }) => parameters.error === "invalid_token");
    } catch {
      return true;
    }
  }

  /** Sends a request with a bound token and its proof (RFC 9449 §7). */
  async prove(request: Request, { token, type = "DPoP" }: Held): Promise<Response> {
    const { rp } = await this.#meet();
    const bound = { access_token: token, token_type: type };
    return rp.fetch(request, undefined, bound, this.#net()).catch((error: OidcError) => {
      // Throws the same error as `fetch`.
      throw (/^http\./.test(error.code) && error.cause) || error;
    });
  }

  /** `sub`: the person of the call. */
  async profile(sub = this.#keeper.sub): Promise<Record<string, unknown>> {
    const keeper = this.#keeper;
    if (keeper.sub !== sub) throw keeper.none;
    // Userinfo rejects tokens for a resource (OpenID Connect Core 1.0 §5.3.1).
    const { token: access_token, type: token_type = "Bearer" } = await keeper.live({});
    const { rp } = await this.#meet();
    return rp.userInfo({ access_token, token_type }, sub ?? "", this.#net());
  }

  // ── signing out ──

  /** Checks the options before the session ends. */
  demandSignOut(options: SignOutOptions): void {
    demandSignOut(options, this.#tools);
  }

  /** Ends a removed session at the provider. Returns the address to visit, if there is one. */
  async signOut(
    { refreshToken, idToken: idTokenHint }: Partial<Session>,
    { postLogoutRedirectUri, local, revoke = true }: SignOutOptions,
  ): Promise<string | undefined> {
    // The keeper drops the key in a callback of this promise.
    await this.#keeper.provider();
    await this.#dropped;
    if (local && !refreshToken) return undefined;
    // The key is deleted, and signing out needs none.
    const rp = this.#dpop ? await this.#found() : (await this.#meet()).rp;
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

const hold = ({ access_token: token, token_type, expires_in }: TokenSet, at: number): Held => ({
  token,
  ...(/^dpop$/i.test(token_type) && { type: "DPoP" }),
  at,
  // No provider sends a token that has expired already. So 0 says nothing, and cannot start one renewal after the other.
  ...(expires_in && { expiresAt: at + expires_in }),
});

/** A promise that also rejects when the signal aborts. */
function unless<T>(signal: AbortSignal | undefined, work: Promise<T>): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    // The part that renews has loaded meanwhile.
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
