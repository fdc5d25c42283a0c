import { problem, STORAGE } from "./problem.js";
import { VERSION } from "./session.js";
import type { Store } from "./storage.js";

/** A started login, stored under its `state` until the person returns. */
export interface PendingLogin {
  v: typeof VERSION;
  /** The session manager that started it. */
  of: string;
  transaction: string;
  returnTo: string;
  /** Silent: an error from the provider is no failure. */
  isSilent: boolean;
}

const nameOf = (state: string) => `oidc-wasm login ${state}`;

export class PendingLogins {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Throws `session.storage` before the page leaves, because the response would find no login. */
  async put(state: string, login: PendingLogin): Promise<void> {
    try {
      await this.#store.set(nameOf(state), JSON.stringify(login));
    } catch (cause) {
      throw problem(STORAGE, cause);
    }
  }

  async find(state: string): Promise<PendingLogin | undefined> {
    try {
      const login = JSON.parse((await this.#store.get(nameOf(state))) ?? "null");
      return login?.v === VERSION ? login : undefined;
    } catch {
      return undefined;
    }
  }

  async remove(state: string): Promise<void> {
    await this.#store.remove(nameOf(state));
  }
}
