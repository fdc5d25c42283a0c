import { call, hasMore, NOBODY, start, told } from "../engine/engine.js";
import { Frame, parse } from "../engine/frame.js";
import * as Engine from "../generated/calls.js";
import { answered, network, send } from "../host/http.js";
import { request } from "../machine.js";
import type { CallOptions, ResourceMetadata, StepUp } from "../types.js";

/** A resource's metadata (RFC 9728), found by its URL or by its response. */
export async function discoverResource(
  resource: string | URL | Response,
  options: CallOptions | undefined,
): Promise<ResourceMetadata> {
  const net = network(options);
  const challenges = challengesOf(resource);
  const { href, url = href ?? resource } = Object(resource);
  const frame = new Frame().string("resource", url).optional("resource", challenges);
  await start();
  const reply = await send(call(Engine.RESOURCE_REQUEST, NOBODY, new Frame(frame), request), net);
  call(Engine.RESOURCE_RESPONSE, NOBODY, answered(frame, reply), () => {}, reply);
  return parse(reply.body);
}

/** The requirements of a challenge for the next authorization request (RFC 9470, RFC 6750 §3). */
export function stepUp(challenged: string | Response): StepUp | undefined {
  const frame = new Frame().string("challenged", challengesOf(challenged) ?? challenged);
  return call(Engine.STEP_UP, NOBODY, frame, () => {
    if (!hasMore()) return undefined;
    const { maxAge, ...demanded } = told(["scope", "acrValues", "maxAge"]);
    return { ...demanded, ...(maxAge !== undefined && { maxAge: Number(maxAge) }) };
  });
}

/** The challenges of a response; `undefined` for any other value. */
function challengesOf(given: unknown): string | undefined {
  const headers = (given as Response | undefined)?.headers;
  return typeof headers?.get === "function" ? (headers.get("www-authenticate") ?? "").slice(0, 16384) : undefined;
}
