import init, { type ClientConfig, type ProviderMetadata, RelyingParty } from "oidc-wasm";
import { wrongConfig } from "./problem.js";
import { inTurn } from "./turn.js";

/**
 * The relying party of an issuer, or of its known metadata. Refreshes its metadata once an hour. If the issuer is unavailable, the old metadata stay in
 * use.
 */
export function createParty(
  issuer: string | undefined,
  provider: ProviderMetadata | undefined,
  client: ClientConfig,
  fetch: typeof globalThis.fetch,
): () => RelyingParty | Promise<RelyingParty> {
  if (!issuer && !provider) throw wrongConfig("issuer", "an issuer, or `provider`");
  let party: RelyingParty | undefined;
  let until = 0;
  return inTurn(
    () => (Date.now() < until ? party : undefined),
    async () => {
      await init();
      until = Date.now() + 3_600_000;
      try {
        const found = provider
          ? new RelyingParty(provider, client)
          : // A new function each time, which shares no metadata: this file counts the hour.
            await RelyingParty.discover(issuer as string, client, { fetch: fetch.bind(null) });
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
