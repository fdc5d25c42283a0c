import { OidcError } from "./error.js";
import type { Network, Reply } from "./host/http.js";
import type { Machine } from "./machine.js";
import type {
  AccessTokenExpected,
  AuthorizationParams,
  AuthorizationRequest,
  CallOptions,
  DeviceAuthorization,
  DeviceLoginOptions,
  DeviceParams,
  DpopKey,
  HttpRequest,
  IdTokenClaims,
  Login,
  ResourceMetadata,
  StepUp,
  TokenSet,
} from "./types.js";

/** A key pair that tokens are bound to, and the servers' nonces for it (RFC 9449). */
export interface Possession {
  /** Sends a request with a proof. `make` makes it again if the server requires a nonce. `accessToken` is sent with it. */
  send(machine: Machine, make: () => Made, net: Network, accessToken?: string): Promise<Reply>;
  /** The thumbprint of the key, for a request. */
  thumbprint(machine: Machine): Promise<string>;
  /** A proof for one request. */
  proof(machine: Machine, method: string, url: string, accessToken?: string): Promise<string>;
  /** Keeps the nonce of a reply. Returns whether the server requires it and it is new. */
  takes(machine: Machine, url: string, nonce: string | null | undefined, asked: Asked): boolean;
}

export type Made = HttpRequest | Promise<HttpRequest>;

/** The parts of a reply that tell whether a nonce is required. */
export interface Asked {
  status: number;
  challenges: string | undefined;
  body: Uint8Array;
}

/** The result of a proof beside an access token. */
export interface Proven {
  /** The remaining expectations of the token. */
  expected: AccessTokenExpected;
  /** The thumbprint of the key that it must be bound to. `undefined` for a bearer token. */
  key: string | undefined;
  /** Asks whether the proof was used before. */
  replayed(): Promise<void>;
}

/** A request to a protected resource: the arguments of `RelyingParty.fetch`. */
export interface ResourceAccess {
  input: string | URL | Request;
  init: RequestInit | undefined;
  tokens: TokenSet;
}

/** Features of oidc-wasm/full only. */
interface Capabilities {
  possession(pair: DpopKey): Possession;
  authorize(machine: Machine, params: AuthorizationParams, net: Network): Promise<AuthorizationRequest>;
  fetch(machine: Machine, access: ResourceAccess, net: Network): Promise<Response>;
  proven(machine: Machine, token: string, expected: AccessTokenExpected): Promise<Proven>;
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
  discoverResource(resource: string | URL | Response, net: Network): Promise<ResourceMetadata>;
  stepUp(challenged: string | Response): StepUp | undefined;
  /** The algorithms of the proofs that it takes. */
  algorithms: readonly string[];
}

/** Nothing in the default build. */
export let present: Capabilities | undefined;

/** Registers them when oidc-wasm/full is imported. */
export function provide(capabilities: Capabilities): void {
  present = capabilities;
}

export function full(): Capabilities {
  if (!present) throw new OidcError("build.full");
  return present;
}
