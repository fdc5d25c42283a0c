// Answers, and streaming of bodies. Loaded with the first one that is read or sent.
import type { Outgoing } from "../node.js";

/** Fields of a connection of HTTP/1.1, which a stream of HTTP/2 must not have (RFC 9113 §8.2.2). */
const OF_CONNECTION = /^((proxy-)?connection|keep-alive|transfer-encoding|upgrade)$/;

/** The parts of a request's body. Undefined for an object without a stream. */
type Chunks = AsyncIterator<Uint8Array> | undefined;

/** Reads the next part. */
export async function pull(chunks: Chunks, controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
  const chunk = (await chunks?.next())?.value;
  if (chunk) controller.enqueue(new Uint8Array(chunk));
  else controller.close();
}

/** Reads the rest and drops it. Otherwise the connection's next request would never be read (RFC 9112 §9.3). */
export async function skip(chunks: Chunks): Promise<void> {
  try {
    while ((await chunks?.next())?.done === false);
  } catch {
    // The client has disconnected.
  }
}

export async function send(response: Response, outgoing: Outgoing): Promise<void> {
  const { status, body } = response;
  outgoing.statusCode = status;
  setHeaders(response, outgoing);
  if (body) await stream(body, outgoing);
  else outgoing.end();
}

/** Adds its cookies to existing ones. Of two with the same name, domain and path, the later one wins (RFC 6265 §5.3). */
export function setHeaders({ headers }: Response, outgoing: Outgoing): void {
  const placeOf = (line: string) => `${line.match(/^[^=]*|; *(path|domain)=[^;]*/gi)}`;
  for (const [name, value] of headers) {
    const before = [outgoing.getHeader(name) ?? []].flat() as string[];
    const others = () => before.filter((line) => placeOf(line) !== placeOf(value));
    if (!(outgoing.stream && OF_CONNECTION.test(name)))
      outgoing.setHeader(name, name === "set-cookie" ? [...others(), value] : value);
  }
}

/** Sends a body. Cancels it if the client disconnects. Closes the connection if the body fails. */
async function stream(body: ReadableStream<Uint8Array>, outgoing: Outgoing): Promise<void> {
  const { req, stream: exchange } = outgoing;
  // RFC 9110 §9.3.2. On HTTP/2 a write would never settle.
  const isHead = req?.method === "HEAD";
  if (isHead) outgoing.end();
  // A closed connection has told its event already. On HTTP/2 its stream knows.
  if (isHead || outgoing.destroyed || exchange?.destroyed) return body.cancel();
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
    // RFC 9113 §8.1: without an error, the client would take the part for the whole body.
    outgoing.destroy(new Error("The body failed.", { cause: problem }));
    throw problem;
  }
}
