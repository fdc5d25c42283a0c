import { nothing } from "../engine/engine.js";
import { Frame, parse, plain } from "../engine/frame.js";
import * as Engine from "../generated/calls.js";
import { network } from "../host/http.js";
import type { Machine } from "../machine.js";
import type { CallOptions, DeviceAuthorization, DeviceLoginOptions, DeviceParams } from "../types.js";
import { polled } from "./polling.js";

const type = "urn:ietf:params:oauth:grant-type:device_code";

/** The codes of a device login (RFC 8628 §3.1). */
export async function deviceAuthorization(
  machine: Machine,
  params: DeviceParams = {},
  options?: CallOptions,
): Promise<DeviceAuthorization> {
  const net = network(options);
  const frame = new Frame().object(Engine.GRANT_MEMBERS, "params", { ...plain("params", params), type });
  const reply = await machine.send(() => machine.proven(Engine.DEVICE_REQUEST, new Frame(frame)), net);
  machine.judge(Engine.DEVICE_RESPONSE, reply, new Frame(), nothing);
  return parse(reply.body);
}

/** Polls for the tokens of a device login (RFC 8628 §3.4). */
export const deviceLogin = (machine: Machine, device: DeviceAuthorization, options: DeviceLoginOptions | undefined) =>
  polled(machine, type, "device", device, "device_code", options);
