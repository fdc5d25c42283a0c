/// <reference lib="esnext.disposable" preserve="true" />
import { Keeper, type KeeperConfig } from "./browser/keeper.js";
import type { Exclusive } from "./browser/lock.js";
import { part } from "./browser/part.js";
import { asProblem } from "./browser/problem.js";
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
export function serveAuth(config: WorkerConfig): void;
export function serveAuth(config = {} as WorkerConfig): void {
  /** Weak, because no event tells that a page is gone. The browser keeps the port of a page that is not. */
  let ports: WeakRef<Port>[] = [];
  let queue: Promise<unknown> = Promise.resolve();
  const exclusive: Exclusive = (work) => {
    const done = queue.then(() => work(false));
    queue = done.catch(() => {});
    return done;
  };
  const tell = (said: Said) => {
    ports = ports.filter((one) => {
      const port = one.deref();
      port?.postMessage(said);
      return port;
    });
  };
  const keeper = new Keeper(config, {
    fetch: undefined,
    provider: async (keeper, tools) => new (await import("./browser/provider.js")).Provider(keeper, tools),
    now: () => Date.now() / 1000,
    siblings: async () => ({ exclusive, catchUp: async () => {} }),
    possession: part(() => import("./browser/dpop_key.js")),
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

  function serve(port: Port): void {
    ports.push(new WeakRef(port));
    /** Requests under way. */
    const requests = new Map<number, AbortController>();
    /** The calls of a page. No answer contains a token. Only the address of a sign-out has the ID token. */
    const calls: Record<string, (given: Given, id: number) => unknown> = {
      view,
      begin: async ([params]) => (await keeper.provider()).begin(params),
      prepare: async () => (await keeper.provider()).prepare(),
      finish: async ([address, transaction, by]) => {
        const { tokens, ...login } = await (await keeper.provider()).finish(address, transaction, by);
        return login;
      },
      judge: async ([address, transaction]) => (await keeper.provider()).judge(address, transaction),
      renewDue: () => keeper.renewDue(),
      profile: async ([sub]) => (await keeper.provider()).profile(sub),
      signOut: ([options]) => keeper.signOut(options),
      // A page that stood still may end the session that it knows, and no later one.
      forget: ([by, known]) => known === keeper.session?.id && keeper.forget(by),
      async fetch([url, init, sub], id) {
        const stopper = new AbortController();
        requests.set(id, stopper);
        const { signal } = stopper;
        const { status, statusText, headers, body } = await keeper.fetch(
          url,
          { ...(init as RequestInit), signal },
          sub,
        );
        return { url, status, init: { statusText, headers: [...headers] }, body } satisfies Parts;
      },
      /** Its answer ends the page's call, which has the same number. */
      abort: (_, id) => requests.get(id)?.abort(),
    };
    port.onmessage = async ({ data }) => {
      if (!data?.v) return;
      const { v, id, call, given } = data;
      if (v !== VERSION || !Object.hasOwn(calls, call)) return port.postMessage({ v: VERSION, id, isUnknown: true });
      try {
        const value = (await calls[call]?.(given as unknown as Given, id)) as Parts | undefined;
        try {
          const stream = value?.body instanceof ReadableStream ? [value.body] : [];
          port.postMessage({ v: VERSION, id, value }, stream);
        } catch {
          // Some browsers cannot transfer streams.
          const body = await new Response(value?.body ?? null).arrayBuffer();
          port.postMessage({ v: VERSION, id, value: { ...value, body } });
        }
      } catch (error) {
        port.postMessage({ v: VERSION, id, told: told(error) });
      } finally {
        if (call === "fetch") requests.delete(id);
      }
    };
  }

  const scope = globalThis as unknown as Port & { onconnect?: (event: MessageEvent) => void };
  if ("onconnect" in scope) scope.onconnect = ({ ports: [port] }) => port && serve(port as Port);
  else serve(scope);
}

/** An error as a message. */
function told(error: unknown): Told {
  const reason = asProblem(error);
  return { ...reason, message: reason.message };
}
