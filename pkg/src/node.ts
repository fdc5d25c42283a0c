import type { EdgeLogin, Guard, Session } from "oidc-wasm/edge";

/** A request of Node, Express, Fastify (`request.raw`), Koa (`ctx.req`) or Nest. */
export type Incoming = {
  method?: string | undefined;
  url?: string | undefined;
  headers: Record<string, string | string[] | undefined>;
};
/** Its response. */
export type Outgoing = {
  statusCode: number;
  destroyed: boolean;
  req?: { method?: string | undefined };
  /** On HTTP/2. */
  stream?: { destroyed: boolean };
  headersSent?: boolean;
  getHeader(name: string): unknown;
  setHeader(name: string, value: string | string[]): unknown;
  write(chunk: Uint8Array): boolean;
  once(event: string, listener: () => void): unknown;
  end(): unknown;
  destroy(error?: Error): unknown;
};
export type Next = (error?: unknown) => void;

/** A login with any bindings. */
// biome-ignore lint/suspicious/noExplicitAny: only Workers have bindings
export type AnyLogin = EdgeLogin<any>;

/** Members of streams. */
type Streamed = { socket?: { encrypted?: boolean }; originalUrl?: string; body?: unknown; oidc?: unknown };

/** A request of a server. */
// biome-ignore lint/suspicious/noExplicitAny: a connection with or without TLS
type Connected = Incoming & { socket: any };

/** A converted request, with its session: null for an anonymous person. */
type Asked = Request & { incoming?: Connected; oidc?: Session | null };

/**
 * Middleware for Express and compatible servers: a login, or a guard. `request.oidc` is the session, or the guard's result. `scope`
 * is for a guard, `optional` for a login. A login refuses any other option.
 *
 * @example
 * ```ts
 * app.use(express(createLogin({ issuer, clientId, cookieSecret, redirectUri: "https://app.example/callback" })));
 * app.get("/", (request, response) => response.send(`Hello, ${request.oidc.claims.sub}`));
 * ```
 */
export function express(
  part: AnyLogin | Guard,
  options?: { optional?: boolean; scope?: string | string[] },
): (request: Incoming, response: Outgoing, next: Next) => void {
  // Before any request, because a login refuses options that it lacks.
  const protect = (part as Partial<AnyLogin> | undefined)?.protect?.(
    (request: Asked, session: Session | null) => {
      request.oidc = session;
      return new Response();
    },
    options as { optional: boolean },
  );
  return async (incoming, outgoing, next) => {
    try {
      const request: Asked = toRequest(incoming);
      if (protect) {
        const answer = await protect(request);
        // Only the handler sets it.
        const { oidc: session } = request;
        if (session === undefined) return await send(answer, outgoing);
        const { setHeaders } = await sending();
        setHeaders(answer, outgoing);
        const accessToken = session?.accessToken;
        // A later renewal adds its cookies too, until the headers are sent.
        if (accessToken)
          session.accessToken = async (options) => {
            const token = await accessToken(options);
            if (!outgoing.headersSent) setHeaders((part as AnyLogin).commit(session, new Response()), outgoing);
            return token;
          };
        (incoming as Streamed).oidc = session;
      } else {
        const guard = part as Guard;
        if (!guard?.metadata) (await import("./node/part.js")).refuse();
        const seen = guard.metadata(request) ?? (await guard(request, options));
        if (!("claims" in seen)) return await send(seen, outgoing);
        (incoming as Streamed).oidc = seen;
        if (seen.dpopNonce) outgoing.setHeader("dpop-nonce", seen.dpopNonce);
      }
    } catch (problem) {
      return next(problem);
    }
    next();
  };
}

/**
 * A Node request as a `Request`. Its origin is the host that the client names, or with `trustProxy` the last proxy's value. A
 * parsed body is written again. Throws an error with `status: 400` for a Host header or a method that no `Request` can have.
 */
export function toRequest(incoming: Incoming, options?: { trustProxy?: boolean }): Request {
  const { method = "GET", url = "/", originalUrl = url, headers: raw, socket, body } = incoming as Incoming & Streamed;
  const headers = new Headers();
  try {
    // HTTP/2 has its own header names.
    for (const [name, value] of Object.entries(raw))
      if (!name.startsWith(":")) for (const one of [value ?? []].flat()) headers.append(name, one);
    const last = (name: string) => options?.trustProxy && headers.get(`x-forwarded-${name}`)?.split(/, */).at(-1);
    const scheme = last("proto") || (socket?.encrypted ? "https" : "http");
    // RFC 9112 §3.2.2: the host of a whole URL has priority over a Host header. So has `:authority` (RFC 9113 §8.3.1).
    const [before, named = raw[":authority"] || headers.get("host") || "localhost"] =
      /^(?:\w+:\/\/([^/?]*)|[^/?]*)/.exec(originalUrl) as RegExpExecArray;
    const host = (last("host") || named) as string;
    // Without its leading slash, the target could change the host. No other character may end the host.
    const address = /^[\w.:[\]-]+$/.test(host) && `${scheme}://${host}${originalUrl.slice(before.length)}`;
    const sent = !/^(GET|HEAD)$/.test(method) && { body: bodyOf(incoming, body, headers), duplex: "half" };
    return Object.assign(new Request(`${address}`, { method, headers, ...sent }), { incoming });
  } catch (problem) {
    // Express, Fastify and Koa answer with an error's status.
    throw Object.assign(problem as Error, { status: 400 });
  }
}

/**
 * Node's own request, which {@link toRequest} or {@link express} has converted. A guard's or a login's functions find the
 * connection there. Undefined for another `Request`.
 *
 * @example
 * ```ts
 * const certificate = (request: Request) => incomingOf(request)?.socket.getPeerCertificate().raw;
 * ```
 */
export const incomingOf = (request: Request): Connected | undefined => (request as Asked).incoming;

/** Reads nothing before it is needed, because the next handler may read the body. */
function bodyOf(incoming: Incoming, parsed: unknown, headers: Headers): BodyInit | null {
  if (typeof parsed === "string" || ArrayBuffer.isView(parsed)) return parsed as BodyInit;
  if (parsed && typeof parsed === "object")
    return headers.get("content-type")?.includes("urlencoded")
      ? new URLSearchParams(parsed as Record<string, string>)
      : JSON.stringify(parsed);
  const chunks = (incoming as Partial<AsyncIterable<Uint8Array>>)[Symbol.asyncIterator]?.();
  const source: UnderlyingDefaultSource<Uint8Array> = {
    pull: async (controller) => (await sending()).pull(chunks, controller),
    // The answer does not wait for the rest.
    cancel: async () => void (await sending()).skip(chunks),
  };
  return new ReadableStream(source, { highWaterMark: 0 });
}

const sending = () => import("./node/stream.js");

/** Sends a `Response`, streaming its body. If the client disconnects, the body is cancelled. If the body fails, the connection closes. */
export async function send(response: Response, outgoing: Outgoing): Promise<void> {
  await (await sending()).send(response, outgoing);
}
