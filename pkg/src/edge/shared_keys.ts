import type { RelyingParty } from "oidc-wasm";
import type { ExecutionContextLike, GuardConfig, KeyStore } from "./types.js";

/** Seconds for which keys and metadata are stored: as long as the engine uses old keys. */
const DAY = 86_400;
/** Milliseconds after which keys are fetched again in the background: half of the time for which the engine considers them fresh. */
const AGEING = 300_000;

/** A separate cache, because other code can write the default one. The URL is never fetched. */
const cacheApi: KeyStore = {
  async get(name) {
    const found = await (await caches.open("oidc-wasm")).match(addressOf(name));
    return found ? found.text() : null;
  },
  async put(name, value, seconds) {
    const headers = { "cache-control": `max-age=${seconds}` };
    await (await caches.open("oidc-wasm")).put(addressOf(name), new Response(value, { headers }));
  },
};
const addressOf = (name: string) => `https://oidc-wasm.invalid/${encodeURIComponent(name)}`;

/** Stores nothing outside this isolate. */
const nowhere: KeyStore = { get: async () => null, put: async () => {} };

/** Keys and metadata that isolates share, and their renewal in the background. */
export interface SharedKeys {
  /** A fetch for metadata. Another isolate may have stored them. */
  discover: typeof fetch;
  /** Imports newer keys if the present ones age. */
  prepare(rp: RelyingParty, context: ExecutionContextLike | undefined): Promise<void>;
  /** Stores the present keys for other isolates. */
  share(rp: RelyingParty, context: ExecutionContextLike | undefined): Promise<void>;
}

/** `outdate` is called after each change of keys. */
export function createSharedKeys(keys: GuardConfig["keys"], send: typeof fetch, outdate: () => void): SharedKeys {
  const store = keys === "cache-api" ? cacheApi : typeof keys === "object" ? keys : nowhere;
  let looked = 0;

  async function leave(name: string, value: string): Promise<void> {
    // If storing fails, other isolates fetch the keys themselves.
    await store.put(`oidc-wasm ${name}`, value, DAY).catch(() => {});
  }

  const find = (name: string) => store.get(`oidc-wasm ${name}`).catch(() => null);

  function take(rp: RelyingParty, exported: string): void {
    const before = rp.exportKeys();
    try {
      rp.importKeys(exported);
    } catch {
      // Unreadable entries count as absent.
    }
    if (rp.exportKeys() !== before) outdate();
  }

  /** Fetches the keys again before they expire. */
  async function renew(rp: RelyingParty, uri: string): Promise<void> {
    const asked = Date.now();
    const reply = await send(uri, { redirect: "manual" });
    if (reply.status !== 200) return;
    take(rp, `${asked} ${uri}\n${await reply.text()}`);
    await leave(uri, rp.exportKeys() ?? "");
  }

  return {
    async discover(input, init) {
      const left = await find(`${input}`);
      const headers = { "content-type": "application/json" };
      if (left) return new Response(left, { headers });
      const reply = await send(input, init);
      if (reply.ok) await leave(`${input}`, await reply.clone().text());
      return reply;
    },
    async prepare(rp, context) {
      const uri = rp.provider.jwks_uri;
      const now = Date.now();
      const isAgeing = () => now - Number.parseInt(rp.exportKeys() ?? "0", 10) >= AGEING;
      if (!uri || now - looked < AGEING || !isAgeing()) return;
      looked = now;
      take(rp, (await find(uri)) ?? "");
      // Without any keys, the first token fetches them.
      if (context && rp.exportKeys() && isAgeing()) context.waitUntil(renew(rp, uri).catch(() => {}));
    },
    async share(rp, context) {
      const left = leave(`${rp.provider.jwks_uri}`, rp.exportKeys() ?? "");
      if (context) context.waitUntil(left);
      else await left;
    },
  };
}
