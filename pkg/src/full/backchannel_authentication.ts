import * as Engine from "../generated/calls.js";
import type { Machine } from "../machine.js";
import type {
  BackchannelAuthentication,
  BackchannelAuthenticationParams,
  CallOptions,
  DeviceLoginOptions,
  IdTokenClaims,
  Login,
} from "../types.js";
import { polled } from "./polling.js";
import type { Tools } from "./tools.js";

const type = "urn:openid:params:grant-type:ciba";

/** Asks the person on another device (CIBA Core 1.0 §7.1). The request is signed if the client signs requests (§7.1.1). */
export async function backchannelAuthentication(
  { BACKCHANNEL_MEMBERS, base64url, encode, Frame, hasMore, network, nextString, parse, sign }: Tools,
  machine: Machine,
  params: BackchannelAuthenticationParams,
  options: CallOptions | undefined,
): Promise<BackchannelAuthentication> {
  const net = network(options);
  const frame = new Frame().object(BACKCHANNEL_MEMBERS, "params", params);
  const wanted = machine.ask(Engine.BACKCHANNEL_OBJECT, new Frame(frame).timed(), () =>
    hasMore() ? { alg: nextString(), input: nextString() } : undefined,
  );
  const key = machine.full?.requestObject?.key as CryptoKey;
  const object = wanted && `${wanted.input}.${base64url(await sign(wanted.alg, key, encode(wanted.input)))}`;
  const make = () => machine.proven(Engine.BACKCHANNEL_REQUEST, new Frame(frame).optional("request", object));
  const reply = await machine.send(make, net);
  machine.judge(Engine.BACKCHANNEL_RESPONSE, reply, frame, () => {});
  return parse(reply.body);
}

/** Polls for the tokens (CIBA Core 1.0 §10.1). */
export async function backchannelLogin(
  tools: Tools,
  machine: Machine,
  request: BackchannelAuthentication,
  options: DeviceLoginOptions | undefined,
): Promise<Login> {
  const net = tools.network(options, "resource", "parameters");
  const { resource, parameters } = options ?? {};
  const named = new tools.Frame().json("request", request);
  const grant = { type, resource, parameters: { ...parameters, auth_req_id: request.auth_req_id } };
  const judge = (claims: IdTokenClaims) =>
    machine.ask(Engine.BACKCHANNEL_CLAIMS, new tools.Frame(named).json("claims", claims), () => {});
  const asked = new tools.Frame().number(1).json("request", request);
  return polled(tools, machine, asked, grant, net, judge) as Promise<Login>;
}
