import type { DpopKey } from "../types.js";
import { asked, kept } from "./database.js";
import type { Tools } from "./tools.js";

/** The stored key of a client at a provider (RFC 9449). All tabs share it, and the worker that holds the tokens. */
export interface StoredKey {
  /** The client's key, created at first use. */
  take(): Promise<DpopKey>;
  /** Stores the key for the tokens of a new session. */
  give(key: DpopKey, session: string): Promise<unknown>;
  /** Deletes the key at the end of its session. A later session may have the key, or another one. */
  drop(session: string): Promise<unknown>;
}

export function storedKey({ createDpopKey }: Tools, client: string): StoredKey {
  const name = `dpop ${client}`;
  return {
    take: () => kept(name, createDpopKey),
    give: ({ privateKey, publicKey }, session) =>
      asked("readwrite", (store) => store.put({ privateKey, publicKey, session }, name)),
    drop: (session) =>
      asked("readwrite", (store) => {
        const found = store.get(name);
        found.onsuccess = () => {
          if (found.result?.session === session) store.delete(name);
        };
        return found;
      }),
  };
}
