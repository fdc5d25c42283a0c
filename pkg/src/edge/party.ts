import init, { type ClientConfig, type ProviderMetadata, RelyingParty } from "oidc-wasm";
import { inTurn } from "./turn.js";

const HOUR = 3_600_000;

/** The issuer, or its known metadata. */
export interface IssuerConfig {
  issuer?: string;
  provider?: ProviderMetadata;
  fetch?: typeof fetch;
}

/** The configured function, or the host's at the time of the call. */
export const fetchOf =
  ({ fetch }: Pick<IssuerConfig, "fetch">): typeof globalThis.fetch =>
  (...given) =>
    (fetch ?? globalThis.fetch)(...given);

/**
 * The relying party of a configuration. Refreshes its metadata once an hour. If the issuer is unavailable, the old metadata stay in
 * use.
 */
export function createParty(
  config: IssuerConfig,
  client: ClientConfig,
  fetch = fetchOf(config),
): () => RelyingParty | Promise<RelyingParty> {
  const { issuer = "", provider } = config;
  let party: RelyingParty | undefined;
  let until = 0;
  return inTurn(
    () => (Date.now() < until ? party : undefined),
    async () => {
      await init();
      until = Date.now() + HOUR;
      try {
        const found = provider
          ? new RelyingParty(provider, client)
          : // A new function each time, which shares no metadata: this file counts the hour.
            await RelyingParty.discover(issuer, client, { fetch: fetchOf({ fetch }) });
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
