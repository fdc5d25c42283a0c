import { call, NOBODY, nothing, start } from "../engine/engine.js";
import { Frame, parse } from "../engine/frame.js";
import * as Engine from "../generated/calls.js";
import { answered, network, send } from "../host/http.js";
import { request } from "../machine.js";
import type { CallOptions, ResourceMetadata } from "../types.js";
import { challengesOf } from "./step_up.js";

/** A resource's metadata (RFC 9728), found by its URL or by its response. */
export async function discoverResource(
  resource: string | URL | Response,
  options: CallOptions | undefined,
): Promise<ResourceMetadata> {
  const net = network(options);
  const challenges = challengesOf(resource);
  const { href, url = href ?? resource } = Object(resource);
  const frame = new Frame().string("resource", url).optionalString("resource", challenges);
  await start();
  const reply = await send(call(Engine.RESOURCE_REQUEST, NOBODY, new Frame(frame), request), net);
  call(Engine.RESOURCE_RESPONSE, NOBODY, answered(frame, reply), nothing, reply);
  return parse(reply.body);
}
