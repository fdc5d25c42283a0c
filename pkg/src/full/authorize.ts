import { nextFlag, nextString } from "../engine/engine.js";
import { Frame } from "../engine/frame.js";
import * as Engine from "../generated/calls.js";
import { type Network, network } from "../host/http.js";
import { authorizationRequest, type Machine, request } from "../machine.js";
import type { AuthorizationParams, AuthorizationRequest, CallOptions, HttpRequest } from "../types.js";
import { signed } from "./request_object.js";

/**
 * An authorization request. It names the key of the code (RFC 9449 §10). It is signed if the client signs requests (RFC 9101), and
 * pushed if required (RFC 9126).
 */
export async function authorize(
  machine: Machine,
  params: AuthorizationParams = {},
  options?: CallOptions,
): Promise<AuthorizationRequest> {
  const net = network(options);
  const frame = new Frame().object(Engine.AUTHORIZATION_MEMBERS, "params", params);
  const isPushed = machine.ask(Engine.PUSHES, new Frame(), nextFlag);
  frame.optionalString(
    "dpopJkt",
    params.dpopJkt === false ? undefined : await machine.full?.possession?.thumbprint(machine),
  );
  if (machine.full?.requestObject) return signed(machine, frame, isPushed, net);
  if (!isPushed) return machine.ask(Engine.AUTHORIZATION_REQUEST, frame, authorizationRequest);

  let kept = { state: "", transaction: "" };
  const make = async () => {
    const { made, ...others } = await machine.proven(Engine.PUSHED_REQUEST, new Frame(frame), read);
    kept = others;
    return made;
  };
  return { url: await push(machine, make, net), ...kept };
}

export async function push(machine: Machine, make: () => Promise<HttpRequest>, net: Network): Promise<string> {
  const reply = await machine.send(make, net);
  return machine.judge(Engine.PUSHED_RESPONSE, reply, new Frame(), nextString);
}

const read = () => ({
  made: request(),
  state: nextString(),
  transaction: nextString(),
});
