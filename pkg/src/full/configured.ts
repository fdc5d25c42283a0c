import type { FullConfiguration } from "../capabilities.js";
import { Frame, plain } from "../engine/frame.js";
import * as Engine from "../generated/calls.js";
import type { ClientConfig } from "../types.js";
import { decryptors } from "./decryption.js";
import { KeyPair } from "./key_pair.js";
import { FullMachine } from "./machine.js";
import { signer } from "./request_object.js";

/** Their names. */
const OWN: readonly string[] = Engine.FULL_CLIENT_MEMBERS.match(/\w+/g) ?? [];

/** Reads the options that only oidc-wasm/full has. Keys stay here. */
export function configured(given: Partial<ClientConfig> | undefined): FullConfiguration {
  const client: Partial<ClientConfig> = plain("client", given);
  const { dpop, decryption: keys, requestObject } = client;
  const part = (isOwn: boolean) =>
    Object.fromEntries(Object.entries(client).filter(([name]) => OWN.includes(name) === isOwn));
  const possession = dpop === undefined ? undefined : new KeyPair(dpop);
  const decryption = decryptors(keys);
  const members = {
    ...part(true),
    dpop: possession?.alg,
    requestObject: requestObject && signer(requestObject),
    decryption: decryption.map(({ facts }) => facts),
  };
  const withFull = (frame: Frame) => frame.object(Engine.FULL_CLIENT_MEMBERS, "client", members);
  // Wrong options are reported before the others.
  withFull(new Frame());
  return { usual: part(false), possession, decryption, Machine: FullMachine, requestObject, withFull };
}
