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
 * The relying party of a configuration. Its metadata is fetched once an hour; meanwhile, and while the issuer can't be reached, the
 * old one serves.
 */
export function createParty(
  { issuer = "", provider, fetch }: IssuerConfig,
  client: ClientConfig,
): () => Promise<RelyingParty> {
  let party: RelyingParty | undefined;
  let until = 0;
  // A function of its own each time, which shares no document: the hour is counted here.
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
          // There are none yet, or the key set has another address now.
        }
        party = found;
      } catch (problem) {
        if (!party) throw problem;
      }
      return party;
    },
  );
}
