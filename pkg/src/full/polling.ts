import { hasMore, nextNumber, nothing } from "../engine/engine.js";
import { ABSENT, Frame } from "../engine/frame.js";
import { OidcError } from "../error.js";
import * as Engine from "../generated/calls.js";
import { network, until } from "../host/http.js";
import type { Exchanged, Machine } from "../machine.js";
import { finished } from "../relying_party.js";
import type { DeviceLoginOptions, IdTokenClaims, Login } from "../types.js";

/**
 * Polls the token endpoint until the person has answered (RFC 8628 §3.4, CIBA Core 1.0 §10.1). `asked` is the provider's answer, under its
 * `name`, and `code` its member that the token request repeats. The caller may change its values meanwhile, so they are copied.
 */
export async function polled(
  machine: Machine,
  type: string,
  name: string,
  asked: object,
  code: string,
  options: DeviceLoginOptions | undefined,
): Promise<Login<"code", IdTokenClaims | undefined>> {
  const net = network(options, "resource", "parameters");
  const { resource, parameters } = options ?? {};
  const named = new Frame().json(name, asked);
  const isBackchannel = name === "request";
  const grant = {
    type,
    resource: Array.isArray(resource) ? [...resource] : resource,
    parameters: { ...parameters, [code]: (asked as Record<string, unknown>)[code] },
  };
  const began = Date.now();
  let since = began;
  let interval: number = ABSENT;
  let refusal: OidcError | undefined;
  let exchanged: Exchanged | undefined;
  while (!exchanged) {
    const elapsed = Math.max(0, Math.floor((Date.now() - began) / 1000));
    const frame = new Frame(named)
      .number(isBackchannel ? 1 : 0)
      .number(elapsed)
      .number(interval);
    frame.optionalString("code", refusal?.code).optionalString("error", refusal?.error);
    const { status = 0, retryAfter = ABSENT } = refusal ?? {};
    frame.number(status).number(Math.min(retryAfter, LONGEST));
    const next = machine.ask(Engine.POLL_WAIT, frame, () =>
      hasMore() ? { interval: nextNumber(), wait: nextNumber(), needs: nextNumber() } : undefined,
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
  if (tokens.id_token === undefined) return finished(tokens, {}, since);
  const expected = { channel: "token", accessToken: tokens.access_token };
  const login = await machine.login(tokens, expected, net, exchanged);
  if (isBackchannel) machine.ask(Engine.BACKCHANNEL_CLAIMS, named.json("claims", login.claims), nothing);
  return finished(tokens, login, since);
}

/** The longest timer in milliseconds. A longer one ends at once. */
const LONGEST = 2 ** 31 - 1;

async function pause(seconds: number, signal: AbortSignal | undefined): Promise<void> {
  for (let left = seconds * 1000; left >= 0; left -= LONGEST) {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const over = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, Math.min(left, LONGEST));
    });
    await until(over, signal).finally(() => clearTimeout(timer));
  }
}
