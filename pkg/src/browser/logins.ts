import type { Tools } from "./tools.js";
import type { AuthStorage } from "./types.js";

/** A started login, stored under its `state` until the person returns. */
export interface PendingLogin {
  /** The session manager that started it. */
  of: string;
  transaction: string;
  returnTo: string;
  /** Silent: an error from the provider is no failure. */
  isSilent: boolean;
}

const nameOf = (state: string) => `oidc-wasm login ${state}`;

/** In a store that outlives the page but not the tab. */
export class PendingLogins {
  readonly #store: AuthStorage;
  readonly #tools: Tools;

  constructor(store: AuthStorage, tools: Tools) {
    this.#store = store;
    this.#tools = tools;
  }

  /** Throws `session.storage` before the page leaves, because the response would find no login. */
  async put(state: string, login: PendingLogin): Promise<void> {
    const text = JSON.stringify({ v: this.#tools.VERSION, ...login });
    await this.#stored(() => this.#store.set(nameOf(state), text));
  }

  async #stored(work: () => void | Promise<void>): Promise<void> {
    const { problem, STORAGE } = this.#tools;
    try {
      await work();
    } catch (cause) {
      throw problem(STORAGE, cause);
    }
  }

  async find(state: string): Promise<PendingLogin | undefined> {
    try {
      const login = JSON.parse((await this.#store.get(nameOf(state))) ?? "null");
      return login?.v === this.#tools.VERSION ? login : undefined;
    } catch {
      return undefined;
    }
  }

  async remove(state: string): Promise<void> {
    await this.#stored(() => this.#store.remove(nameOf(state)));
  }
}
