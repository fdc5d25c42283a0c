// A single-page app whose tokens are bound to a key. It needs no other line for that.
import { createAuth } from "oidc-wasm/browser";

const { worker, ...config } = JSON.parse(document.getElementById("settings").textContent);
const name = JSON.stringify(config);
const auth = createAuth({
  ...config,
  ...(worker && { worker: new SharedWorker("/tokens.js", { type: "module", name }) }),
});

/** What this origin has stored: names and values. */
async function entries() {
  const database = await new Promise((resolve, reject) => {
    const request = indexedDB.open("oidc-wasm");
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const store = database.transaction("sealed").objectStore("sealed");
  const [names, values] = await Promise.all(
    [store.getAllKeys(), store.getAll()].map(
      (request) => new Promise((resolve) => request.addEventListener("success", () => resolve(request.result))),
    ),
  );
  database.close();
  return { names, values };
}

/** The stored keys, and whether a script could extract them. */
async function kept() {
  const { names, values } = await entries();
  return names.map((name, at) => [name, values[at].privateKey?.extractable]);
}

/** The public keys. */
async function publicKeys() {
  const { values } = await entries();
  return Promise.all(values.map(async ({ publicKey }) => (await crypto.subtle.exportKey("jwk", publicKey)).x));
}

globalThis.app = { auth, kept, publicKeys, arrived: auth.handleRedirect() };
