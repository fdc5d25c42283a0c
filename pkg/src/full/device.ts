import { ABSENT, Frame, parse } from "../engine/frame.js";
import { OidcError } from "../error.js";
import * as Engine from "../generated/calls.js";
import { network, until } from "../host/http.js";
import type { Exchanged, Machine } from "../machine.js";
import { finished } from "../relying_party.js";
import type {
  CallOptions,
  DeviceAuthorization,
  DeviceLoginOptions,
  DeviceParams,
  IdTokenClaims,
  Login,
} from "../types.js";

const type = "urn:ietf:params:oauth:grant-type:device_code";

/** The codes of a device login (RFC 8628 §3.1). */
export async function deviceAuthorization(
  machine: Machine,
  params: DeviceParams,
  options: CallOptions | undefined,
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
  const asked = new Frame().json("device", device);
  const grant = { type, resource, parameters: { ...parameters, device_code: device.device_code } };
  const began = Date.now();
  let since = began;
  let interval: number = ABSENT;
  let refusal: OidcError | undefined;
  let exchanged: Exchanged | undefined;
  while (!exchanged) {
    const elapsed = Math.max(0, Math.floor((Date.now() - began) / 1000));
    const frame = new Frame(asked).number(elapsed).number(interval);
    frame.optional("code", refusal?.code).optional("error", refusal?.error);
    const { status = 0, retryAfter } = refusal ?? {};
    frame.number(status).number(retryAfter === undefined ? ABSENT : Math.min(retryAfter, LONGEST));
    const next = machine.ask(Engine.DEVICE_WAIT, frame, (answer) =>
      answer.hasMore ? { interval: answer.number(), wait: answer.number(), needs: answer.number() } : undefined,
    );
    if (!next) throw refusal;
    ({ interval } = next);
    if (!refusal) await machine.ready(next.needs, net);
    await pause(next.wait, net.signal);
    since = Date.now();
    try {
      exchanged = await machine.exchange(grant, net);
    } catch (error) {
      if (!(error instanceof OidcError)) throw error;
      refusal = error;
    }
  }
  const { tokens } = exchanged;
  const expected = { channel: "token", accessToken: tokens.access_token };
  const login = tokens.id_token === undefined ? {} : await machine.login(tokens.id_token, expected, net, exchanged);
  return finished(tokens, login, since);
}

/** The longest timer in milliseconds. A longer one ends at once. */
const LONGEST = 2 ** 31 - 1;

async function pause(seconds: number, signal: AbortSignal | undefined): Promise<void> {
  const aborted = () => new OidcError("http.aborted", {}, { cause: signal?.reason });
  for (let left = seconds * 1000; left >= 0; left -= LONGEST) {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const over = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, Math.min(left, LONGEST));
    });
    await until(over, signal, aborted).finally(() => clearTimeout(timer));
  }
}
