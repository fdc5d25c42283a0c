import type { AuthStorage } from "./types.js";

const STORE = "sealed";
const KEY = "key";
// Made at the call: importing must not throw where there is none.
const utf8 = { encode: (text: string) => new TextEncoder().encode(text) };

/** Entries encrypted with AES-GCM, under a key that no script can export: files of the browser's profile hold no plain token. */
export const indexeddb: AuthStorage = {
  async get(key) {
    const entry = await asked<Entry | undefined>("readonly", (store) => store.get(key));
    if (!entry) return null;
    const { iv, data } = entry;
    return new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, await cipher(), data));
  },
  async set(key, value) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await cipher(), utf8.encode(value));
    await asked("readwrite", (store) => store.put({ iv, data } satisfies Entry, key));
  },
  async remove(key) {
    await asked("readwrite", (store) => store.delete(key));
  },
};

interface Entry {
  iv: Uint8Array<ArrayBuffer>;
  data: ArrayBuffer;
}

/** Two tabs may make a key at once: the one that is stored first counts. */
async function cipher(): Promise<CryptoKey> {
  const known = await asked<CryptoKey | undefined>("readonly", (store) => store.get(KEY));
  if (known) return known;
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  await asked("readwrite", (store) => store.add(key, KEY)).catch(() => {});
  return asked("readonly", (store) => store.get(KEY));
}

let opened: Promise<IDBDatabase> | undefined;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open("oidc-wasm", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  }).catch((error) => {
    opened = undefined;
    throw error;
  });
  return opened;
}

async function asked<T>(mode: IDBTransactionMode, ask: (store: IDBObjectStore) => IDBRequest): Promise<T> {
  const transaction = (await open()).transaction(STORE, mode);
  const request = ask(transaction.objectStore(STORE));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = transaction.onabort = () => reject(request.error ?? transaction.error);
  });
}
