import type { OidcError } from "oidc-wasm/login";
import { stateOf } from "./answer.js";
import { Keeper, type Place, type TokenKeeper } from "./keeper.js";
import { pageTools as tools } from "./page_tools.js";
import { part } from "./part.js";
import { asProblem, EXPIRED, isRecoverable, NONE, problem, STORAGE, wrongArgument } from "./problem.js";
import { Renewal } from "./renewal.js";
import { isNewer, type Rank, read, type Session } from "./session.js";
import { memory, tab, timely } from "./storage.js";
import { type Message, Tabs } from "./tabs.js";
import type { Auth, AuthEvent, AuthState, AuthStorage, BrowserConfig } from "./types.js";
import type { Windows } from "./windows.js";

/** Milliseconds in which another tab tells of a newer session. */
const PATIENCE = 150;

/** On a server the state is always unknown. */
export const isPage = typeof window !== "undefined" && typeof document !== "undefined";
const LOADING: AuthState = { status: "loading" };

/** Every session of this page, by name. */
export const sessions = new Map<string, PageSession>();
/** What a closed manager leaves to the next one: its session, the failure of its login, and whether its store was away. */
interface Before {
  session: Session | undefined;
  reason: OidcError | undefined;
  isAway: boolean;
}

/** The last manager that was closed. Its login may still arrive. */
const ending = new Map<string, Promise<Before>>();

/**
 * The session of one client at one provider, in one page. What a page needs at once is here. Everything else is a part
 * that loads at first use. Only the package has this object: an application has `auth`.
 */
export class PageSession {
  readonly all = sessions;
  readonly name: string;
  readonly config: BrowserConfig;
  readonly #place: Place;
  readonly #renewal: Renewal;
  readonly #listeners = new Set<(event: AuthEvent) => void>();
  readonly stopping = new AbortController();
  /** The worker's file did not load. This may happen before the part that uses the worker has loaded. */
  readonly #workerLost: Promise<Event>;
  /** The manager of this name that was closed before. */
  readonly #ending: Promise<Before> | undefined;
  before: Before | undefined;
  keeper: TokenKeeper;
  /** The store of the session, and whether it is one of all tabs. */
  #store: AuthStorage;
  hasOthers = false;
  /** The store refuses, or is late. The session is in memory meanwhile. */
  isAway = false;
  /** The store of started logins. */
  readonly logins: AuthStorage;
  tabs: Tabs | undefined;
  #state = LOADING;
  #opening: Promise<void> | undefined;
  finding: Promise<void> | undefined;
  isStarting = false;
  visit: { href: string; result: ReturnType<Auth["handleRedirect"]> } | undefined;
  /** On a server, nobody leaves. */
  leaving: Promise<void> | undefined = isPage ? undefined : Promise.resolve();
  /** A sign-out under way. */
  forgetting: Promise<void> | undefined;
  /** Writes to the store run one after the other; the first runs at once. */
  #written = Promise.resolve();
  #writes = 0;
  /** A problem to report with the next state. */
  #untold: OidcError | undefined;
  /** The last session that other tabs know from this tab, and the last one that they reported. */
  stood: Rank | undefined;
  heard: Rank | undefined;
  /** Ends a wait for a newer session. */
  #hasHeard = () => {};
  #fetching: Promise<void> | undefined;
  /** Sessions that have ended. Without a reason: only for this tab. */
  readonly over = new Map<string, "expired" | "signed_out" | undefined>();
  /** When the person signed out, here, in another tab or at the provider: milliseconds of this page. */
  signedOutAt: number | undefined;
  /** Set once this page had a login in another window. */
  opened: Windows | undefined;

  constructor(name: string, config: BrowserConfig) {
    const { storage, worker, otherUser, host, insecureOrigin, ...told } = config;
    this.name = name;
    this.config = config;
    this.#ending = ending.get(name);
    this.#workerLost = new Promise((done) => worker?.addEventListener?.("error", done));
    const now = host?.now ?? (() => Date.now() / 1000);
    this.#place = {
      // Called without an object: as a method of any object but the global one, fetch is an "Illegal invocation".
      fetch: host?.fetch,
      now,
      provider: async (keeper, tools) => new (await this.later()).Provider(keeper, tools),
      siblings: async () => (await this.later()).siblings,
      possession: part(() => import("./possession.js")),
      changed: (event) => this.#changed(event),
      failed: (reason) => this.failed(reason),
    };
    // Such a page has an http redirect URI.
    const { relax = [] } = told;
    const isTlsOnly = insecureOrigin === "tls-only";
    this.keeper = new Keeper(
      isTlsOnly ? { ...told, relax: [relax, "http-redirect" as const].flat() } : told,
      this.#place,
    );
    this.logins = typeof storage === "object" ? storage : tab;
    this.#store = storage === "memory" || (isPage && !crypto.subtle) ? memory : this.logins;
    this.#renewal = new Renewal({
      due: () => (this.isClosed ? undefined : this.keeper.due),
      now,
      renew: () => this.keeper.renewDue(),
    });
  }

  // ── parts that load at first use ──

  readonly later = part(async () => {
    const { parts, ...later } = await import("./later.js");
    return { ...later, ...parts(this, tools) };
  });
  readonly windows = part(async () => {
    const { Windows } = await import("./windows.js");
    this.opened ??= new Windows(this, { ...tools, ...(await this.later()) });
    return this.opened;
  });

  /** The application's interface. */
  readonly auth: Auth = {
    snapshot: () => this.#state,
    subscribe: (listener) => {
      this.#listeners.add(listener);
      this.#handleRedirect().catch(() => {});
      return () => this.#listeners.delete(listener);
    },
    signIn: (params = {}) => {
      this.leaving ??= this.later()
        .then(({ redirects }) => redirects.leave(params))
        .catch((error) => {
          this.leaving = undefined;
          this.failed(asProblem(error));
          throw error;
        });
      return this.leaving;
    },
    signInPopup: async ({ timeout = 300, ...params } = {}) => {
      if (!isPage) throw problem(NONE);
      // Opens the window at once, during the click.
      const popup = window.open("about:blank", "_blank", "popup,width=480,height=640");
      try {
        await this.#ready();
        return await (await this.windows()).inPopup(popup, params, timeout);
      } catch (error) {
        popup?.close();
        this.failed(asProblem(error));
        throw error;
      }
    },
    handleRedirect: () => this.#handleRedirect(),
    getAccessToken: async ({ resource, scope, minValidity, signal, ...more } = {}) => {
      for (const name in more) throw wrongArgument(name);
      const keeper = await this.#ready();
      return keeper.token({ resource: resource ?? keeper.first, scope, minValidity, signal });
    },
    fetch: async (input, init) => (await this.#ready()).fetch(input, init),
    user: async () => (await this.#ready()).session?.claims ?? null,
    profile: async () => (await (await this.#ready()).provider()).profile(),
    checkSession: async () => {
      await this.#ready();
      if (!isPage) return "unknown";
      return (this.config.renew === "redirect" ? (await this.later()).redirects : await this.windows()).check();
    },
    signOut: async (options = {}) => {
      if (!isPage) return;
      const leave = async () => {
        // The second call of a double click has no session, and would leave before the first one has revoked it.
        await this.forgetting?.catch(() => {});
        const url = await (await this.#ready()).signOut(options);
        await this.#written;
        if (url !== undefined) await (await this.later()).redirects.navigate(url);
      };
      const left = leave().finally(() => {
        this.leaving = undefined;
      });
      // Do not sign in meanwhile: that call waits, or ends as this one does.
      if (!options.local) this.leaving = left;
      this.forgetting = left;
      return left;
    },
    close: () => this.#close(),
    [Symbol.dispose]: () => this.#close(),
  };

  #close(): void {
    if (this.isClosed) return;
    this.stopping.abort(new tools.OidcError("http.aborted"));
    this.tabs?.close();
    this.opened?.close();
    this.#listeners.clear();
    sessions.delete(this.name);
    const ended = async (reason?: OidcError) => {
      await this.#written;
      return { session: this.keeper.session, isAway: this.isAway, reason };
    };
    if (this.#opening)
      ending.set(
        this.name,
        Promise.resolve(this.visit?.result).then(() => ended(), ended),
      );
  }

  get isClosed(): boolean {
    return this.stopping.signal.aborted;
  }

  // ── state ──

  #emit(event: AuthEvent): void {
    for (const listener of [...this.#listeners]) {
      try {
        // An earlier listener may have removed this one.
        if (this.#listeners.has(listener)) listener(event);
      } catch (error) {
        reportError(error);
      }
    }
  }

  /** The present state, and the events since the last one. Without a change it returns the old object. */
  show(event?: AuthEvent, reason = this.#untold): void {
    this.#untold = undefined;
    const { session, expiresAt } = this.keeper;
    const isNew = !this.#state.user;
    const next: AuthState = {
      status: session ? "signed_in" : "signed_out",
      ...(session && { user: session.claims, signature: session.signature }),
      ...(expiresAt !== undefined && { expiresAt }),
      ...(reason && { problem: Object.assign(reason, { recoverable: !!session && isRecoverable(reason) }) }),
    };
    const names = Object.keys({ ...next, ...this.#state }) as (keyof AuthState)[];
    if (names.some((name) => next[name] !== this.#state[name])) this.#state = next;
    this.#renewal.plan();
    // Listeners do not know a session that was renewed at the start, so it counts as new.
    if (isNew && session && event?.type === "refreshed")
      this.#emit({ type: "signed_in", user: session.claims, by: "storage" });
    else if (event) this.#emit(event);
  }

  /** The session has changed: store it, and tell the other tabs. */
  #changed(event: AuthEvent): void {
    const { session } = this.keeper;
    const before = this.stood;
    this.stood = session;
    // Without a session, the event is one of these.
    const why = event.type as "expired" | "signed_out";
    const isExpired = why === "expired";
    if (this.isClosed)
      this.later()
        .then(({ siblings }) => siblings.passOn(session, before, why))
        .catch(() => {});
    if (session) {
      this.write(JSON.stringify(session)).then(() => this.settle());
      this.show(event);
      return;
    }
    // A worker tells all its pages.
    const isOfTab = this.config.worker || (event as { by?: string }).by === "tab";
    if (!isExpired) this.signedOutAt = performance.now();
    if (before && !isOfTab) {
      this.over.set(before.id, why);
      this.tabs?.say({ type: "over", id: before.id, why });
    }
    // A store of all tabs may have the next session already.
    if (!(isOfTab && this.hasOthers)) this.write(undefined);
    if (isOfTab && this.isStarting) return;
    // A restored browser may have a used refresh token. This is no problem to report.
    if (isExpired && this.isStarting) this.show({ type: "signed_out", by: "provider" });
    else this.show(event, isExpired ? problem(EXPIRED) : undefined);
  }

  failed(reason: OidcError): void {
    // A wrong argument is the caller's mistake.
    if (reason.code.startsWith("argument.") || reason === this.#state.problem) return;
    // The first answer tells it, once the session is known.
    if (this.finding && this.#state === LOADING) this.#untold = reason;
    else this.show({ type: "problem", problem: reason }, reason);
  }

  // ── the store ──

  /** Writes to the store. While it is away, what it has is out of date, and is removed. */
  write(text: string | undefined): Promise<void> {
    const write = async () => {
      const put = this.isAway ? undefined : text;
      await this.#ask(
        (store) => (put === undefined ? store.remove(this.name) : store.set(this.name, put)),
        async () => (await this.later()).siblings.rewrite(put),
        () => put !== undefined && this.write(put),
      );
      this.#writes--;
    };
    this.#written = this.#writes++ ? this.#written.then(write) : write();
    return this.#written;
  }

  /** The stored text, or null. Undefined if it is unknown. */
  #read(): Promise<string | null | undefined> | undefined {
    if (this.isAway) return undefined;
    const written = this.#written;
    return this.#ask(
      async (store) => (await store.get(this.name)) || null,
      // The person may have signed in or out meanwhile.
      async (text) => (await this.later()).siblings.take(written === this.#written ? read(text) : undefined),
    );
  }

  /** True if the store knows of no session. */
  async isEmpty(): Promise<boolean> {
    await this.#written;
    return (await this.#read()) === null;
  }

  async stored(): Promise<Session | undefined> {
    return read(await this.#read());
  }

  /** The store's answer. Undefined if it refuses, or is late. `late` receives a late answer. */
  async #ask<T>(
    work: (store: AuthStorage) => T | Promise<T>,
    late: (answer: T) => unknown,
    refused?: () => unknown,
  ): Promise<T | undefined> {
    const answer = (async () => work(this.#store))();
    let isFirst = false;
    try {
      // Nothing waits for a store that is away.
      if (!this.isAway) return await timely(answer);
    } catch (cause) {
      if (!this.isAway) {
        isFirst = this.isAway = true;
        this.#untold = problem(STORAGE, cause);
        if (this.#state !== LOADING) this.failed(this.#untold);
      }
    }
    answer
      .then((value) => {
        if (isFirst) this.isAway = false;
        return late(value);
      }, refused)
      .catch(() => {});
    return undefined;
  }

  // ── the first answer ──

  /** Each first call reads the address before it answers. */
  async #ready(): Promise<TokenKeeper> {
    await this.#handleRedirect().catch(() => {});
    if (isPage) await this.open();
    return this.keeper;
  }

  open(): Promise<void> {
    this.#opening ??= this.#restore().catch((error) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async #restore(): Promise<void> {
    const { insecureOrigin, storage, worker } = this.config;
    const { signal } = this.stopping;
    this.before = await this.#ending;
    if (crypto.subtle && storage === "indexeddb") {
      this.#store = (await part(() => import("./indexeddb.js"))()).indexeddb;
      this.hasOthers = true;
    } else if (!crypto.subtle && insecureOrigin === "tls-only")
      this.#place.unchecked = (await part(() => import("./unchecked.js"))()).unchecked(tools);
    if (worker) {
      const { RemoteKeeper } = await part(() => import("./remote.js"))();
      const remote = new RemoteKeeper(worker, this.#place, tools, this.#workerLost, signal);
      // First, because the worker's events may arrive before its answer.
      this.keeper = remote;
      // The worker holds the session. Other tabs may use the same worker.
      this.#store = { get: () => remote.find(), set() {}, remove() {} };
      await remote.find();
    }
    if (!signal.aborted) this.tabs = new Tabs(this.name, (message) => this.hear(message));
    const retry = () => this.#renewal.retry();
    document.addEventListener("visibilitychange", retry, { signal });
    addEventListener("online", retry, { signal });
    addEventListener(
      "pageshow",
      ({ persisted }) => {
        if (!persisted) return;
        // The person went Back, and may leave again. Meanwhile the session may have ended or changed.
        this.leaving = undefined;
        this.later()
          .then(({ siblings }) => siblings.resume())
          .then(retry, (error) => this.failed(asProblem(error)));
      },
      { signal },
    );
    if (!worker) {
      // In memory, the session before is the only copy.
      const { session: copy, isAway } = this.before ?? {};
      const stored = await this.stored();
      const isNewest = copy && (isAway || stored || !(await this.isEmpty())) && isNewer(copy, stored);
      this.keeper.session = isNewest ? copy : stored;
    }
    const { session } = this.keeper;
    this.stood = session;
    // It may have ended while the store was read.
    if (session && this.over.has(session.id)) this.keeper.forget("tab");
  }

  /** Looks for a session in storage, in other tabs and at the provider. */
  find(): Promise<void> {
    this.finding ??= this.#search().catch((error) => {
      this.finding = undefined;
      throw error;
    });
    return this.finding;
  }

  async #search(): Promise<void> {
    await this.open();
    if (this.keeper.session) {
      this.isStarting = true;
      await this.keeper.wake().catch(() => {});
      this.isStarting = false;
      // In the background: another tab may know that the session has ended.
      this.inquire();
    } else if (!this.config.worker) {
      // A store of all tabs lacks what a tab could not store.
      await this.inquire();
      if (!this.keeper.session && this.config.renew === "redirect" && (await this.#read()))
        await (await this.later()).redirects.recall();
    }
  }

  /** Gives the first answer. */
  async load(): Promise<void> {
    const before = this.#state;
    const isNew = !this.finding || before === LOADING;
    try {
      await this.find();
    } catch (error) {
      // The next call tries again.
      this.visit = undefined;
      if (before !== LOADING) return;
      this.#untold ??= asProblem(error);
    }
    if (!isNew || this.#state !== before) return;
    const user = this.keeper.session?.claims;
    this.show(user ? { type: "signed_in", user, by: "storage" } : { type: "signed_out", by: "here" });
  }

  // ── other tabs and windows ──

  /** The age of this tab's session. A worker's session is not for other tabs. */
  get rank(): Rank | undefined {
    const { session } = this.keeper;
    if (!session || this.config.worker) return undefined;
    const { id, since, turn } = session;
    return { id, since, turn };
  }

  /** Tells other tabs about the session, after it is stored. */
  async settle(): Promise<void> {
    await this.#written;
    const { rank } = this;
    if (!rank) return;
    this.heard = rank;
    this.tabs?.say({ type: "stands", ...rank });
  }

  /** Asks other tabs for a newer session, and takes it. */
  async inquire(patience = PATIENCE): Promise<void> {
    await new Promise<void>((done) => {
      this.#hasHeard = done;
      this.tabs?.say({ type: "who", mine: this.rank });
      setTimeout(done, patience);
    });
    await this.#fetching;
  }

  hear(message: Message): void {
    const { rank } = this;
    const { session } = this.keeper;
    if (message.type === "who") {
      const { mine } = message;
      const why = mine && this.over.get(mine.id);
      if (why) this.tabs?.say({ type: "over", id: mine.id, why });
      if (rank && isNewer(rank, mine)) this.tabs?.say({ type: "stands", ...rank });
    } else if (message.type === "stands") {
      this.heard = message;
      if (!isNewer(message, session) || this.over.has(message.id)) return;
      this.#fetching = this.later()
        .then(({ siblings }) => siblings.fetch(message))
        .catch((error) => this.failed(asProblem(error)));
      this.#hasHeard();
    } else {
      if (message.type === "over") {
        this.over.set(message.id, message.why);
        if (session?.id === message.id) {
          if (message.why === "expired") this.keeper.end("tab");
          else this.keeper.forget("tab");
        }
      }
      this.later()
        .then(({ siblings }) => siblings.hear(message))
        .catch(() => {});
    }
  }

  // ── leaving and returning ──

  get location(): Location {
    return this.config.host?.location ?? location;
  }

  #handleRedirect(): ReturnType<Auth["handleRedirect"]> {
    if (!isPage) return Promise.resolve(null);
    const { href } = this.location;
    if (this.visit?.href !== href) {
      const visit = { href, result: this.#arrive(href) };
      this.visit = visit;
      // Readers of the snapshot have seen the error already. If the address still has the response, the next call tries again.
      visit.result.catch(() => {
        if (visit.href === href && this.visit === visit) this.visit = undefined;
      });
    }
    return this.visit.result;
  }

  async #arrive(address: string): ReturnType<Auth["handleRedirect"]> {
    const state = stateOf(address, this.config.redirectUri);
    if (state === undefined) {
      // A router may leave the redirect URI before the response is read.
      await this.visit?.result.catch(() => {});
      await this.load();
      return null;
    }
    // Until all parts have loaded, the address keeps the response, so a reload can use it.
    const [{ redirects }] = await Promise.all([this.later(), this.open()]).catch((error) =>
      this.fruitless(asProblem(error)),
    );
    return redirects.arrive(state, address);
  }

  /** A failed login. The state changes at once, so no other login starts in between. */
  async fruitless(reason: OidcError): Promise<never> {
    // A listener's call may have tried again. The same failure must not call the listener again.
    const isKnown = this.#state.problem?.code === reason.code;
    if (!isKnown) this.#untold = reason;
    await this.load();
    if (!isKnown) this.show({ type: "problem", problem: reason }, reason);
    throw reason;
  }
}
