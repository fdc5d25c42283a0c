/** One value in IndexedDB: what the worker's provider remembers. */
const name = "harbour";

const opened = () =>
  settled(
    Object.assign(indexedDB.open(name, 1), {
      onupgradeneeded({ target }) {
        target.result.createObjectStore(name);
      },
    }),
  );

export async function recall() {
  const database = await opened();
  const value = await settled(database.transaction(name).objectStore(name).get(name));
  database.close();
  return value;
}

export async function keep(value) {
  const database = await opened();
  await settled(database.transaction(name, "readwrite").objectStore(name).put(value, name));
  database.close();
}

/** @param {IDBRequest} request @returns {Promise<any>} */
const settled = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
