import type { PageTools } from "./page_tools.js";
import type { Api, AuthStorage } from "./types.js";

/** A started login, stored under its `state` until the person returns. */
export interface PendingLogin {
  /** The session manager that started it. */
  of: string;
  transaction: string;
  returnTo: string;
  /** Silent: an error from the provider is no failure. */
  isSilent: boolean;
  /** The token that a renewal is for. */
  wanted?: Api | undefined;
}

/** Milliseconds for a store that owes an earlier answer on the same login. Each call of the application waits for it. */
const AGAIN = 300;

const nameOf = (state: string) => `oidc-wasm login ${state}`;

/** In a store that outlives the page but not the tab. */
export class PendingLogins {
  readonly #store: AuthStorage;
  readonly #tools: PageTools;
  /** The logins on which the store owes an answer. */
  readonly #owed = new Set<string>();

  constructor(store: AuthStorage, tools: PageTools) {
    this.#store = store;
    this.#tools = tools;
  }

  /** Throws `session.storage` before the page leaves, because the response would find no login. */
  async put(state: string, login: PendingLogin): Promise<void> {
    const text = JSON.stringify({ v: this.#tools.VERSION, ...login });
    const [name, store] = [nameOf(state), this.#store];
    // Nobody will ask for a login that is stored too late.
    await this.#asked(
      () => store.set(name, text),
      () => store.remove(name),
    );
  }

  /** The store's answer. Throws `session.storage` if it refuses, or is late. */
  async #asked<T>(work: () => T | Promise<T>, undo?: () => unknown): Promise<T> {
    const { problem, STORAGE, timely } = this.#tools;
    const answer = (async () => work())();
    try {
      return await timely(answer);
    } catch (cause) {
      answer.then(undo).catch(() => {});
      throw problem(STORAGE, cause);
    }
  }

  async find(state: string): Promise<PendingLogin | undefined> {
    const isOwed = this.#owed.has(state);
    this.#owed.add(state);
    const text = await this.#asked(() => {
      const answer = (async () => this.#store.get(nameOf(state)))();
      const paid = () => this.#owed.delete(state);
      answer.then(paid, paid);
      return isOwed ? Promise.race([answer, late()]) : answer;
    });
    try {
      const login = JSON.parse(text ?? "null");
      return login?.v === this.#tools.VERSION ? login : undefined;
    } catch {
      return undefined;
    }
  }

  async remove(state: string): Promise<void> {
    await this.#asked(() => this.#store.remove(nameOf(state)));
  }
}

const late = async (): Promise<never> => {
  await new Promise((done) => setTimeout(done, AGAIN));
  throw new DOMException("", "TimeoutError");
};
