// Streaming of bodies. Loaded with the first response that has one.
import type { Outgoing } from "../node.js";

/** Sends a body. Cancels it if the client disconnects. Closes the connection if the body fails. */
export async function stream(body: ReadableStream<Uint8Array>, outgoing: Outgoing): Promise<void> {
  // It has told the event already.
  if (outgoing.destroyed) return body.cancel();
  const reader = body.getReader();
  const told = (event: string) => new Promise<void>((go) => outgoing.once(event, go));
  const closed = told("close").then(() => {
    // A body that fails too has nobody to tell.
    reader.cancel().catch(() => {});
  });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      // The client reads more slowly.
      if (!outgoing.write(value)) await Promise.race([told("drain"), closed]);
    }
    outgoing.end();
  } catch (problem) {
    outgoing.destroy();
    throw problem;
  }
}
