/** Sealed entries, and keys that no script can export. Tabs and workers of one origin share it. */
const STORE = "sealed";

/** Milliseconds after which a browser that has not opened the database never will. */
const PATIENCE = 10_000;

let opened: Promise<IDBDatabase> | undefined;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open("oidc-wasm", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => {
      const { result } = request;
      // An open connection would block each deletion, and a later version.
      result.onversionchange = () => result.close();
      resolve(result);
    };
    request.onerror = () => reject(request.error);
    setTimeout(() => reject(new DOMException("", "TimeoutError")), PATIENCE);
  }).catch((error) => {
    opened = undefined;
    throw error;
  });
  return opened;
}

type Ask = (store: IDBObjectStore) => IDBRequest;

/** Asks twice: a browser may close the connection, for instance in the background. */
export async function asked<T>(mode: IDBTransactionMode, ask: Ask): Promise<T> {
  try {
    return await once<T>(mode, ask);
  } catch {
    (await open()).close();
    opened = undefined;
    return once(mode, ask);
  }
}

async function once<T>(mode: IDBTransactionMode, ask: Ask): Promise<T> {
  const transaction = (await open()).transaction(STORE, mode);
  const request = ask(transaction.objectStore(STORE));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = transaction.onabort = () => reject(request.error ?? transaction.error);
  });
}

/** The value under a name, created at first use. If two tabs create it at once, both use the first stored one. */
export async function kept<T>(name: string, make: () => Promise<T>): Promise<T> {
  const read = () => asked<T | undefined>("readonly", (store) => store.get(name));
  const known = await read();
  if (known) return known;
  const made = await make();
  try {
    await asked("readwrite", (store) => store.add(made, name));
    return made;
  } catch (refused) {
    const first = await read();
    if (!first) throw refused;
    return first;
  }
}
