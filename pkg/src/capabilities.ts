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

/** A key pair that tokens are bound to, and the nonces that servers gave for it (RFC 9449). */
export interface Possession {
  /** Sends a request with a proof. `make` makes it anew where the server asks for a nonce; `accessToken` is what goes along. */
  send(machine: Machine, make: () => Made, net: Network, accessToken?: string): Promise<Reply>;
  /** The thumbprint by which a request names the key. */
  thumbprint(machine: Machine): Promise<string>;
  /** A proof for one request. */
  proof(machine: Machine, method: string, url: string, accessToken?: string): Promise<string>;
  /** Keeps the nonce of an answer. Whether it was asked for, and is another than before. */
  takes(machine: Machine, url: string, nonce: string | null | undefined, asked: Asked): boolean;
}

export type Made = HttpRequest | Promise<HttpRequest>;

/** What of an answer tells whether a nonce is asked for. */
export interface Asked {
  status: number;
  challenges: string | undefined;
  body: Uint8Array;
}

/** What a proof beside an access token says. */
export interface Proven {
  /** What else is expected of the token. */
  expected: AccessTokenExpected;
  /** The thumbprint of the key that it must be bound to; `undefined` for a bearer token. */
  key: string | undefined;
  /** Asks whether the proof came before. */
  replayed(): Promise<void>;
}

/** A request to a protected resource, as `RelyingParty.fetch` is given it. */
export interface ResourceAccess {
  input: string | URL | Request;
  init: RequestInit | undefined;
  tokens: TokenSet;
}

/** What only oidc-wasm/full can do. */
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

/** Hands them over: who imports oidc-wasm/full has them. */
export function provide(capabilities: Capabilities): void {
  present = capabilities;
}

export function full(): Capabilities {
  if (!present) throw new OidcError("build.full");
  return present;
}
