import init, { type ClientConfig, type ProviderMetadata, RelyingParty } from "oidc-wasm";
import { inTurn } from "./turn.js";

const HOUR = 3_600_000;

/** Where an issuer is found. */
export interface IssuerConfig {
  issuer?: string;
  provider?: ProviderMetadata;
  fetch?: typeof fetch;
}

/**
 * The relying party of a configuration. Refreshes its metadata once an hour. If the issuer is unavailable, the old metadata stay in
 * use.
 */
export function createParty(
  { issuer = "", provider, fetch }: IssuerConfig,
  client: ClientConfig,
): () => Promise<RelyingParty> {
  let party: RelyingParty | undefined;
  let until = 0;
  // A new function each time, which shares no metadata: this file counts the hour.
  const own =
    (): typeof globalThis.fetch =>
    (...given) =>
      (fetch ?? globalThis.fetch)(...given);
  return inTurn(
    () => (Date.now() < until ? party : undefined),
    async () => {
      await init();
      until = Date.now() + HOUR;
      try {
        const found = provider
          ? new RelyingParty(provider, client)
          : await RelyingParty.discover(issuer, client, { fetch: own() });
        try {
          found.importKeys(party?.exportKeys() ?? "");
        } catch {
          // No metadata yet, or another address of the key set.
        }
        party = found;
      } catch (problem) {
        if (!party) throw problem;
      }
      return party;
    },
  );
}
