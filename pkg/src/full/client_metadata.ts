import { call, NOBODY, nextString } from "../engine/engine.js";
import { Frame, parse } from "../engine/frame.js";
import { CLIENT_METADATA_DOCUMENT } from "../generated/calls.js";

/** The document for the URL that is a client's identifier. */
export function clientMetadataDocument(clientId: string, metadata: object): Record<string, unknown> {
  const frame = new Frame().string("clientId", clientId).json("metadata", metadata);
  return call(CLIENT_METADATA_DOCUMENT, NOBODY, frame, () => parse(nextString()));
}
