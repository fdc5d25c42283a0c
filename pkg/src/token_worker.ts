/// <reference lib="esnext.disposable" preserve="true" />
import { storedKey } from "./browser/dpop_key.js";
import { OidcError } from "./browser/engine.js";
import { Keeper, type KeeperConfig } from "./browser/keeper.js";
import type { Asked, Parts, Said, Told, View } from "./browser/remote.js";
import { VERSION } from "./browser/session.js";
import type { AuthEvent } from "./browser/types.js";

/** The worker's rights. Only this configuration sets them, never a message from a page. */
export type WorkerConfig = KeeperConfig;

/** A page: the only one of a Worker, or one of several of a SharedWorker. */
interface Port {
  postMessage(message: Said, transfer?: Transferable[]): void;
  onmessage: ((event: MessageEvent<Asked>) => void) | null;
}

/** The arguments of a page's call. They are not trusted. */
type Given = readonly [never, never, never];

/**
 * Keeps a session's tokens in this worker's memory, so no page has them. The page passes the worker to `createAuth`.
 *
 * @example
 * ```ts
 * import { serveAuth } from "oidc-wasm/worker";
 * serveAuth({ issuer: "https://op.example", clientId: "app", redirectUri: "https://app.example/cb", apis: { "https://api.example.com": {} } });
 * ```
 */
export function serveAuth(config: WorkerConfig): void {
  const ports: Port[] = [];
  const requests = new Map<string, AbortController>();
  let queue: Promise<unknown> = Promise.resolve();
  const tell = (said: Said) => {
    for (const port of ports) port.postMessage(said);
  };
  const keeper = new Keeper(config, {
    fetch: undefined,
    now: () => Date.now() / 1000,
    exclusive(work) {
      const done = queue.then(() => work(false));
      queue = done.catch(() => {});
      return done;
    },
    async catchUp() {},
    possession: async () => ({ storedKey }),
    changed: (event: AuthEvent) => tell({ v: VERSION, event, view: view() }),
    failed: (reason) => tell({ v: VERSION, failed: told(reason) }),
  });

  function view(): View {
    const { session, expiresAt, due } = keeper;
    return {
      session: session && { ...session, idToken: undefined, refreshToken: undefined, held: {} },
      expiresAt,
      due,
    };
  }

  /** The calls of a page. No answer contains a token. */
  const calls: Record<string, (given: Given, id: string) => unknown> = {
    view,
    begin: ([params]) => keeper.begin(params),
    finish: async ([address, transaction, by]) => {
      const { tokens, ...login } = await keeper.finish(address, transaction, by);
      return JSON.parse(JSON.stringify(login));
    },
    judge: ([address, transaction]) => keeper.judge(address, transaction),
    renewDue: () => keeper.renewDue(),
    profile: () => keeper.profile(),
    signOut: ([options]) => keeper.signOut(options),
    forget: ([by]) => keeper.forget(by),
    fetch: ([url, init], id) => fetched(url, init, id),
    abort: (_, id) => requests.get(id)?.abort(),
  };

  async function fetched(url: string, init: RequestInit, id: string): Promise<Parts> {
    const stopper = new AbortController();
    requests.set(id, stopper);
    try {
      const { status, statusText, headers, body } = await keeper.fetch(url, { ...init, signal: stopper.signal });
      return { url, status, init: { statusText, headers: [...headers] }, body };
    } finally {
      requests.delete(id);
    }
  }

  async function answer(port: Port, { id, call, given }: Asked): Promise<void> {
    try {
      const value = (await calls[call]?.(given as unknown as Given, id)) as Parts | undefined;
      if (call === "abort") return;
      try {
        const stream = call === "fetch" && value?.body instanceof ReadableStream ? [value.body] : [];
        port.postMessage({ v: VERSION, id, value }, stream);
      } catch {
        // Some browsers cannot transfer streams.
        const body = await new Response(value?.body ?? null).arrayBuffer();
        port.postMessage({ v: VERSION, id, value: { ...value, body } });
      }
    } catch (error) {
      port.postMessage({ v: VERSION, id, told: told(error) });
    }
  }

  function serve(port: Port): void {
    ports.push(port);
    port.onmessage = ({ data }) => {
      if (data?.v === VERSION && Object.hasOwn(calls, data.call)) answer(port, data);
    };
  }

  const scope = globalThis as unknown as Port & { onconnect?: (event: MessageEvent) => void };
  if ("onconnect" in scope) scope.onconnect = ({ ports: [port] }) => port && serve(port as Port);
  else serve(scope);
}

/** An error as a message. An error of the network or runtime stays an error. */
function told(error: unknown): Told {
  if (error instanceof OidcError) {
    const { code, spec, message, error: refusal, error_description, status } = error;
    return {
      code,
      spec,
      message,
      ...(refusal !== undefined && { error: refusal }),
      ...(error_description !== undefined && { error_description }),
      ...(status !== undefined && { status }),
    };
  }
  return { code: "http.failed", spec: "oidc-wasm", message: `${error}` };
}
