import type { Frame } from "./engine/frame.js";
import { OidcError } from "./error.js";
import type { Names, Network } from "./host/http.js";
import type { Machine } from "./machine.js";
import type {
  AccessTokenExpected,
  AuthorizationParams,
  AuthorizationRequest,
  BackchannelAuthentication,
  BackchannelAuthenticationParams,
  CallOptions,
  Claims,
  ClientConfig,
  ClientInformation,
  DeviceAuthorization,
  DeviceLoginOptions,
  DeviceParams,
  DpopKey,
  HttpRequest,
  IdTokenClaims,
  Login,
  ProviderMetadata,
  RegistrationOptions,
  RequestObjectConfig,
  ResourceMetadata,
  StepUp,
  TokenSet,
} from "./types.js";

/** A key pair that tokens are bound to, and the servers' nonces for it (RFC 9449). */
export interface Possession {
  /**
   * Makes a proof for each attempt to send a request. It attempts again if the server requires a nonce that the proof lacked. `accessToken`
   * is part of the proof.
   */
  send<R extends Asked>(
    machine: Machine,
    request: { method: string; url: string },
    accessToken: string | undefined,
    attempt: (proof: string, isAgain: boolean) => Promise<R>,
  ): Promise<R>;
  /** The thumbprint of the key, for a request. */
  thumbprint(machine: Machine): Promise<string>;
}

export type Made = HttpRequest | Promise<HttpRequest>;

/** The parts of a reply that show if the server requires a nonce. */
export interface Asked {
  status: number;
  challenges?: string | undefined;
  body: string | Uint8Array;
  headers?: Names | undefined;
}

/** Checks an access token. `key` is the thumbprint of the key that it must be bound to. A bearer token has none. */
export type Judge<E> = (expected: E, key?: string) => Promise<Claims>;

/** A key that decrypts tokens. */
export interface Decryptor {
  /** Its algorithm, curve and `kid`, for the engine. */
  readonly facts: string;
  readonly key: CryptoKey;
}

/** A client's options: those of every build, and what those of oidc-wasm/full only have become. */
export interface FullConfiguration {
  usual: Partial<ClientConfig>;
  possession: Possession | undefined;
  /** The keys that decrypt the provider's tokens (RFC 7516). */
  decryption: readonly Decryptor[];
  /** The steps that several calls need, with those of these options. */
  Machine: typeof Machine;
  /** Signs authorization requests (RFC 9101), and gives them an address if they need one. */
  requestObject: RequestObjectConfig | undefined;
  /** Adds the options to a call that makes a relying party. */
  withFull(frame: Frame): Frame;
}

/** Features of oidc-wasm/full only. */
interface Capabilities {
  createDpopKey(): Promise<DpopKey>;
  configured(client: Partial<ClientConfig> | undefined): FullConfiguration;
  authorize(
    machine: Machine,
    params: AuthorizationParams,
    options: CallOptions | undefined,
  ): Promise<AuthorizationRequest>;
  signedResponse(
    machine: Machine,
    frame: Frame,
    transaction: string | null | undefined,
    along: object,
    net: Network,
  ): Promise<Frame | undefined>;
  fetch(
    machine: Machine,
    input: string | URL | Request,
    init: RequestInit | undefined,
    tokens: TokenSet,
    options: CallOptions | undefined,
  ): Promise<Response>;
  proven<E extends AccessTokenExpected | undefined>(
    machine: Machine,
    token: string,
    expected: AccessTokenExpected,
    judge: Judge<E>,
  ): Promise<Claims>;
  deviceAuthorization(
    machine: Machine,
    params: DeviceParams,
    options: CallOptions | undefined,
  ): Promise<DeviceAuthorization>;
  deviceLogin(
    machine: Machine,
    device: DeviceAuthorization,
    options: DeviceLoginOptions | undefined,
  ): Promise<Login<"code", IdTokenClaims | undefined>>;
  backchannelAuthentication(
    machine: Machine,
    params: BackchannelAuthenticationParams,
    options: CallOptions | undefined,
  ): Promise<BackchannelAuthentication>;
  backchannelLogin(
    machine: Machine,
    request: BackchannelAuthentication,
    options: DeviceLoginOptions | undefined,
  ): Promise<Login>;
  registerClient(
    provider: ProviderMetadata,
    metadata: object,
    options: RegistrationOptions | undefined,
  ): Promise<ClientInformation>;
  manageClient(
    client: ClientInformation,
    action: string,
    metadata: object | undefined,
    options: CallOptions | undefined,
  ): Promise<ClientInformation | undefined>;
  clientMetadataDocument(clientId: string, metadata: object): Record<string, unknown>;
  discoverResource(resource: string | URL | Response, options: CallOptions | undefined): Promise<ResourceMetadata>;
  stepUp(challenged: string | Response): StepUp | undefined;
}

/** Undefined in the default build. */
export let present: Capabilities | undefined;

/** Registers them when oidc-wasm/full is imported. */
export function provide(capabilities: Capabilities): void {
  present = capabilities;
}

export function full(): Capabilities {
  if (!present) throw new OidcError("build.full");
  return present;
}

/** An asynchronous function of oidc-wasm/full. */
export const only =
  (name: keyof Capabilities) =>
  async (...given: unknown[]): Promise<never> =>
    (full()[name] as (...given: unknown[]) => never)(...given);
