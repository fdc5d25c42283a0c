import { full, only } from "./capabilities.js";
import type { CallOptions, ClientInformation, ProviderMetadata, RegistrationOptions } from "./types.js";

/**
 * Registers a client at a provider (RFC 7591, OpenID Connect Dynamic Client Registration 1.0), in oidc-wasm/full. Store
 * the result: `client_id`, `client_secret` and the values for {@link manageClient}. Throws `registration.*`.
 *
 * @example
 * ```ts
 * const { provider } = await RelyingParty.discover("https://op.example", {});
 * // Without a method, the provider may expect a secret (RFC 7591 §2).
 * const metadata = { redirect_uris: ["https://app.example/cb"], token_endpoint_auth_method: "none" };
 * const client = await registerClient(provider, metadata);
 * const rp = new RelyingParty(provider, { clientId: client.client_id, redirectUri: "https://app.example/cb" });
 * ```
 */
export const registerClient: (
  provider: ProviderMetadata,
  metadata: Record<string, unknown>,
  options?: RegistrationOptions,
) => Promise<ClientInformation> = /* @__PURE__ */ only("registerClient");

/**
 * Reads, updates or removes a registration (RFC 7592), in oidc-wasm/full. An update replaces all metadata and removes
 * missing members. Store the result, because the provider may change its tokens. After `"remove"` the result is
 * undefined. Throws `registration.*`.
 *
 * @example
 * ```ts
 * client = await manageClient(client, "update", { ...client, client_name: "Another name" });
 * await manageClient(client, "remove");
 * ```
 */
export const manageClient: {
  (
    client: ClientInformation,
    action: "read" | "update",
    metadata?: Record<string, unknown>,
    options?: CallOptions,
  ): Promise<ClientInformation>;
  (
    client: ClientInformation,
    action: "read" | "update" | "remove",
    metadata?: Record<string, unknown>,
    options?: CallOptions,
  ): Promise<ClientInformation | undefined>;
} = /* @__PURE__ */ only("manageClient");

/**
 * The metadata to serve at the URL that is your `clientId`, in oidc-wasm/full. Providers with
 * `client_id_metadata_document_supported` need no registration. The document is public, so it must contain no secret.
 *
 * @example
 * ```ts
 * const clientId = "https://app.example/client.json";
 * const metadata = { redirect_uris: ["https://app.example/cb"], token_endpoint_auth_method: "none" };
 * const document = clientMetadataDocument(clientId, metadata);
 * ```
 */
export function clientMetadataDocument(clientId: string, metadata: Record<string, unknown>): Record<string, unknown> {
  return full().clientMetadataDocument(clientId, metadata);
}
