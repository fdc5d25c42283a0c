import { asked, kept } from "./database.js";
import type { AuthStorage } from "./types.js";

const KEY = "key";
// Created at the call, because importing must not throw without TextEncoder.
const utf8 = { encode: (text: string) => new TextEncoder().encode(text) };

/** Entries encrypted with AES-GCM. No script can export the key, so the browser's files contain no plain token. */
export const indexeddb: AuthStorage = {
  async get(name) {
    const entry = await asked<Entry | undefined>("readonly", (store) => store.get(name));
    if (!entry) return null;
    const { iv, data } = entry;
    const key = await cipher();
    // Without its key, an entry is no session.
    const text = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, data).catch(() => undefined);
    return text ? new TextDecoder().decode(text) : null;
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

const cipher = () =>
  kept(KEY, () => crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]));
