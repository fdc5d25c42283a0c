import type { Answered } from "../engine/engine.js";
import { type Body, bodied, encode, type Frame, LIMIT, plain } from "../engine/frame.js";
import { aborted, again, causedBy, OidcError, wrongArgument } from "../error.js";
import type { CallOptions, HttpReply, HttpRequest } from "../types.js";
import { tellReply, tellRequest } from "./messages.js";

const PATIENCE = 30_000; // milliseconds, body included

/** The headers of a reply. */
export interface Names {
  get(name: string): string | null | undefined;
}

/** A reply in the engine's form. */
export interface Reply extends Answered {
  status: number;
  contentType?: string | undefined;
  cacheControl?: string | undefined;
  /** A reply that arrived just now. */
  headers?: Names | undefined;
  body: Body;
}

/** Adds a reply to a call's arguments. */
export function answered(frame: Frame, { status, contentType, cacheControl, body }: Reply): Frame {
  frame.number(status).optionalString("content-type", contentType).optionalString("cache-control", cacheControl);
  frame.body = body;
  return frame;
}

/** Options of the network for one call. */
export interface Network {
  fetch: typeof globalThis.fetch;
  signal: AbortSignal | undefined;
  onMessage: CallOptions["onMessage"];
}

const OPTIONS = ["fetch", "signal", "onMessage"];

const isFunction = (given: unknown) => typeof given === "function";

const isSignal = ({ aborted, addEventListener, removeEventListener }: AbortSignal) =>
  typeof aborted === "boolean" && isFunction(addEventListener) && isFunction(removeEventListener);

/** Checks a call's options before any request. `own` are options beyond those of the network. */
export function network(options: CallOptions = {}, ...own: string[]): Network {
  plain("options", options);
  const { fetch = globalThis.fetch, signal, onMessage } = options;
  if (!isFunction(fetch)) throw wrongArgument("fetch", "a function");
  if (onMessage !== undefined && !isFunction(onMessage)) throw wrongArgument("onMessage", "a function");
  if (signal && !isSignal(signal)) throw wrongArgument("signal", "an AbortSignal");
  for (const name of Object.keys(options))
    if (!OPTIONS.includes(name) && !own.includes(name)) throw wrongArgument(name);
  return { fetch, signal, onMessage };
}

/** Settles with the promise, or at once when the signal aborts: a custom fetch may ignore `signal`. */
export async function until<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  let abort = () => {};
  const stopped = new Promise<never>((_, reject) => {
    abort = () => reject(aborted(signal));
  });
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  try {
    return await Promise.race([stopped, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** Ends one exchange. Its signal exists once a fetch asks for it: many hosts need longer for a signal than the engine for a reply. */
class Stopper {
  #error: OidcError | undefined;
  #controller: AbortController | undefined;

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#error) this.#controller.abort(this.#error);
    return this.#controller.signal;
  }

  stop(error: OidcError): void {
    this.#error = error;
    this.#controller?.abort(error);
  }

  throwIfStopped(): void {
    if (this.#error) throw this.#error;
  }
}

/** Sends the engine's request. Rejects only for network failures, and at once: a custom fetch may ignore the signal. */
export function send(request: HttpRequest, net: Network): Promise<Reply> {
  const { fetch, signal, onMessage } = net;
  // One promise instead of async functions: each of them would cost as much time as the timer.
  return new Promise((resolve, reject) => {
    const endpoint = () => request.url.split("?", 1)[0] ?? "";
    const stopper = new Stopper();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    const end = () => {
      isOver = true;
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    };
    const take = (reply: Reply) => {
      if (isOver) return;
      end();
      reply.endpoint = endpoint();
      if (onMessage) tellReply(net, request, reply);
      resolve(reply);
    };
    const fail = (cause: unknown) => {
      if (isOver) return;
      const error = cause instanceof OidcError ? cause : causedBy("http.failed", cause);
      reject(again(error, { endpoint: endpoint() }));
      end();
      stopper.stop(error);
    };
    const abort = () => fail(aborted(signal));
    if (signal?.aborted) return abort();
    if (onMessage) tellRequest(net, request, endpoint());
    try {
      // Starts first, so that the rest runs during the request.
      Promise.resolve(asked(fetch, request, stopper)).then(
        (response) => answer(response, stopper).then(take, fail),
        fail,
      );
    } catch (cause) {
      return fail(cause);
    }
    timer = setTimeout(() => fail(new OidcError("http.timeout")), PATIENCE);
    signal?.addEventListener("abort", abort);
    // A custom fetch may abort by itself.
    if (signal?.aborted) abort();
  });
}

/** The stopper of an `init`. A symbol, so that a copy of `init` has it too. */
const STOPPER = Symbol();

type Init = RequestInit & { [STOPPER]?: Stopper };

/** The signal of every `init`. One pair of functions for all takes less time than new ones. */
const SIGNAL: PropertyDescriptor & ThisType<Init> = {
  get() {
    return this[STOPPER]?.signal;
  },
  // A custom fetch may use another one.
  set(value) {
    Object.defineProperty(this, "signal", { value, writable: true });
  },
  enumerable: true,
  configurable: true,
};

/** The call of `fetch`. */
function asked(
  fetch: typeof globalThis.fetch,
  { url, method, headers, body }: HttpRequest,
  stopper: Stopper,
): Promise<Response> {
  // workerd rejects options that it lacks. It has no cookies and no cache.
  const known = Request.prototype;
  const credentials = "credentials" in known ? "omit" : undefined;
  const cache = "cache" in known ? "no-store" : undefined;
  // One literal: an object that grows takes longer.
  const init = { method, headers, redirect: "manual", body, credentials, cache, [STOPPER]: stopper } as Init;
  Object.defineProperty(init, "signal", SIGNAL);
  // Called without an object: as a method of any other object, fetch is an "Illegal invocation".
  return fetch(url, init);
}

async function answer(response: Response, stopper: Stopper): Promise<Reply> {
  const { status, headers } = response;
  const read = await whole(response, stopper);
  try {
    return head(status, headers, read);
  } catch (cause) {
    // A custom fetch may return an impossible response. That is no argument error of this call.
    throw causedBy("http.failed", cause);
  }
}

/** Bytes of one step in workerd. Most replies are shorter, and end with their first step. */
const STEP = 16384;

type Step = Promise<ReadableStreamReadResult<Uint8Array<ArrayBuffer>>>;

interface Reader {
  read(): Step;
  /** workerd's own method. Fewer bytes than asked for are the last ones. */
  readAtLeast?(least: number, into: Uint8Array): Step;
}

/** The reader with the fewest steps. In workerd a step takes longer than all checks of a reply. */
function readerOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Reader {
  const bytes = globalThis.ReadableStreamBYOBReader?.prototype;
  try {
    if (bytes && "readAtLeast" in bytes) return stream.getReader({ mode: "byob" }) as unknown as Reader;
  } catch {
    // A stream of a program need not be one of bytes.
  }
  return stream.getReader();
}

async function whole(response: Response, stopper: Stopper): Promise<Uint8Array<ArrayBuffer>> {
  const stream: ReadableStream<Uint8Array<ArrayBuffer>> | null = response.body;
  if (!stream?.getReader) return unstreamed(response);
  const reader = readerOf(stream);
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await (reader.readAtLeast?.(STEP, new Uint8Array(STEP)) ?? reader.read());
    if (done) break;
    stopper.throwIfStopped();
    // An endless series of empty pieces would block every timer, also the time limit's.
    if (value.length === 0) await new Promise((next) => setTimeout(next));
    size += value.length;
    if (size > LIMIT) throw new OidcError("http.too_large");
    parts.push(value);
    if (reader.readAtLeast && value.length < STEP) {
      // Nobody else has the memory of a step.
      if (size === value.length) return value;
      break;
    }
  }
  const body = new Uint8Array(size);
  for (const part of parts.reverse()) {
    size -= part.length;
    body.set(part, size);
  }
  return body;
}

/** A body without a stream, as in React Native and polyfills. Its size is only known at the end. */
async function unstreamed(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  // React Native's arrayBuffer() may fail after it has read the body.
  const spare = response.body ? response : (response.clone?.() ?? response);
  let body: Uint8Array<ArrayBuffer>;
  try {
    body = new Uint8Array(await response.arrayBuffer());
  } catch {
    body = encode(await spare.text());
  }
  if (body.length > LIMIT) throw new OidcError("http.too_large");
  return body;
}

/** A reply of any fetch. */
export function received(reply: HttpReply): Reply {
  if (typeof reply !== "object" || !reply) throw wrongArgument("reply", "{ status, headers, body }");
  const { status, headers, body } = reply;
  const read = head(status, headers, "");
  read.body = bodied(body);
  return read;
}

/** A reply in the engine's form. */
function head(status: number, headers: HttpReply["headers"], body: Body): Reply {
  // Browsers show status 0 for a redirect.
  if (status !== 0 && !(Number.isInteger(status) && status >= 100 && status <= 599))
    throw wrongArgument("status", "an HTTP status code");
  // The headers that the engine reads, within the usual limits of servers.
  try {
    const all = headers instanceof Headers ? headers : headers && (simple(headers) ?? new Headers(headers));
    if (all) {
      const read = (name: string) => all.get(name)?.slice(0, 16384);
      const challenges = read("www-authenticate");
      // An object of a custom fetch may contain an invalid header value.
      if (challenges !== undefined) new Headers([["www-authenticate", challenges]]);
      return {
        status,
        contentType: read("content-type"),
        cacheControl: read("cache-control"),
        challenges,
        retryAfter: read("retry-after"),
        headers: all,
        body,
      };
    }
  } catch {}
  throw wrongArgument("headers", "Headers, or an object of names and values");
}

const NAME = /^[\w!#$%&'*+.^`|~-]+$/;
const VALUE = /^[!-~]([ -~]*[!-~])?$/;

/** The headers of a simple object. Creating the host's `Headers` takes longer than checking the reply. */
function simple(headers: Record<string, string>): Names | undefined {
  if (Symbol.iterator in headers) return undefined;
  const all = new Map<string, string>();
  const names = Object.keys(headers);
  for (const name of names) {
    const value = headers[name];
    if (typeof value !== "string" || !NAME.test(name) || !VALUE.test(value)) return undefined;
    all.set(name.toLowerCase(), value);
  }
  // Two names that differ only in case belong to one header, so `Headers` must join them.
  return all.size === names.length ? all : undefined;
}
