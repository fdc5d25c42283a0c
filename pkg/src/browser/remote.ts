// The page's side of a worker that holds the tokens: like a keeper, without tokens. Loaded only with a worker.
import type { OidcError } from "oidc-wasm/login";
import type { AuthorizationParams, AuthorizationRequest, Login } from "../types.js";
import type { Place, TokenKeeper } from "./keeper.js";
import type { PageTools } from "./page_tools.js";
import type { Provider } from "./provider.js";
import type { Session, VERSION } from "./session.js";
import type { AuthEvent, SignOutOptions } from "./types.js";

/** An error in the form of a message. */
export type Told = { code: string; spec: string; message: string; [more: string]: unknown };

/** A session without its tokens, and the time of its renewal. */
export interface View {
  session: Session | undefined;
  expiresAt: number | undefined;
  due: number | undefined;
}

export interface Asked {
  v: typeof VERSION;
  id: number;
  call: string;
  given: unknown[];
}

/** The result of a call, or an event. */
export type Said =
  | { v: typeof VERSION; id: number; value?: unknown; told?: Told }
  | { v: typeof VERSION; event: AuthEvent; view: View }
  | { v: typeof VERSION; failed: Told }
  /** A call that a worker of another version does not have. Pages of each version understand this. */
  | { v: number; id: number; isUnknown: true };

/** A request or a response, in parts. */
export interface Parts {
  url: string;
  status: number;
  init: { method?: string; headers: [string, string][]; body?: ArrayBuffer; [more: string]: unknown };
  body: ArrayBuffer | ReadableStream | null;
}

/** The calls of this page. Two managers, one of them closed, may share a worker. */
let count = 0;

/**
 * While a call is open, the page asks the worker for a sign of life: the milliseconds between two questions, and how many stay without an
 * answer until the worker counts as ended. Questions are counted, because time passes in a page that stands still.
 */
const GLANCE = 5_000;
const PATIENCE = 6;
const TYPES = ["message", "messageerror"];

const OTHER =
  "session.version|oidc-wasm|The worker is of another version of this package. Close all tabs of the application, then open it again.";
const SEALED = "session.sealed|oidc-wasm|The worker keeps the tokens. Call fetch() of this session instead.";

export class RemoteKeeper implements TokenKeeper {
  session: Session | undefined;
  expiresAt: number | undefined;
  due: number | undefined;
  readonly first = undefined;
  readonly #tools: PageTools;
  readonly #place: Place;
  readonly #port: Worker | MessagePort;
  /** Aborted by close(). */
  readonly #signal: AbortSignal;
  readonly #calls = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  /** A worker of this version has answered once. */
  #isAlive = false;
  /** Set while the worker has ended, or its file did not load. */
  #lost: OidcError | undefined;
  /** Questions since the worker's last message. */
  #unanswered = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    worker: Worker | SharedWorker,
    place: Place,
    tools: PageTools,
    lost: Promise<Event>,
    signal: AbortSignal,
  ) {
    this.#tools = tools;
    this.#place = place;
    this.#port = "port" in worker ? worker.port : worker;
    this.#signal = signal;
    // A worker that answers is there, whatever its own code throws.
    lost.then((cause) => {
      if (!this.#isAlive) this.#lose(cause, true);
    });
    signal.addEventListener("abort", () => this.#rest());
  }

  readonly #hear = (event: Event): void => {
    if (event.type === "messageerror") {
      this.#lose(event, !this.#isAlive);
      return;
    }
    const { data } = event as MessageEvent<Said>;
    const isUnknown = (data as { isUnknown?: true } | undefined)?.isUnknown;
    if (!isUnknown && data?.v !== this.#tools.VERSION) return;
    this.#isAlive ||= !isUnknown;
    this.#lost = undefined;
    this.#unanswered = 0;
    if ("event" in data) {
      this.#see(data.view);
      this.#place.changed(data.event);
    } else if ("failed" in data) this.#place.failed(this.#asError(data.failed));
    else {
      const call = this.#calls.get(data.id);
      this.#calls.delete(data.id);
      if ("isUnknown" in data) call?.reject(this.#tools.problem(OTHER));
      else if (data.told) call?.reject(this.#asError(data.told));
      else call?.resolve(data.value);
      this.#rest();
    }
  };

  #asError(told: Told): OidcError {
    return Object.assign(this.#tools.problem(`||${told.message}`), told);
  }

  /** Ends all open calls. `isOver`: the next ones too, until the worker sends something. */
  #lose(cause: Event | DOMException, isOver: boolean): void {
    const reason = this.#tools.problem(this.#tools.PART, cause);
    if (isOver) this.#lost = reason;
    for (const { reject } of this.#calls.values()) reject(reason);
    this.#calls.clear();
    this.#rest();
  }

  /** Without an open call it stops listening after close(), and to a worker that has never answered: the next try has its own keeper. */
  #rest(): void {
    if (this.#calls.size) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isAlive && !this.#signal.aborted) return;
    for (const type of TYPES) this.#port.removeEventListener(type, this.#hear);
  }

  /** No event tells that a worker has ended. */
  #watch(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (++this.#unanswered < PATIENCE) {
        this.#say("view", [], count++);
        this.#watch();
      } else this.#lose(new DOMException("The worker sent no answer.", "TimeoutError"), true);
    }, GLANCE);
  }

  #see(view: View): void {
    Object.assign(this, view);
  }

  #say(call: string, given: unknown[], id: number): void {
    this.#port.postMessage({ v: this.#tools.VERSION, id, call, given } satisfies Asked);
  }

  #ask<T>(call: string, given: unknown[] = [], id = count++): Promise<T> {
    if (this.#lost) return Promise.reject(this.#lost);
    for (const type of TYPES) this.#port.addEventListener(type, this.#hear);
    if ("start" in this.#port) this.#port.start();
    return new Promise<unknown>((resolve, reject) => {
      // First, because it throws for what no message can contain. Then the call is not open.
      this.#say(call, given, id);
      this.#calls.set(id, { resolve, reject });
      this.#watch();
    }) as Promise<T>;
  }

  /** The person of a call. The worker may have another one already, or somebody while this page has nobody. */
  get sub(): string {
    return this.session?.claims.sub ?? "";
  }

  async provider(): Promise<this> {
    return this;
  }

  /** The worker may have finished this for another tab already. */
  async find(): Promise<string | null> {
    this.#see(await this.#ask<View>("view"));
    return this.session ? JSON.stringify(this.session) : null;
  }

  begin(params: AuthorizationParams = {}): Promise<AuthorizationRequest> {
    return this.#ask("begin", [params]);
  }

  prepare(): Promise<void> {
    return this.#ask("prepare");
  }

  async finish(...given: Parameters<Provider["finish"]>): Promise<Login> {
    const login = await this.#ask<Omit<Login, "tokens">>("finish", given);
    const sealed = () => {
      throw this.#tools.problem(SEALED);
    };
    return Object.defineProperty(login, "tokens", { get: sealed }) as Login;
  }

  judge(...given: Parameters<Provider["judge"]>): Promise<void> {
    return this.#ask("judge", given);
  }

  async token(): Promise<string> {
    throw this.#tools.problem(SEALED);
  }

  renewDue(): Promise<void> {
    return this.#ask("renewDue");
  }

  async wake(): Promise<void> {}

  async fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const request = new Request(input, init);
    // While the body arrives, another person may sign in.
    const { sub } = this;
    const { url, method, headers, signal, mode, credentials, cache, redirect, referrer, referrerPolicy, integrity } =
      request;
    const bytes = await request.arrayBuffer();
    signal.throwIfAborted();
    const body = bytes.byteLength ? { body: bytes } : {};
    const id = count++;
    const abort = () => this.#say("abort", [], id);
    signal.addEventListener("abort", abort, { once: true });
    try {
      const sent = {
        method,
        headers: [...headers],
        mode,
        credentials,
        cache,
        redirect,
        referrer,
        referrerPolicy,
        integrity,
        ...body,
      };
      const { status, init: answered, body: content } = await this.#ask<Parts>("fetch", [url, sent, sub], id);
      // An opaque response: of a redirect that the caller asked for, or of the mode "no-cors".
      if (!status) return Response.error();
      const isEmpty = [204, 205, 304].includes(status);
      // Also a response that is still arriving ends when the signal aborts.
      const stream =
        content instanceof ReadableStream ? content.pipeThrough(new TransformStream(), { signal }) : content;
      return new Response(isEmpty ? null : stream, { status, ...answered });
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  profile(): Promise<Record<string, unknown>> {
    return this.#ask("profile", [this.sub]);
  }

  signOut(options: SignOutOptions): Promise<string | undefined> {
    return this.#ask("signOut", [options]);
  }

  end(): OidcError {
    return this.#tools.problem(this.#tools.EXPIRED);
  }

  forget(by: "here" | "tab" | "provider"): void {
    this.#ask("forget", [by, this.session?.id]).catch(() => {});
  }
}
