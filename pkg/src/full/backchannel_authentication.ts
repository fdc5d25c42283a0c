import { hasMore, nextString, nothing } from "../engine/engine.js";
import { Frame, parse } from "../engine/frame.js";
import * as Engine from "../generated/calls.js";
import { network } from "../host/http.js";
import type { Machine } from "../machine.js";
import type {
  BackchannelAuthentication,
  BackchannelAuthenticationParams,
  CallOptions,
  DeviceLoginOptions,
  Login,
} from "../types.js";
import { polled } from "./polling.js";
import { signedToken } from "./signed_token.js";

const type = "urn:openid:params:grant-type:ciba";

/** Asks the person on another device (CIBA Core 1.0 §7.1). The request is signed if the client signs requests (§7.1.1). */
export async function backchannelAuthentication(
  machine: Machine,
  params: BackchannelAuthenticationParams,
  options: CallOptions | undefined,
): Promise<BackchannelAuthentication> {
  const net = network(options);
  const frame = new Frame().object(Engine.BACKCHANNEL_MEMBERS, "params", params);
  const wanted = machine.ask(Engine.BACKCHANNEL_OBJECT, new Frame(frame).timed(), () =>
    hasMore() ? { alg: nextString(), input: nextString() } : undefined,
  );
  const key = machine.full?.requestObject?.key as CryptoKey;
  const object = wanted && (await signedToken(wanted.alg, key, wanted.input));
  const make = () => machine.proven(Engine.BACKCHANNEL_REQUEST, new Frame(frame).optionalString("request", object));
  const reply = await machine.send(make, net);
  machine.judge(Engine.BACKCHANNEL_RESPONSE, reply, frame, nothing);
  return parse(reply.body);
}

/** Polls for the tokens (CIBA Core 1.0 §10.1). */
export const backchannelLogin = (
  machine: Machine,
  request: BackchannelAuthentication,
  options: DeviceLoginOptions | undefined,
) => polled(machine, type, "request", request, "auth_req_id", options) as Promise<Login>;
