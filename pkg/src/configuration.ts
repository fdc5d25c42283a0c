import { type FullConfiguration, full, present } from "./capabilities.js";
import { encode, Frame } from "./engine/frame.js";
import { wrongArgument } from "./error.js";
import { CLIENT_MEMBERS } from "./generated/calls.js";
import { signingAlgorithm } from "./host/webcrypto.js";
import type { ClientConfig, ResourceServerConfig } from "./types.js";

/** A client's configuration in the engine's form. */
export class Configuration {
  /** The engine's part of the options. The private key stays here, and the engine gets its algorithm. */
  readonly told: object;
  readonly frame: Frame;
  readonly secret: Uint8Array<ArrayBuffer>;
  /** The key that signs assertions, and a flag for its presence. */
  readonly signer: CryptoKey | Uint8Array<ArrayBuffer>;
  readonly signs: boolean;
  /** What the options of oidc-wasm/full only have become. */
  readonly full: FullConfiguration | undefined;
  /** The engine's relying party after discovery. */
  discovered: { party: number; metadata: string } | undefined;

  constructor(client: ClientConfig | ResourceServerConfig) {
    let given = client as Partial<ClientConfig> | undefined;
    if (present) {
      this.full = present.configured(given);
      given = this.full.usual;
    } else if (given?.auth?.method?.endsWith?.("tls_client_auth")) full();
    const { auth, pushedAuthorizationRequests: pushes } = given ?? {};
    const isKey = auth?.method === "private_key_jwt";
    if (isKey && "alg" in auth) throw wrongArgument("alg");
    const told = {
      ...(isKey && { auth: { ...auth, key: undefined, alg: signingAlgorithm(auth.key) } }),
      ...(pushes === "auto" && { pushedAuthorizationRequests: undefined }),
    };
    this.told = Object.keys(told).length ? { ...given, ...told } : (given as object);
    this.frame = new Frame().object(CLIENT_MEMBERS, "client", this.told);
    const { secret } = (auth ?? {}) as { secret?: unknown };
    this.secret = encode(typeof secret === "string" ? secret : "");
    this.signer = isKey ? auth.key : this.secret;
    this.signs = isKey || this.secret.length > 0;
  }
}
