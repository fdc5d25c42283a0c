// A provider of canned messages behind the package's option `fetch`.

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

/** A fetch that records its requests. `answer(url, init)` returns a reply, a Response or a promise of one. */
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

/** Never responds. It ends with its signal, like a real fetch. */
export function silence(init) {
  return new Promise((_, reject) => {
    const { signal } = init;
    const abort = () => reject(signal.reason ?? new DOMException("aborted", "AbortError"));
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort);
  });
}

/**
 * Runs `body`, which can ask how often WebCrypto's method was called, and wait until so many calls are done.
 * @param {"verify" | "deriveKey"} method @param {(count: () => number, done: (times: number) => Promise<void>) => Promise<void>} body
 */
export async function counting(method, body) {
  /** @type {any} */
  const subtle = crypto.subtle;
  const own = subtle[method];
  const calls = [];
  subtle[method] = (...given) => {
    const call = own.apply(subtle, given);
    calls.push(call);
    return call;
  };
  const turn = () => new Promise((next) => setTimeout(next));
  const done = async (times) => {
    while (calls.length < times) await turn();
    await Promise.allSettled(calls);
    // The callers have gone on.
    await turn();
  };
  try {
    await body(() => calls.length, done);
  } finally {
    // workerd has the method on the prototype.
    delete subtle[method];
    if (subtle[method] !== own) subtle[method] = own;
  }
}

/**
 * Runs `body` while waits of a second or more take a thousandth of their time. Returns the requested waits. Others than
 * those of `isFast` keep their time: on a busy machine a good answer may take longer than a thousandth.
 */
export async function withFastTimers(body, isFast = (/** @type {number} */ _ms) => true) {
  const { setTimeout } = globalThis;
  const timeout = AbortSignal.timeout;
  const waits = [];
  const short = (ms) => {
    if (ms < 1000) return ms;
    waits.push(ms);
    return isFast(ms) ? ms / 1000 : ms;
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

/** Runs `body` as in a Worker, where a request owns its promises. Only `advance` moves the clock, by seconds. */
export async function asWorker(body) {
  // Whole, so that sums are exact.
  let time = Math.ceil(performance.now());
  const clock = { now: () => time };
  const advance = (seconds) => {
    time += seconds * 1000;
  };
  await withGlobals({ performance: clock, WebSocketPair: class {} }, () => body({ advance }));
}

/** Runs `body` as outside a Worker. */
export const withoutWorker = (body) => withGlobals({ WebSocketPair: undefined }, body);

/** Uses up the random bytes that the engine has drawn, so that its next call draws new ones. */
export function drain({ createPkce }) {
  const { getRandomValues } = crypto;
  crypto.getRandomValues = (/** @type {any} */ bytes) => bytes.fill(0);
  try {
    for (let at = 0; at < 1000; at++) createPkce();
  } catch {
    // An engine without random bytes has none left.
  } finally {
    crypto.getRandomValues = getRandomValues;
  }
}

/** Runs `body` with these globals. `undefined` removes one. */
export async function withGlobals(globals, body) {
  /** The object with the property. In some runtimes it is the prototype of the global object. */
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

/** A promise, and the function that resolves it. */
export function signal() {
  let give;
  const promise = new Promise((resolve) => {
    give = resolve;
  });
  return Object.assign(promise, { give });
}
