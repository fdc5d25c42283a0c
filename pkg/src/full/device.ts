import * as Engine from "../generated/calls.js";
import type { Machine } from "../machine.js";
import type {
  CallOptions,
  DeviceAuthorization,
  DeviceLoginOptions,
  DeviceParams,
  IdTokenClaims,
  Login,
} from "../types.js";
import { polled } from "./polling.js";
import type { Tools } from "./tools.js";

const type = "urn:ietf:params:oauth:grant-type:device_code";

/** The codes of a device login (RFC 8628 §3.1). */
export async function deviceAuthorization(
  { Frame, GRANT_MEMBERS, network, parse, plain }: Tools,
  machine: Machine,
  params: DeviceParams = {},
  options?: CallOptions,
): Promise<DeviceAuthorization> {
  const net = network(options);
  const frame = new Frame().object(GRANT_MEMBERS, "params", { ...plain("params", params), type });
  const reply = await machine.send(() => machine.proven(Engine.DEVICE_REQUEST, new Frame(frame)), net);
  machine.judge(Engine.DEVICE_RESPONSE, reply, new Frame(), () => {});
  return parse(reply.body);
}

/** Polls for the tokens of a device login (RFC 8628 §3.4). */
export async function deviceLogin(
  tools: Tools,
  machine: Machine,
  device: DeviceAuthorization,
  options: DeviceLoginOptions | undefined,
): Promise<Login<"code", IdTokenClaims | undefined>> {
  const net = tools.network(options, "resource", "parameters");
  const { resource, parameters } = options ?? {};
  const asked = new tools.Frame().number(0).json("device", device);
  const grant = { type, resource, parameters: { ...parameters, device_code: device.device_code } };
  return polled(tools, machine, asked, grant, net);
}
