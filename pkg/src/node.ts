import type { EdgeLogin, Guard, Guarded, Session } from "oidc-wasm/edge";

/** A request of Node, Express, Fastify (`request.raw`), Koa (`ctx.req`) or Nest. */
export type Incoming = { method?: string; url?: string; headers: Record<string, string | string[] | undefined> };
/** Its response. */
export type Outgoing = {
  statusCode: number;
  setHeader(name: string, value: string | string[]): unknown;
  end(body?: unknown): unknown;
};
export type Next = (error?: unknown) => void;

/** A login with any bindings. */
// biome-ignore lint/suspicious/noExplicitAny: bindings are those of Workers, and there are none here
export type AnyLogin = EdgeLogin<any>;

/** Members of streams. */
type Streamed = { socket?: { encrypted?: boolean }; originalUrl?: string; body?: unknown };
type Writable = Outgoing & {
  getHeader?(name: string): string | string[] | undefined;
  write?(chunk: unknown): boolean;
  once?(event: string, listener: () => void): unknown;
};

/**
 * Middleware for Express and compatible servers: a login, or a guard. `request.oidc` is the session, or the guard's result. `scope`
 * is for a guard, `optional` for a login.
 *
 * @example
 * ```ts
 * app.use(express(createLogin({ issuer, clientId, cookieSecret, redirectUri: "https://app.example/callback" })));
 * app.get("/", (request, response) => response.send(`Hello, ${request.oidc.claims.sub}`));
 * ```
 */
export function express(
  part: AnyLogin | Guard,
  options: { optional?: boolean; scope?: string | string[] } = {},
): (request: Incoming, response: Outgoing, next: Next) => void {
  return (incoming, outgoing, next) => {
    pass(part, options, incoming, outgoing).then((found) => {
      if (found === undefined) return;
      Object.assign(incoming, { oidc: found ?? undefined });
      next();
    }, next);
  };
}

/** The session or the guard's result, if the request continues. Undefined if it was answered. */
async function pass(
  part: AnyLogin | Guard,
  options: { optional?: boolean; scope?: string | string[] },
  incoming: Incoming,
  outgoing: Outgoing,
): Promise<Session | Guarded | null | undefined> {
  const request = toRequest(incoming);
  let found: Session | Guarded | Response | null | undefined;
  if (typeof part === "function") {
    found = part.metadata(request) ?? (await part(request, options));
    const { dpopNonce } = found as Guarded;
    if (dpopNonce) outgoing.setHeader("dpop-nonce", dpopNonce);
  } else {
    let session: Session | null | undefined;
    const protect = part.protect(
      (_request, one) => {
        session = one;
        return new Response();
      },
      options as { optional: boolean },
    );
    found = await protect(request);
    if (session !== undefined) {
      // The response carries the session's cookies.
      setHeaders(found, outgoing);
      found = renewing(part, session, outgoing);
    }
  }
  if (!(found instanceof Response)) return found;
  await send(found, outgoing);
  return undefined;
}

/** A token that is renewed later sets its cookies too, if nothing was sent yet. */
function renewing(part: AnyLogin, session: Session | null, outgoing: Outgoing): Session | null {
  const accessToken = session?.accessToken;
  if (accessToken)
    session.accessToken = async (options) => {
      const token = await accessToken(options);
      setHeaders(part.commit(session, new Response()), outgoing);
      return token;
    };
  return session;
}

/**
 * A request of Node as a `Request`. Its origin is the client's Host header, or with `trustProxy` what the last proxy saw. A parsed
 * body is written again.
 */
export function toRequest(incoming: Incoming, { trustProxy = false }: { trustProxy?: boolean } = {}): Request {
  const { method = "GET", headers: raw } = incoming;
  const { socket, originalUrl, body } = incoming as Streamed;
  const headers = new Headers();
  // HTTP/2 has its own header names.
  for (const [name, value] of Object.entries(raw))
    if (!name.startsWith(":")) for (const one of [value ?? []].flat()) headers.append(name, one);
  const last = (name: string) => (trustProxy ? headers.get(`x-forwarded-${name}`)?.split(",").at(-1)?.trim() : null);
  const scheme = last("proto") ?? (socket?.encrypted ? "https" : "http");
  const host = `${last("host") ?? headers.get("host") ?? raw[":authority"] ?? "localhost"}`;
  const address = `${scheme}://${/^[\w.:[\]-]+$/.test(host) ? host : "invalid"}`;
  // A path with two leading slashes would name another host.
  const url = new URL(address + (originalUrl ?? incoming.url ?? "/").replace(/^[^/]*/, ""));
  const sent = /^(GET|HEAD)$/.test(method) ? {} : { body: bodyOf(incoming, body, headers), duplex: "half" };
  return new Request(url, { method, headers, ...sent });
}

/** Reads nothing before it is needed: the next handler may want the body. */
function bodyOf(incoming: Incoming, parsed: unknown, headers: Headers): BodyInit | null {
  if (typeof parsed === "string" || ArrayBuffer.isView(parsed)) return parsed as BodyInit;
  const isForm = headers.get("content-type")?.includes("form-urlencoded");
  if (parsed && typeof parsed === "object")
    return isForm ? new URLSearchParams(parsed as Record<string, string>) : JSON.stringify(parsed);
  const chunks = incoming as Partial<AsyncIterable<Uint8Array>>;
  let reader: AsyncIterator<Uint8Array> | undefined;
  const source: UnderlyingDefaultSource<Uint8Array> = {
    async pull(controller) {
      reader ??= chunks[Symbol.asyncIterator]?.();
      const next = await reader?.next();
      if (next && !next.done) controller.enqueue(new Uint8Array(next.value));
      else controller.close();
    },
  };
  return new ReadableStream(source, { highWaterMark: 0 });
}

/** Sends a `Response`, streaming its body. */
export async function send(response: Response, outgoing: Outgoing): Promise<void> {
  outgoing.statusCode = response.status;
  setHeaders(response, outgoing);
  const { write, once } = outgoing as Writable;
  if (!write || !once) {
    outgoing.end(response.body ? new Uint8Array(await response.arrayBuffer()) : undefined);
    return;
  }
  const told = (event: string) => new Promise<void>((go) => once.call(outgoing, event, go));
  const closed = told("close");
  // The reader is slower than the writer, or has gone.
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>)
    if (!write.call(outgoing, chunk)) await Promise.race([told("drain"), closed]);
  outgoing.end();
}

function setHeaders(response: Response, outgoing: Outgoing): void {
  for (const [name, value] of response.headers) if (name !== "set-cookie") outgoing.setHeader(name, value);
  const cookies = response.headers.getSetCookie();
  // Added to other cookies. Of two with one name the later one counts.
  const before = [(outgoing as Writable).getHeader?.("set-cookie") ?? []].flat();
  const nameOf = (line: string) => line.split("=")[0];
  const names = cookies.map(nameOf);
  const others = before.filter((line) => !names.includes(nameOf(line)));
  if (cookies.length) outgoing.setHeader("set-cookie", [...others, ...cookies]);
}
