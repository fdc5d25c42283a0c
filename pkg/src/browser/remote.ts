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

/** Milliseconds after which a worker that has not answered never will. */
const PATIENCE = 30_000;

const OTHER =
  "session.version|oidc-wasm|The worker is of another version of this package. Close all tabs of the application, then open it again.";
const SEALED = "session.sealed|oidc-wasm|The worker keeps the tokens. Call fetch() of this session instead.";

export class RemoteKeeper implements TokenKeeper {
  session: Session | undefined;
  expiresAt: number | undefined;
  due: number | undefined;
  readonly first = undefined;
  readonly #tools: PageTools;
  readonly #port: Worker | MessagePort;
  readonly #calls = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();

  /** Set while the worker has not answered, and its file did not load. */
  #lost: OidcError | undefined;

  constructor(worker: Worker | SharedWorker, place: Place, tools: PageTools, lost: Promise<Event>) {
    const asError = ({ code, spec, message, ...more }: Told) =>
      Object.assign(tools.problem(`${code}|${spec}|${message}`), more);
    this.#tools = tools;
    const port: Worker | MessagePort = "port" in worker ? worker.port : worker;
    this.#port = port;
    let isAlive = false;
    const lose = (cause: Event) => {
      const reason = tools.problem(tools.PART, cause);
      if (!isAlive) this.#lost = reason;
      for (const { reject } of this.#calls.values()) reject(reason);
      this.#calls.clear();
    };
    // A worker that answers is there, whatever its own code throws.
    lost.then((cause) => isAlive || lose(cause));
    const hear = ({ data }: MessageEvent<Said>) => {
      const isUnknown = (data as { isUnknown?: true } | undefined)?.isUnknown;
      if (!isUnknown && data?.v !== tools.VERSION) return;
      isAlive = true;
      this.#lost = undefined;
      if ("event" in data) {
        this.#see(data.view);
        place.changed(data.event);
      } else if ("failed" in data) place.failed(asError(data.failed));
      else {
        const call = this.#calls.get(data.id);
        this.#calls.delete(data.id);
        if ("isUnknown" in data) call?.reject(tools.problem(OTHER));
        else if (data.told) call?.reject(asError(data.told));
        else call?.resolve(data.value);
      }
    };
    port.addEventListener("messageerror", lose as EventListener);
    port.addEventListener("message", hear as EventListener);
    if ("start" in port) port.start();
  }

  #see(view: View): void {
    Object.assign(this, view);
  }

  #say(call: string, given: unknown[], id: number): void {
    this.#port.postMessage({ v: this.#tools.VERSION, id, call, given } satisfies Asked);
  }

  #ask<T>(call: string, given: unknown[] = [], id = count++): Promise<T> {
    if (this.#lost) return Promise.reject(this.#lost);
    return new Promise<unknown>((resolve, reject) => {
      this.#calls.set(id, { resolve, reject });
      this.#say(call, given, id);
    }) as Promise<T>;
  }

  async provider(): Promise<this> {
    return this;
  }

  /** The worker may have finished this for another tab already. */
  async find(): Promise<string | null> {
    const late = new Promise<never>((_, reject) =>
      setTimeout(() => reject(this.#tools.problem(this.#tools.PART)), PATIENCE),
    );
    this.#see(await Promise.race([this.#ask<View>("view"), late]));
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
    const { url, method, headers, signal, credentials, cache, redirect } = request;
    const bytes = await request.arrayBuffer();
    const body = bytes.byteLength ? { body: bytes } : {};
    const id = count++;
    const abort = () => this.#say("abort", [], id);
    signal.addEventListener("abort", abort, { once: true });
    try {
      const sent = { method, headers: [...headers], credentials, cache, redirect, ...body };
      const { status, init: answered, body: content } = await this.#ask<Parts>("fetch", [url, sent], id);
      return new Response(content, { status, ...answered });
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  profile(): Promise<Record<string, unknown>> {
    return this.#ask("profile");
  }

  signOut(options: SignOutOptions): Promise<string | undefined> {
    return this.#ask("signOut", [options]);
  }

  end(): OidcError {
    return this.#tools.problem(this.#tools.EXPIRED);
  }

  forget(by: "here" | "tab" | "provider"): void {
    this.#ask("forget", [by]).catch(() => {});
  }
}
