import type { ClientConfig, RelyingParty } from "oidc-wasm";
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

/** Milliseconds that a request waits for the store. */
const PATIENCE = 5_000;

/** The store's answer, or undefined if it takes too long. */
async function inTime<T>(answer: T | Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, PATIENCE, undefined);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Stores nothing outside this isolate. */
const nowhere: KeyStore = { get: () => null, put() {} };

/**
 * A token that no key signs. The engine fetches keys for a token only, with its limits of time and size. ES512, because
 * hardly any key set has such a key, and the engine compares no signature then.
 */
const UNSIGNED = "eyJhbGciOiJFUzUxMiIsImtpZCI6Ii4ifQ.e30.AA";

/** Keys and metadata that isolates share, and their renewal in the background. */
export interface SharedKeys {
  /** A fetch for metadata. Another isolate may have stored them. */
  discover: typeof fetch;
  /** The relying party. Stores its metadata if they are new, and imports newer keys if the present ones age. */
  prepare(party: Party, context: ExecutionContextLike | undefined): Promise<RelyingParty>;
  /** Stores the present keys for other isolates. */
  share(rp: RelyingParty, context: ExecutionContextLike | undefined): Promise<void>;
}

type Party = () => RelyingParty | Promise<RelyingParty>;

/** `outdate` is called after each change of keys. */
export function sharedKeys(
  keys: GuardConfig["keys"],
  send: typeof fetch,
  outdate: () => void,
  client: ClientConfig,
): SharedKeys {
  const store = keys === "cache-api" ? cacheApi : typeof keys === "object" ? keys : nowhere;
  let looked = 0;
  let present: RelyingParty | undefined;
  /** Where the metadata come from that the engine has not accepted yet. */
  let found: { address: string; isStored: boolean } | undefined;

  async function put(name: string, value: string): Promise<void> {
    try {
      await store.put(`oidc-wasm ${name}`, value, DAY);
    } catch {
      // Other isolates fetch it themselves.
    }
  }

  /** Stores a value, after the response if possible. Otherwise a slow store delays the response for a limited time. */
  async function leave(name: string, value: string, context?: ExecutionContextLike): Promise<void> {
    const left = put(name, value);
    if (context) context.waitUntil(left);
    else await inTime(left);
  }

  async function find(name: string): Promise<string | null> {
    try {
      return (await inTime(store.get(`oidc-wasm ${name}`))) ?? null;
    } catch {
      return null;
    }
  }

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
    // Its class. An import would load its modules twice.
    const other = new (rp.constructor as typeof RelyingParty)(rp.provider, client);
    await other.verifyAccessToken(UNSIGNED, { audience: uri }, { fetch: send }).catch(() => {});
    const fetched = other.exportKeys();
    if (!fetched) return;
    take(rp, fetched);
    await leave(uri, rp.exportKeys() ?? "");
  }

  /** A refused entry of the store counts as absent: the second attempt asks the issuer. */
  async function accepted(party: Party): Promise<RelyingParty> {
    try {
      return await party();
    } catch (problem) {
      if (!found?.isStored) throw problem;
      return party();
    }
  }

  return {
    async discover(input, init) {
      const address = `${input}`;
      const left = found?.isStored ? null : await find(address);
      found = { address, isStored: !!left };
      return left ? new Response(left, { headers: { "content-type": "application/json" } }) : send(input, init);
    },
    async prepare(party, context) {
      const rp = await accepted(party);
      if (rp !== present) {
        present = rp;
        if (found && !found.isStored) await leave(found.address, JSON.stringify(rp.provider), context);
        found = undefined;
      }
      const uri = rp.provider.jwks_uri;
      const now = Date.now();
      const age = () => now - Number.parseInt(rp.exportKeys() ?? "0", 10);
      if (!uri || now - looked < AGEING || age() < AGEING) return rp;
      looked = now;
      take(rp, (await find(uri)) ?? "");
      // The token itself fetches keys that are missing, or too old for the engine.
      if (context && age() >= AGEING && age() < 2 * AGEING) context.waitUntil(renew(rp, uri).catch(() => {}));
      return rp;
    },
    share: (rp, context) => leave(`${rp.provider.jwks_uri}`, rp.exportKeys() ?? "", context),
  };
}
