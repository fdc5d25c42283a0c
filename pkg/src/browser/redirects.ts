// Leaving for the provider, and returning from it.
import type { OidcError } from "../error.js";
import type { AuthorizationParams } from "../types.js";
import { demandAll } from "./demands.js";
import { isFinal } from "./final.js";
import { PendingLogins } from "./logins.js";
import type { PageSession } from "./page.js";
import type { PageTools } from "./page_tools.js";
import { NO_REFRESH_TOKEN } from "./provider.js";
import { isForReturn, RESPONSE, returnPath } from "./return_to.js";
import type { Api, Auth } from "./types.js";
import type { Windows } from "./windows.js";

/** Milliseconds that a window may need to close. */
const CLOSING = 1_500;
/** Milliseconds after which a page that has not left may leave again. */
const STAYED = 3_000;
/** Milliseconds that the provider has to answer a silent login. */
const LEAVING = 10_000;
/** Milliseconds after the return from a login in which no silent one starts. */
const BACKOFF = 15_000;

/** Milliseconds after a sign-out. A login that starts so soon comes from the page's code, and not from the person. */
const AT_ONCE = 10_000;

/**
 * What the last login says about the person's session at the provider, or why a silent one failed on the return, by session. Without
 * a pause, the page would leave again at once, and without end.
 */
const answers = new Map<string, { found: boolean | OidcError; until: number }>();

export class Redirects {
  readonly #page: PageSession;
  readonly #tools: PageTools;
  readonly #logins: PendingLogins;
  /** Ends the watch over a response that the address keeps. */
  #dropping: (() => void) | undefined;

  constructor(page: PageSession, tools: PageTools) {
    this.#page = page;
    this.#tools = tools;
    this.#logins = new PendingLogins(page.logins, tools);
  }

  // ── leaving ──

  /** Queries the provider without a visible page (`prompt=none`). */
  async leaveSilently(wanted?: Api): Promise<never> {
    const { found } = this;
    if (typeof found === "object") throw found;
    const page = this.#page;
    const { nameOf, problem } = this.#tools;
    // Without a stored session the page returns with this token alone. It would leave again for the first one, and without end.
    if (wanted && nameOf(wanted.resource, wanted.scope) !== nameOf(page.keeper.first) && !(await page.stored()))
      throw problem(NO_REFRESH_TOKEN);
    return this.leave({ prompt: "none", ...wanted }, true, wanted);
  }

  /** Gets the session back that existed before a reload. */
  async recall(): Promise<void> {
    const page = this.#page;
    // First, so the page redirects only once.
    await page.write(undefined);
    await this.leaveSilently().catch((error) => {
      // The page is still here, so the next load may ask.
      page.write("here");
      page.failed(this.#tools.asProblem(error));
    });
  }

  /** Is the person still signed in at the provider? The page leaves, and the call after the return has the answer. */
  async check(): Promise<boolean> {
    const { found } = this;
    return typeof found === "boolean" ? found : this.leaveSilently();
  }

  /** The last answer, while it is new. */
  get found(): boolean | OidcError | undefined {
    const answer = answers.get(this.#page.name);
    return answer && performance.now() < answer.until ? answer.found : undefined;
  }

  set found(found: boolean | OidcError) {
    answers.set(this.#page.name, { found, until: performance.now() + BACKOFF });
  }

  async leave(
    { returnTo, ...params }: AuthorizationParams & { returnTo?: string },
    isSilent = false,
    wanted?: Api,
  ): Promise<never> {
    const page = this.#page;
    demandAll(page.config, this.#tools);
    const { href, pathname, search, hash } = page.location;
    // Otherwise the folder of the redirect URI: the application may be in one.
    const here = isForReturn(href, page, this.#tools) ? pathname + search + hash : new URL(".", href).pathname;
    // An application may visit the result's path itself, and an address that begins with two slashes names a host.
    const path = returnTo === undefined ? here.replace(/^\/\//, "/.//") : returnPath(returnTo, page, this.#tools);
    await this.#demandNoResponse(href);
    await page.open();
    // Leaving would stop the revocation. But a sign-out before the first answer waits for this silent login.
    if (!isSilent || page.auth.snapshot().status !== "loading") await page.forgetting?.catch(() => {});
    // Another tab may still be on its way to sign out at the provider. The session there must not sign the person in again.
    const { signedOutAt = -Infinity } = page;
    if (performance.now() - signedOutAt < AT_ONCE) params.prompt ??= "login";
    const { url, state, transaction } = await (await page.keeper.provider()).begin(params, isSilent);
    if (!page.isClosed) await this.#logins.put(state, { of: page.name, transaction, returnTo: path, isSilent, wanted });
    // After close(), the page stays, and no response will need the login.
    if (page.isClosed) await this.#logins.remove(state).catch(() => {});
    const left = this.navigate(url);
    // A renewal has the lock of all tabs. If the person stops the page, the lock must become free.
    return isSilent ? Promise.race([left, this.#stayed()]) : left;
  }

  /** At an address other than `redirectUri`, nothing reads a response. A new login would come back here too, and without end. */
  async #demandNoResponse(address: string): Promise<void> {
    const { name, config } = this.#page;
    const state = /[?#&]state=([^&#]+)/.exec(address)?.[1];
    if (!state || this.#tools.isRedirectAddress(address, config.redirectUri)) return;
    const login = await this.#logins.find(state).catch(() => {});
    const returned = address.split(/[?#]/)[0];
    if (login?.of === name)
      throw this.#tools.wrongArgument("redirectUri", `the address to which the provider returned: ${returned}`);
  }

  /** Never resolves, because the page leaves. Rejects after close(). */
  async navigate(url: string): Promise<never> {
    const page = this.#page;
    const { signal } = page.stopping;
    signal.throwIfAborted();
    const { navigate = (to: string) => location.assign(to) } = page.config.host ?? {};
    navigate(url);
    // The page is still here: the person stopped it. The next call leaves again.
    setTimeout(() => {
      page.leaving = page.forgetting = undefined;
    }, STAYED);
    return new Promise((_, fail) => {
      signal.addEventListener("abort", () => fail(signal.reason));
    });
  }

  async #stayed(): Promise<never> {
    await new Promise((done) => setTimeout(done, LEAVING));
    throw new this.#tools.OidcError("http.timeout");
  }

  // ── returning ──

  /** Until a response is used, no message of another tab shows the first state. With nobody signed in, the application would leave. */
  async arrive(state: string, address: string): ReturnType<Auth["handleRedirect"]> {
    const page = this.#page;
    page.isStarting = page.auth.snapshot().status === "loading";
    return this.#arrive(state, address).finally(() => {
      page.isStarting = false;
    });
  }

  async #arrive(state: string, address: string): ReturnType<Auth["handleRedirect"]> {
    const page = this.#page;
    let reason: OidcError | undefined;
    let isUnread = false;
    const login = await this.#logins.find(state).catch((error) => {
      reason = error;
      isUnread = true;
    });
    const isOther = login ? login.of !== page.name : !RESPONSE.test(address) || (await this.#isOfAnother(state));
    if (isOther) {
      await page.load();
      return null;
    }
    // Until everything has loaded, the address keeps the response.
    const fail = (error: unknown) => this.#fail(address, error);
    if (!login) {
      const windows = await page.windows().catch(fail);
      // A closed manager may have taken the response, and the page is elsewhere already.
      if (page.before && page.location.href !== address) ({ reason } = page.before);
      // A late store may have the login, so the address keeps the response.
      else if (!reason) {
        reason = new this.#tools.OidcError("transaction.missing");
        this.#clear(address);
      }
      return this.#strange(windows, state, address, reason, isUnread);
    }
    const provider = await page.keeper.provider().catch(fail);
    await provider.prepare().catch(fail);
    this.#clear(address);
    const { transaction, returnTo, isSilent, wanted } = login;
    try {
      // A store that is late must not end the login.
      await this.#logins.remove(state).catch(() => {});
      const done = await provider.finish(address, transaction, isSilent ? undefined : "redirect", wanted);
      page.finding ??= Promise.resolve();
      this.found = true;
      this.#goTo(returnTo);
      // No copy: an error with hidden tokens must stay the same object.
      return Object.assign(done, { returnTo });
    } catch (error) {
      const reason = this.#tools.asProblem(error);
      if (isSilent && isFinal(reason)) {
        this.found = false;
        page.finding ??= Promise.resolve();
        page.keeper.forget("provider");
        this.#goTo(returnTo);
        return null;
      }
      if (isSilent) this.found = reason;
      return page.fruitless(reason);
    }
  }

  /** A failed login whose response the address keeps. */
  #fail(address: string, error: unknown): Promise<never> {
    this.#keep(address);
    return this.#page.fruitless(this.#tools.asProblem(error));
  }

  /** Removes a response from the address, unless a router has gone to another one. */
  #clear(address: string): void {
    if (this.#page.location.href === address) this.#goTo(new URL(address).pathname);
  }

  /** Rewrites the address, and notifies routers. */
  #goTo(path: string): void {
    const page = this.#page;
    const { history: own = history } = page.config.host ?? {};
    const { protocol, host, href: oldURL, hash } = page.location;
    // A path alone is relative to <base>, and one with two slashes begins with a host.
    own.replaceState(null, "", `${protocol}//${host}${path}`);
    const { href: newURL } = page.location;
    if (page.visit) page.visit.href = newURL;
    dispatchEvent(new PopStateEvent("popstate", { state: null }));
    if (page.location.hash !== hash) dispatchEvent(new HashChangeEvent("hashchange", { oldURL, newURL }));
  }

  /** A response without a stored login: from another window, or an old one. `isUnread`: the store may still have the login. */
  async #strange(
    windows: Windows,
    state: string,
    address: string,
    reason: OidcError | undefined,
    isUnread: boolean,
  ): Promise<null> {
    const page = this.#page;
    if (await windows.handOver(state, address)) {
      if (window.parent !== window) return new Promise(() => {});
      window.close();
      // Cross-Origin-Opener-Policy may keep the window open. Then it is a normal tab.
      await new Promise((done) => setTimeout(done, CLOSING));
      await page.load();
      return null;
    }
    await page.find().catch((error) => this.#fail(address, error));
    const { session } = page.keeper;
    // A silent login would leave the page, and lose the response.
    if (session && reason && isUnread) this.found = reason;
    if (reason && isUnread) return this.#fail(address, reason);
    if (reason && !session) return page.fruitless(reason);
    await page.load();
    // The missing part of an earlier call has loaded.
    if (session && page.auth.snapshot().problem?.code === "session.part")
      page.show({ type: "signed_in", user: session.claims, by: "storage" });
    return null;
  }

  /** The address keeps a response for the next call. If the person signs in or out meanwhile, the response is out of date. */
  #keep(address: string): void {
    const page = this.#page;
    this.#dropping?.();
    // The first event only tells who is signed in already.
    let isFirst = page.auth.snapshot().status === "loading";
    this.#dropping = page.auth.subscribe(({ type }) => {
      const isOld = isFirst;
      isFirst = false;
      if (isOld || !/^(signed_|user_)/.test(type)) return;
      this.#dropping?.();
      this.#clear(address);
    });
  }

  /** Two providers may share one redirect URI. A response belongs to the session manager that started the login. */
  async #isOfAnother(state: string): Promise<boolean> {
    for (const page of this.#page.all.values()) {
      if (page === this.#page) continue;
      const login = await new PendingLogins(page.logins, this.#tools).find(state).catch(() => {});
      if (login?.of === page.name) return true;
    }
    return false;
  }
}
