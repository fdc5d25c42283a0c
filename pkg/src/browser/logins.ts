import { problem } from "./problem.js";
import { VERSION } from "./session.js";
import type { Store } from "./storage.js";

/** A login under way, kept under its `state` until the person comes back. */
export interface PendingLogin {
  v: typeof VERSION;
  /** The session manager that began it. */
  of: string;
  transaction: string;
  returnTo: string;
  /** Without a word to the person, so that a refusal is an answer and no failure. */
  isSilent: boolean;
}

const nameOf = (state: string) => `oidc-wasm login ${state}`;

export class PendingLogins {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Throws `session.storage`, so that nobody is sent away who could not come back. */
  async put(state: string, login: PendingLogin): Promise<void> {
    try {
      await this.#store.set(nameOf(state), JSON.stringify(login));
    } catch (cause) {
      throw problem("session.storage", cause);
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
