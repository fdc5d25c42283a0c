import { hasMore, nextText, start } from "../engine/engine.js";
import { Frame } from "../engine/frame.js";
import * as Engine from "../generated/calls.js";
import type { Network } from "../host/http.js";
import type { Machine } from "../machine.js";
import type { Claims } from "../types.js";

/**
 * Verifies the signed authorization response in a redirect (JARM §2.4). Gives the arguments of `EXCHANGE_SIGNED`; nothing if the request
 * asked for a plain response. `frame` has the redirect and its transaction.
 */
export async function signedResponse(
  machine: Machine,
  frame: Frame,
  transaction: string | null | undefined,
  along: object,
  net: Network,
): Promise<Frame | undefined> {
  // The application may have loaded this build while the default one runs.
  await start();
  const token = machine.ask(Engine.SIGNED_RESPONSE, new Frame(frame), () => (hasMore() ? nextText() : undefined));
  if (token === undefined) return undefined;
  const kept = transaction ?? "";
  const claims = await machine.verified<Claims>(Engine.AUTHORIZATION_RESPONSE_KIND, "response", token, {}, net, kept);
  const verified = new Frame().json("response", claims).string("transaction", kept);
  return verified.object(Engine.EXCHANGE_MEMBERS, "options", along);
}
