// A provider of canned messages behind the `fetch` that is handed to the package.

/** @param {{ status?: number, headers?: HeadersInit, body?: unknown }} reply */
export function response({ status = 200, headers = { "content-type": "application/json" }, body = "" } = {}) {
  // Bytes, because Response adds a content type to a string.
  /** @type {any} */
  const bytes =
    body instanceof Uint8Array
      ? body
      : new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body));
  return new Response([101, 204, 205, 304].includes(status) ? null : bytes, { status, headers });
}

/** A fetch that answers with what `answer(url, init)` returns (a reply, a Response or a promise of one) and remembers what it was asked. */
export function fakeFetch(answer) {
  const fetch = async (input, init = {}) => {
    const request = {
      url: String(input?.url ?? input),
      init: { ...init },
      method: init.method ?? "GET",
      headers: new Headers(init.headers),
      body: init.body,
    };
    fetch.calls.push(request);
    const reply = await answer(request.url, request);
    return reply instanceof Response ? reply : response(reply);
  };
  fetch.calls = [];
  return fetch;
}

/** Never answers; ends when its signal says so, as a real fetch does. */
export function silence(init) {
  return new Promise((_, reject) => {
    const { signal } = init;
    const abort = () => reject(signal.reason ?? new DOMException("aborted", "AbortError"));
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort);
  });
}

/** Runs `body` in a world where a wait of a second or more takes a thousandth of it; returns the waits that were asked for. */
export async function withFastTimers(body) {
  const { setTimeout } = globalThis;
  const timeout = AbortSignal.timeout;
  const waits = [];
  const short = (ms) => {
    if (ms < 1000) return ms;
    waits.push(ms);
    return ms / 1000;
  };
  const faster = (callback, ms, ...rest) => setTimeout(callback, short(ms), ...rest);
  globalThis.setTimeout = /** @type {any} */ (faster);
  AbortSignal.timeout = (ms) => timeout.call(AbortSignal, short(ms));
  try {
    await body();
  } finally {
    globalThis.setTimeout = setTimeout;
    AbortSignal.timeout = timeout;
  }
  return waits;
}

/** Runs `body` as a Worker does, where a request owns its promises; `advance` moves the clock that is never set, by seconds. */
export async function asWorker(body) {
  const { performance } = globalThis;
  let ahead = 0;
  const clock = { now: () => performance.now() + ahead };
  const advance = (seconds) => {
    ahead += seconds * 1000;
  };
  await withGlobals({ performance: clock, WebSocketPair: class {} }, () => body({ advance }));
}

/** Runs `body` as anywhere but in a Worker. */
export const withoutWorker = (body) => withGlobals({ WebSocketPair: undefined }, body);

/** Runs `body` with these globals; `undefined` is none. */
export async function withGlobals(globals, body) {
  /** Where a name is: in some runtimes it is the global object's prototype's. */
  const holderOf = (name) => {
    let holder = globalThis;
    while (holder && !Object.hasOwn(holder, name)) holder = Object.getPrototypeOf(holder);
    return holder ?? globalThis;
  };
  const kept = Object.keys(globals).map((name) => {
    const holder = globals[name] ? globalThis : holderOf(name);
    return { name, holder, descriptor: Object.getOwnPropertyDescriptor(holder, name) };
  });
  for (const { name, holder } of kept) {
    delete holder[name];
    const value = globals[name];
    if (value) Object.defineProperty(holder, name, { value, configurable: true, writable: true });
  }
  try {
    return await body();
  } finally {
    for (const { name, holder, descriptor } of kept) {
      delete holder[name];
      if (descriptor) Object.defineProperty(holder, name, descriptor);
    }
  }
}
