import { Frame, parse } from "../engine/frame.js";
import * as Engine from "../generated/calls.js";
import { network } from "../host/http.js";
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

const type = "urn:ietf:params:oauth:grant-type:device_code";

/** The codes of a device login (RFC 8628 §3.1). */
export async function deviceAuthorization(
  machine: Machine,
  params: DeviceParams = {},
  options?: CallOptions,
): Promise<DeviceAuthorization> {
  const net = network(options);
  const frame = new Frame().object(Engine.GRANT_MEMBERS, "params", { ...params, type });
  const reply = await machine.send(() => machine.proven(Engine.DEVICE_REQUEST, new Frame(frame)), net);
  machine.judge(Engine.DEVICE_RESPONSE, reply, new Frame(), () => {});
  return parse(reply.body);
}

/** Polls for the tokens of a device login (RFC 8628 §3.4). */
export async function deviceLogin(
  machine: Machine,
  device: DeviceAuthorization,
  options: DeviceLoginOptions | undefined,
): Promise<Login<"code", IdTokenClaims | undefined>> {
  const net = network(options, "resource", "parameters");
  const { resource, parameters } = options ?? {};
  const asked = new Frame().number(0).json("device", device);
  const grant = { type, resource, parameters: { ...parameters, device_code: device.device_code } };
  return polled(machine, asked, grant, net);
}
