import type { AuthorizationParams } from "../types.js";
import { stateOf } from "./answer.js";
import { OidcError } from "./engine.js";
import { Keeper, type Place, type TokenKeeper } from "./keeper.js";
import { createLock } from "./lock.js";
import { PendingLogins } from "./logins.js";
import { asProblem, EXPIRED, isFinal, isRecoverable, problem, STORAGE } from "./problem.js";
import { Renewal } from "./renewal.js";
import { isRedirectAddress, returnPath } from "./return_to.js";
import { isNewer, type Rank, read, type Session, VERSION } from "./session.js";
import { loginStoreOf, memory, nowhere, type Store, storeOf } from "./storage.js";
import { type Notice, Tabs } from "./tabs.js";
import { tools } from "./tools.js";
import type { Api, Auth, AuthEvent, AuthState, BrowserConfig } from "./types.js";
import type { Windows } from "./windows.js";

/** Milliseconds to wait for tabs: one that may answer, one that has just renewed, and one with a newer session. */
const PATIENCE = 150;
const WAITED = 1_500;
const KNOWN = 5_000;

/** On a server the state is always unknown. */
export const isPage = typeof window !== "undefined" && typeof document !== "undefined";
const LOADING: AuthState = { status: "loading" };
const BLOCKED =
  "popup.blocked|oidc-wasm|The browser blocked the popup. Call signInPopup() from a click, or use signIn().";
const SHOWN = ["status", "user", "signature", "expiresAt", "problem"] as const;
const never = <T>() => new Promise<T>(() => {});

type Visit = { href: string; result: ReturnType<Auth["handleRedirect"]> };

/** Every session of this page, by name. */
export const sessions = new Map<string, PageSession>();

/** The session of one client at one provider, in one page. */
export class PageSession {
  readonly name: string;
  readonly config: BrowserConfig;
  #keeper: TokenKeeper;
  readonly #place: Place;
  readonly #logins: PendingLogins;
  readonly #renewal: Renewal;
  readonly #listeners = new Set<(event: AuthEvent) => void>();
  readonly #stopping = new AbortController();
  #store: Store;
  #tabs: Tabs | undefined;
  /** Set once this page had a login in another window. */
  #windows: Windows | undefined;
  #state = LOADING;
  #opening: Promise<void> | undefined;
  #finding: Promise<void> | undefined;
  #isStarting = false;
  #visit: Visit | undefined;
  #leaving: Promise<never> | undefined;
  /** Writes to the store run one after the other; the first runs at once. */
  #written = Promise.resolve();
  #writes = 0;
  /** A problem to report with the next state. */
  #untold: OidcError | undefined;
  /** The last session that other tabs know from this tab, and the last one that they reported. */
  #stood: Rank | undefined;
  #heard: Rank | undefined;
  readonly #over = new Map<string, "expired" | "signed_out">();

  constructor(name: string, config: BrowserConfig) {
    const { storage, worker, otherUser, host, insecureOrigin, ...told } = config;
    this.name = name;
    this.config = config;
    const now = host?.now ?? (() => Date.now() / 1000);
    const lock = createLock(name);
    this.#place = {
      // Called without an object: as a method of any object but the global one, fetch is an "Illegal invocation".
      fetch: host?.fetch,
      now,
      exclusive: (work) => {
        this.#heard = undefined;
        return lock((waited) => work(waited).finally(() => this.#settle()));
      },
      catchUp: (waited) => this.#catchUp(waited),
      renewSilently: async (wanted) =>
        this.config.renew === "redirect" ? this.#leaveSilently(wanted) : (await this.#otherWindows()).renew(wanted),
      possession: () => import("./possession.js"),
      changed: (event) => this.#changed(event),
      failed: (reason) => this.#failed(reason),
    };
    // Such a page has an http redirect URI.
    const { relax = [] } = told;
    const isTlsOnly = insecureOrigin === "tls-only";
    this.#keeper = new Keeper(isTlsOnly ? { ...told, relax: [...relax, "http-redirect"] } : told, this.#place);
    this.#store = isPage && !crypto.subtle ? memory : storeOf(storage);
    this.#logins = new PendingLogins(loginStoreOf(storage));
    this.#renewal = new Renewal({ due: () => this.#keeper.due, now, renew: () => this.#keeper.renewDue() });
  }

  /** The application's interface. */
  readonly auth: Auth = {
    snapshot: () => this.#state,
    subscribe: (listener) => {
      this.#listeners.add(listener);
      this.#ready();
      return () => this.#listeners.delete(listener);
    },
    signIn: ({ returnTo, ...params } = {}) => {
      this.#leaving ??= this.#leave(params, returnTo).catch((error) => {
        this.#leaving = undefined;
        this.#failed(error);
        throw error;
      });
      return this.#leaving;
    },
    signInPopup: async ({ timeout = 300, ...params } = {}) => {
      // Opens the window at once, during the click.
      const popup = window.open("about:blank", "_blank", "popup,width=480,height=640");
      try {
        if (!popup) throw problem(BLOCKED);
        this.#demandCrypto();
        await this.#ready();
        return await (await this.#otherWindows()).inPopup(popup, params, timeout);
      } catch (error) {
        popup?.close();
        this.#failed(asProblem(error));
        throw error;
      }
    },
    handleRedirect: () => this.#handleRedirect(),
    getAccessToken: async (options) => (await this.#ready()).token({ resource: this.#keeper.first, ...options }),
    fetch: async (input, init) => (await this.#ready()).fetch(input, init),
    user: async () => (await this.#ready()).session?.claims ?? null,
    profile: async () => (await this.#ready()).profile(),
    checkSession: async () => {
      await this.#ready();
      return this.config.renew === "redirect" ? this.#leaveSilently() : (await this.#otherWindows()).check();
    },
    signOut: async (options = {}) => {
      // With `login_required`, do not sign in meanwhile.
      if (!options.local) this.#leaving = never();
      try {
        const url = await (await this.#ready()).signOut(options);
        if (url !== undefined) return this.#navigate(url);
        this.#leaving = undefined;
      } catch (error) {
        this.#leaving = undefined;
        throw error;
      }
    },
    close: () => this.#close(),
    [Symbol.dispose]: () => this.#close(),
  };

  #close(): void {
    this.#stopping.abort();
    this.#renewal.stop();
    this.#tabs?.close();
    this.#listeners.clear();
    sessions.delete(this.name);
  }

  // ── state ──

  #emit(event: AuthEvent): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch (error) {
        reportError(error);
      }
    }
  }

  /** The present state, and the events since the last one. Without a change it returns the old object. */
  #show(event?: AuthEvent, reason = this.#untold): void {
    this.#untold = undefined;
    const { session, expiresAt } = this.#keeper;
    const isFirst = this.#state === LOADING;
    const next: AuthState = {
      status: session ? "signed_in" : "signed_out",
      ...(session && { user: session.claims, signature: session.signature }),
      ...(expiresAt !== undefined && { expiresAt }),
      ...(reason && { problem: Object.assign(reason, { recoverable: !!session && isRecoverable(reason) }) }),
    };
    if (SHOWN.some((name) => next[name] !== this.#state[name])) this.#state = next;
    this.#renewal.plan();
    // Listeners do not know a session that was renewed at the start, so it counts as new.
    if (isFirst && session && event?.type === "refreshed")
      this.#emit({ type: "signed_in", user: session.claims, by: "storage" });
    else if (event) this.#emit(event);
  }

  /** The session has changed: store it, and tell the other tabs. */
  #changed(event: AuthEvent): void {
    const { session } = this.#keeper;
    const before = this.#stood;
    this.#stood = session;
    if (session) {
      this.#write(JSON.stringify(session)).then(() => this.#settle());
      this.#show(event);
      return;
    }
    const isExpired = event.type === "expired";
    const why = isExpired ? "expired" : "signed_out";
    if (before) {
      this.#over.set(before.id, why);
      if (!("by" in event && event.by === "tab")) this.#tabs?.tell({ type: "over", id: before.id, why });
    }
    this.#write(undefined);
    // A restored browser may have a used refresh token. This is no problem to report.
    if (isExpired && this.#isStarting) this.#show({ type: "signed_out", by: "provider" });
    else this.#show(event, isExpired ? problem(EXPIRED) : undefined);
  }

  #failed(reason: OidcError): void {
    // A wrong argument is the caller's mistake.
    if (reason.code.startsWith("argument.")) return;
    this.#show({ type: "problem", problem: reason }, reason);
  }

  // ── the store ──

  #write(text: string | undefined): Promise<void> {
    const write = async () => {
      try {
        await (text === undefined ? this.#store.remove(this.name) : this.#store.set(this.name, text));
      } catch (cause) {
        this.#storeless(cause);
      } finally {
        this.#writes--;
      }
    };
    this.#written = this.#writes++ ? this.#written.then(write) : write();
    return this.#written;
  }

  async #stored(): Promise<Session | undefined> {
    try {
      return read(await this.#store.get(this.name));
    } catch (cause) {
      this.#storeless(cause);
      return undefined;
    }
  }

  /** The session continues in memory. */
  #storeless(cause: unknown): void {
    const refused = this.#store;
    this.#store = nowhere;
    // The stored session is out of date.
    (async () => refused.remove(this.name))().catch(() => {});
    this.#untold = problem(STORAGE, cause);
    if (this.#state !== LOADING) this.#failed(this.#untold);
  }

  // ── the first answer ──

  /** Each first call reads the address before it answers. */
  async #ready(): Promise<TokenKeeper> {
    await this.#handleRedirect().catch(() => {});
    return this.#keeper;
  }

  #open(): Promise<void> {
    this.#opening ??= this.#restore();
    return this.#opening;
  }

  async #restore(): Promise<void> {
    if (!crypto.subtle && this.config.insecureOrigin === "tls-only")
      this.#place.unchecked = (await import("./unchecked.js")).unchecked(tools);
    if (this.config.worker) {
      const { RemoteKeeper } = await import("./remote.js");
      const remote = new RemoteKeeper(this.config.worker, this.#place, tools);
      this.#keeper = remote;
      // The worker holds the session. Other tabs may use the same worker.
      this.#store = { ...nowhere, isShared: true, get: () => remote.find() };
    }
    const { signal } = this.#stopping;
    if (signal.aborted) return;
    this.#tabs = new Tabs(this.name, {
      session: () => (this.config.worker ? undefined : this.#keeper.session),
      ended: (id) => this.#over.get(id),
      heard: (notice) => this.#hear(notice),
      received: (session) => this.#adopt(session, "tab"),
    });
    const retry = () => this.#renewal.retry();
    document.addEventListener("visibilitychange", retry, { signal });
    addEventListener("online", retry, { signal });
    addEventListener(
      "pageshow",
      ({ persisted }) => {
        if (!persisted) return;
        // The person went Back from the provider, and may leave again. Other tabs may have a newer session.
        this.#leaving = undefined;
        this.#tabs?.ask(PATIENCE);
        retry();
      },
      { signal },
    );
    this.#keeper.session = this.#stood = await this.#stored();
  }

  /** Looks for a session in storage, in other tabs and at the provider. */
  #find(): Promise<void> {
    this.#finding ??= this.#search();
    return this.#finding;
  }

  async #search(): Promise<void> {
    await this.#open();
    if (this.#keeper.session) {
      this.#isStarting = true;
      await this.#keeper.wake().catch(() => {});
      this.#isStarting = false;
      // In the background: another tab may know that the session has ended.
      this.#tabs?.ask(PATIENCE);
    } else if (!this.#store.isShared) {
      await this.#tabs?.ask(PATIENCE);
      if (!this.#keeper.session && this.config.renew === "redirect" && (await this.#store.get(this.name))) {
        // The session existed before the reload. The store is emptied first, so the page redirects only once.
        await this.#write(undefined);
        return this.#leaveSilently().catch((error) => this.#failed(asProblem(error)));
      }
    }
  }

  /** Gives the first answer. */
  async #load(): Promise<void> {
    await this.#find();
    if (this.#state !== LOADING) return;
    const user = this.#keeper.session?.claims;
    this.#show(user ? { type: "signed_in", user, by: "storage" } : { type: "signed_out", by: "here" });
  }

  // ── other tabs and windows ──

  /** Tells other tabs about the session, after it is stored. */
  async #settle(): Promise<void> {
    await this.#written;
    const { session } = this.#keeper;
    if (!session || this.config.worker) return;
    const { id, since, turn } = session;
    this.#heard = { id, since, turn };
    this.#tabs?.tell({ type: "stands", id, since, turn });
  }

  #hear(notice: Notice): void {
    const { session } = this.#keeper;
    if (notice.type === "stands") {
      this.#heard = notice;
      if (isNewer(notice, session) && !this.#over.has(notice.id)) this.#fetchNewer(KNOWN);
    } else if (notice.type === "over") {
      this.#over.set(notice.id, notice.why);
      if (session?.id !== notice.id) return;
      if (notice.why === "expired") this.#keeper.end("tab");
      else this.#keeper.forget("tab");
    } else this.#windows?.hear(notice);
  }

  async #catchUp(waited: boolean): Promise<void> {
    const isBehind = !!this.#heard && isNewer(this.#heard, this.#keeper.session);
    await this.#fetchNewer(!waited ? PATIENCE : isBehind ? KNOWN : this.#heard ? PATIENCE : WAITED);
  }

  async #fetchNewer(patience: number): Promise<void> {
    const found = await this.#stored();
    if (found) this.#adopt(found, "storage");
    else if (this.#store.isShared && this.#keeper.session) this.#keeper.forget("tab");
    if (!this.#store.isShared) await this.#tabs?.ask(patience);
  }

  /** Takes a newer session from another tab. */
  #adopt(session: Session, by: "storage" | "tab"): void {
    const mine = this.#keeper.session;
    if (this.#over.has(session.id) || !isNewer(session, mine)) return;
    const isOther = !!mine && mine.claims.sub !== session.claims.sub;
    if (isOther && this.config.otherUser === "end") {
      // This tab has ended that session.
      this.#over.set(session.id, "signed_out");
      this.#keeper.session = this.#stood = undefined;
      if (!this.#store.isShared) this.#write(undefined);
      this.#show({ type: "signed_out", by: "tab" });
      return;
    }
    this.#keeper.session = this.#stood = session;
    if (!this.#store.isShared) this.#write(JSON.stringify(session));
    const { claims: user } = session;
    const event: AuthEvent = isOther
      ? { type: "user_changed", user }
      : mine
        ? { type: "refreshed", by: "tab" }
        : { type: "signed_in", user, by };
    // The first state appears only when it is complete.
    if (!this.#isStarting) this.#show(event);
  }

  async #otherWindows(): Promise<Windows> {
    const { Windows } = await import("./windows.js");
    const { issuer, provider } = this.config;
    this.#windows ??= new Windows({
      ...tools,
      keeper: () => this.#keeper,
      issuer: issuer ?? provider?.issuer ?? "",
      tell: (notice) => this.#tabs?.tell(notice),
    });
    return this.#windows;
  }

  // ── leaving and returning ──

  get #location(): Location {
    return this.config.host?.location ?? location;
  }

  #navigate(url: string): Promise<never> {
    const { navigate = (to: string) => location.assign(to) } = this.config.host ?? {};
    navigate(url);
    return never();
  }

  /** Rewrites the address, and notifies routers. */
  #goTo(path: string): void {
    const { history: own = history } = this.config.host ?? {};
    own.replaceState(null, "", path);
    if (this.#visit) this.#visit.href = this.#location.href;
    dispatchEvent(new PopStateEvent("popstate", { state: null }));
  }

  /** Queries the provider without a visible page (`prompt=none`). */
  #leaveSilently(wanted: Api = {}): Promise<never> {
    return this.#leave({ prompt: "none", ...wanted }, undefined, true);
  }

  async #leave(params: AuthorizationParams, returnTo?: string, isSilent = false): Promise<never> {
    const { href, pathname, search, hash } = this.#location;
    const { redirectUri } = this.config;
    const here = isRedirectAddress(href, redirectUri) ? "/" : pathname + search + hash;
    const path = returnTo === undefined ? here : returnPath(returnTo, href, redirectUri);
    this.#demandCrypto();
    await this.#open();
    const { url, state, transaction } = await this.#keeper.begin(params);
    await this.#logins.put(state, { v: VERSION, of: this.name, transaction, returnTo: path, isSilent });
    return this.#navigate(url);
  }

  /** Checks for required features before the page leaves. */
  #demandCrypto(): void {
    if (!crypto.subtle && this.config.insecureOrigin !== "tls-only") throw new OidcError("crypto.unavailable");
  }

  #handleRedirect(): ReturnType<Auth["handleRedirect"]> {
    if (!isPage) return Promise.resolve(null);
    const { href } = this.#location;
    if (this.#visit?.href !== href) {
      const visit: Visit = { href, result: never() };
      this.#visit = visit;
      visit.result = this.#arrive(href);
      // Readers of the snapshot have seen the error already.
      visit.result.catch(() => {});
    }
    return this.#visit.result;
  }

  async #arrive(address: string): ReturnType<Auth["handleRedirect"]> {
    const { redirectUri } = this.config;
    const state = stateOf(address, redirectUri);
    const login = state === undefined ? undefined : await this.#logins.find(state);
    if (state === undefined || (login ? login.of !== this.name : await this.#isOfAnother(state))) {
      await this.#load();
      return null;
    }
    this.#goTo(new URL(redirectUri ?? "").pathname);
    if (!login) return this.#strange(state, address);
    await this.#open();
    const { transaction, returnTo, isSilent } = login;
    try {
      await this.#logins.remove(state);
      const done = await this.#keeper.finish(address, transaction, isSilent ? undefined : "redirect");
      this.#finding ??= Promise.resolve();
      this.#goTo(returnTo);
      // No copy: an error with hidden tokens must stay the same object.
      return Object.assign(done, { returnTo });
    } catch (error) {
      const reason = asProblem(error);
      if (isSilent && isFinal(reason)) {
        this.#finding ??= Promise.resolve();
        this.#keeper.forget("provider");
        this.#goTo(returnTo);
        return null;
      }
      return this.#fruitless(reason);
    }
  }

  /** A response without a stored login: from another window, or an old one. */
  async #strange(state: string, address: string): Promise<null> {
    await this.#open();
    if (await (await this.#otherWindows()).handOver(state, address)) {
      if (window.parent !== window) return never();
      window.close();
      // Cross-Origin-Opener-Policy may keep the window open. Then it is a normal tab.
      await new Promise((done) => setTimeout(done, WAITED));
      await this.#load();
      return null;
    }
    await this.#find();
    if (!this.#keeper.session) return this.#fruitless(new OidcError("transaction.missing"));
    await this.#load();
    return null;
  }

  /** A failed login. The state changes at once, so no other login starts in between. */
  async #fruitless(reason: OidcError): Promise<never> {
    this.#untold = reason;
    await this.#load();
    this.#failed(reason);
    throw reason;
  }

  /** True if this page waits for the response. */
  async knows(state: string): Promise<boolean> {
    return !!this.#windows?.awaits(state) || (await this.#logins.find(state))?.of === this.name;
  }

  /** Two providers may share one redirect URI. A response belongs to the session manager that started the login. */
  async #isOfAnother(state: string): Promise<boolean> {
    const others = [...sessions.values()].filter((page) => page !== this);
    return (await Promise.all(others.map((page) => page.knows(state)))).includes(true);
  }
}
