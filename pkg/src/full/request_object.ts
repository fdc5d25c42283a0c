import { nextString } from "../engine/engine.js";
import { ABSENT, Frame } from "../engine/frame.js";
import { wrongArgument } from "../error.js";
import * as Engine from "../generated/calls.js";
import type { Network } from "../host/http.js";
import { signingAlgorithm } from "../host/webcrypto.js";
import type { Machine } from "../machine.js";
import type { AuthorizationRequest, RequestObjectConfig } from "../types.js";
import { push } from "./authorize.js";
import { signedToken } from "./signed_token.js";

/** The engine's part of the option. */
export function signer({ key, alg, uri, ...others }: RequestObjectConfig): object {
  const own = signingAlgorithm(key);
  if (alg !== undefined && alg !== own) throw wrongArgument("alg", `${own}, the algorithm of the key`);
  if (uri !== undefined && typeof uri !== "function") throw wrongArgument("uri", "a function");
  return { ...others, alg: own };
}

/** A request object (RFC 9101): pushed, at an address of the caller, or in the address for the person. */
export async function signed(
  machine: Machine,
  frame: Frame,
  isPushed: boolean,
  net: Network,
): Promise<AuthorizationRequest> {
  const { key, uri } = machine.full?.requestObject ?? {};
  const asked = new Frame(frame).timed();
  const { alg, input, ...kept } = machine.ask(Engine.REQUEST_OBJECT, asked, () => ({
    alg: nextString(),
    input: nextString(),
    state: nextString(),
    transaction: nextString(),
  }));
  const object = await signedToken(alg, key as CryptoKey, input);
  if (isPushed) {
    const make = () => machine.proven(Engine.PUSHED_OBJECT, new Frame().string("request", object));
    return { url: await push(machine, make, net), ...kept };
  }
  frame.string("request", object);
  // A function without a result would send the request object itself.
  if (uri) frame.string("uri", await uri(object));
  else frame.number(ABSENT);
  return { url: machine.ask(Engine.SIGNED_REQUEST, frame, nextString), ...kept };
}
