import type { FullConfiguration } from "../capabilities.js";
import { Frame } from "../engine/frame.js";
import * as Engine from "../generated/calls.js";
import type { ClientConfig } from "../types.js";
import { KeyPair } from "./key_pair.js";

/** Reads the options that only oidc-wasm/full has. Keys stay here. */
export function configured({ dpop, mtls, ...usual }: Partial<ClientConfig>): FullConfiguration {
  const possession = dpop === undefined ? undefined : new KeyPair(dpop);
  const members = { dpop: possession?.alg, mtls };
  const withFull = (frame: Frame) => frame.object(Engine.FULL_CLIENT_MEMBERS, "client", members);
  // Wrong options are reported before the others.
  withFull(new Frame());
  return { usual, possession, withFull };
}
