// @ts-check
/**
 * @typedef {object} Exchange one request and its reply, as they crossed the wire
 * @property {string} url
 * @property {string} method
 * @property {Record<string, string>} headers
 * @property {string} [body]
 * @property {{ status: number, headers: Headers, body: string, milliseconds: number }} [reply] absent when nothing answered
 */

/** A `fetch` that keeps what it sent and what it got. */
export function createRecorder() {
  /** @type {Exchange[]} */
  const exchanges = [];

  /** @type {typeof globalThis.fetch} */
  const fetch = async (input, init = {}) => {
    /** @type {Exchange} */
    const exchange = {
      url: input instanceof Request ? input.url : String(input),
      method: init.method ?? "GET",
      headers: Object.fromEntries(new Headers(init.headers)),
      body: typeof init.body === "string" ? init.body : undefined,
    };
    exchanges.push(exchange);
    const started = performance.now();
    const reply = await globalThis.fetch(input, init);
    const body = await reply.clone().text();
    const milliseconds = performance.now() - started;
    exchange.reply = { status: reply.status, headers: reply.headers, body, milliseconds };
    return reply;
  };

  return { fetch, exchanges };
}
