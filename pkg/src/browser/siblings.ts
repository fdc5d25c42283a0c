// Other tabs with the same session: handing it over, and renewing it one at a time.
import { createLock, type Exclusive } from "./lock.js";
import type { PageSession } from "./page.js";
import type { PageTools } from "./page_tools.js";
import { random } from "./random.js";
import { createReader, type Sealed, seal } from "./seal.js";
import type { Rank, Session } from "./session.js";
import type { Message } from "./tabs.js";
import type { Api, AuthEvent } from "./types.js";

/** Milliseconds to wait for a tab that has just renewed, and for one that has a newer session. */
const WAITED = 1_500;
const KNOWN = 5_000;
/** Milliseconds after which a late answer is no longer received. */
const LATE = 5_000;

export class Siblings {
  readonly #page: PageSession;
  readonly #tools: PageTools;
  readonly #lock: Exclusive;
  readonly #questions = new Map<string, (sealed: Sealed) => Promise<void>>();

  constructor(page: PageSession, tools: PageTools) {
    this.#page = page;
    this.#tools = tools;
    this.#lock = createLock(tools, page.name);
  }

  /** The store is one of all tabs, and this tab can use it. */
  get #isShared(): boolean {
    return this.#page.hasOthers && !this.#page.isAway;
  }

  /** Runs work that only one tab may do at a time. */
  readonly exclusive: Exclusive = (work) => {
    const page = this.#page;
    page.heard = undefined;
    return this.#lock((waited) => work(waited).finally(() => page.settle()));
  };

  /** Takes a newer session, if there is one. `waited`: another tab has just renewed, and may tell it soon. */
  async catchUp(waited: boolean): Promise<void> {
    const page = this.#page;
    const { session } = page.keeper;
    await this.#read();
    const isKnown = page.keeper.session !== session;
    // Also with a store of all tabs: it lacks what a tab could not store.
    await page.inquire(waited && !page.heard && !isKnown ? WAITED : undefined);
    // Neither the store nor a tab has it, so it has ended, and this page missed that message.
    if (this.#isShared && page.keeper.session === session && (await this.#isGone(session))) page.keeper.forget("tab");
  }

  /** A page that the browser kept while another one used the tab has missed all messages. */
  async resume(): Promise<void> {
    const page = this.#page;
    // A sign-out that had left never ends.
    page.forgetting = undefined;
    const { session } = page.keeper;
    if (session && !page.hasOthers && (await this.#isGone(session))) {
      page.over.set(session.id, "signed_out");
      page.keeper.forget("tab");
    } else await this.catchUp(false);
  }

  /** True if the store has no session. The person may sign in meanwhile, and that session stays. */
  async #isGone(session: Session | undefined): Promise<boolean> {
    const page = this.#page;
    return !!session && (await page.isEmpty()) && page.keeper.session === session;
  }

  /** Gets a token with prompt=none. */
  async renewSilently(wanted: Api): Promise<void> {
    const page = this.#page;
    if (page.config.renew === "redirect") await (await page.later()).redirects.leaveSilently(wanted);
    else await (await page.windows()).renew(wanted);
  }

  /** Takes a newer session that is known to exist: from the store, or from the tab that has it. */
  async fetch(newest: Rank): Promise<void> {
    await this.#read();
    const { config, keeper, over } = this.#page;
    if (!config.worker && !over.has(newest.id) && this.#tools.isNewer(newest, keeper.session)) await this.#ask();
  }

  /** Takes the answer of a store that was late, and stores what is newer. */
  take(session: Session | undefined): void {
    if (session) this.#adopt(session, "storage");
    const mine = this.#page.keeper.session;
    if (mine && mine !== session) this.#page.write(JSON.stringify(mine));
  }

  /** The manager of this name that is in use, once it is open. */
  async #present(): Promise<PageSession> {
    const page = this.#page.all.get(this.#page.name) ?? this.#page;
    await page.open();
    return page;
  }

  /** A late write has landed: it put this text, or removed the entry. The manager in use writes its newest session again. */
  async rewrite(put: string | undefined): Promise<void> {
    const page = await this.#present();
    const { session } = page.keeper;
    // A store that is away keeps nothing, because it would be out of date.
    const wanted = session && !page.isAway ? JSON.stringify(session) : undefined;
    if (put !== wanted) page.write(wanted);
  }

  /** A call of a closed manager has changed the session. The manager in use learns it. */
  async passOn(session: Session | undefined, before: Rank | undefined, why: "expired" | "signed_out"): Promise<void> {
    const page = await this.#present();
    if (page === this.#page) return;
    if (session) (await page.later()).siblings.take(session);
    else if (before) page.hear({ type: "over", id: before.id, why });
  }

  async #read(): Promise<void> {
    const found = await this.#page.stored();
    if (found) this.#adopt(found, "storage");
  }

  /** Takes a newer session from another tab. */
  #adopt(session: Session, by: "storage" | "tab"): void {
    const page = this.#page;
    const mine = page.keeper.session;
    if (page.over.has(session.id) || !this.#tools.isNewer(session, mine)) return;
    page.keeper.over = undefined;
    const isOther = !!mine && mine.claims.sub !== session.claims.sub;
    if (isOther && page.config.otherUser === "end") {
      // Over for this tab alone, so it tells no other tab.
      page.over.set(session.id, undefined);
      page.keeper.session = page.stood = undefined;
      if (!page.hasOthers) page.write(undefined);
      page.show({ type: "signed_out", by: "tab" });
      return;
    }
    page.keeper.session = page.stood = session;
    // What another tab has stored stays there.
    if (this.#isShared ? by === "tab" : !page.hasOthers) page.write(JSON.stringify(session));
    const { claims: user } = session;
    const event: AuthEvent = isOther
      ? { type: "user_changed", user }
      : mine
        ? { type: "refreshed", by: "tab" }
        : { type: "signed_in", user, by };
    // The first state appears only when it is complete.
    if (!page.isStarting) page.show(event);
  }

  // ── handing over: tokens go only to a tab that asks ──

  /** A late answer is received too. */
  async #ask(): Promise<void> {
    const [question, reader] = [random(), await createReader()];
    await new Promise<void>((done) => {
      this.#questions.set(question, async (sealed) => {
        const session = this.#tools.read(await reader.open(sealed));
        if (session) this.#adopt(session, "tab");
        done();
      });
      this.#page.tabs?.say({ type: "ask", question, key: reader.key, mine: this.#page.rank });
      setTimeout(done, KNOWN);
      setTimeout(() => this.#questions.delete(question), KNOWN + LATE);
    });
  }

  async hear(message: Extract<Message, { type: "over" | "ask" | "answer" }>): Promise<void> {
    const page = this.#page;
    if (message.type === "over") {
      const { heard, keeper } = page;
      // A later login replaced this tab's session, but its end came before this tab could take it.
      if (keeper.session && heard?.id === message.id && this.#tools.isNewer(heard, keeper.session))
        page.hear({ ...message, id: keeper.session.id });
      // The tab that ended the session could not remove it from the store of all tabs, perhaps.
      if (page.hasOthers && (await page.stored())?.id === message.id) page.write(undefined);
      return;
    }
    const { question } = message;
    if (message.type === "answer") return this.#questions.get(question)?.(message.sealed);
    const { session } = page.keeper;
    // A page of a worker has no tokens to give.
    if (!page.rank || !this.#tools.isNewer(page.rank, message.mine)) return;
    // With nothing in a store of all tabs, the session may have ended while this page was kept.
    if (this.#isShared && (await page.isEmpty())) return;
    const sealed = await seal(JSON.stringify(session), message.key);
    if (sealed) page.tabs?.say({ type: "answer", question, sealed });
  }
}
