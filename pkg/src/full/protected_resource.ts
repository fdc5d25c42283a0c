import * as Engine from "../generated/calls.js";
import type { CallOptions, ResourceMetadata } from "../types.js";
import type { Tools } from "./tools.js";

/** A resource's metadata (RFC 9728), found by its URL or by its response. */
export async function discoverResource(
  { answered, call, challengesOf, Frame, network, NOBODY, parse, request, send, start }: Tools,
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
