import type { FullConfiguration } from "../capabilities.js";
import { Frame } from "../engine/frame.js";
import { wrongArgument } from "../error.js";
import * as Engine from "../generated/calls.js";
import { signingAlgorithm } from "../host/webcrypto.js";
import type { ClientConfig, RequestObjectConfig } from "../types.js";
import { decryptors } from "./decryption.js";
import { KeyPair } from "./key_pair.js";
import { FullMachine } from "./machine.js";

/** Reads the options that only oidc-wasm/full has. Keys stay here. */
export function configured(client: Partial<ClientConfig>): FullConfiguration {
  const {
    dpop,
    mtls,
    requestObject,
    authorizationSignedResponseAlg,
    profile,
    requireSHash,
    maxTokenAge,
    decryption: keys,
    idTokenEncryptedResponseAlg,
    userinfoEncryptedResponseAlg,
    authorizationEncryptedResponseAlg,
    ...usual
  } = client;
  const possession = dpop === undefined ? undefined : new KeyPair(dpop);
  const decryption = decryptors(keys);
  const members = {
    dpop: possession?.alg,
    mtls,
    requestObject: requestObject && signer(requestObject),
    authorizationSignedResponseAlg,
    profile,
    requireSHash,
    maxTokenAge,
    decryption: decryption.map(({ facts }) => facts),
    idTokenEncryptedResponseAlg,
    userinfoEncryptedResponseAlg,
    authorizationEncryptedResponseAlg,
  };
  const withFull = (frame: Frame) => frame.object(Engine.FULL_CLIENT_MEMBERS, "client", members);
  // Wrong options are reported before the others.
  withFull(new Frame());
  return { usual, possession, decryption, Machine: FullMachine, requestObject, withFull };
}

/** The engine's part of it. */
function signer({ key, alg, uri, ...others }: RequestObjectConfig): object {
  const own = signingAlgorithm(key);
  if (alg !== undefined && alg !== own) throw wrongArgument("alg", `${own}, the algorithm of the key`);
  if (uri !== undefined && typeof uri !== "function") throw wrongArgument("uri", "a function");
  return { ...others, alg: own };
}
