import { date } from "../engine/engine.js";
import type { HttpRequest } from "../types.js";
import { type Names, type Network, type Reply, send } from "./http.js";

// Seconds.
const HOUR = 3_600;
/** Default lifetime in seconds without cache headers (RFC 9111 §4.2.2): the same as for keys. */
const UNSAID = 600;

/** Limits of each fetch: the number of documents, and the bytes of each. */
const DOCUMENTS = 32;
const BYTES = 1 << 16;

/** A document, and its validity in milliseconds since the epoch. */
interface Kept {
  reply: Reply;
  from: number;
  until: number;
}

/** Documents by their fetch function. They are bytes, because a promise or Response belongs to one Worker request. */
const kept = new WeakMap<typeof fetch, Map<string, Kept>>();

/**
 * Reads a public document: the cached one of this name, or a new one. The check comes before the cache.
 */
export async function judgedDocument<T>(
  request: HttpRequest,
  name: string,
  net: Network,
  judge: (reply: Reply) => T,
): Promise<T> {
  const documents = kept.get(net.fetch) ?? new Map<string, Kept>();
  const asked = Date.now();
  const known = documents.get(name);
  // After the clock was set back, ages are unknown. A cancelled call fails the same way with or without a document.
  const isFresh = known && asked >= known.from && asked < known.until && !net.signal?.aborted;
  const reply = isFresh ? known.reply : await send(request, net);
  // Rejected documents are not cached.
  documents.delete(name);
  const judged = judge(reply);
  const until = isFresh ? known.until : asked + lifetime(reply.headers) * 1000;
  if (until <= asked || reply.body.length > BYTES) return judged;
  documents.set(name, { reply: { ...reply, headers: undefined }, from: isFresh ? known.from : asked, until });
  for (const [oldest] of documents) {
    if (documents.size <= DOCUMENTS) break;
    documents.delete(oldest);
  }
  kept.set(net.fetch, documents);
  return judged;
}

/** The seconds for which a private cache may use a response, at most one hour (RFC 9111 §4.2). */
function lifetime(headers: Names | undefined): number {
  const read = (name: string) => headers?.get(name) ?? undefined;
  const directives = (read("cache-control") ?? "").toLowerCase().split(",");
  const named = directives.map((directive) => directive.trim().split("="));
  const ages = named.filter(([name]) => name === "max-age").map(([, value = ""]) => seconds(value.replace(/"/g, "")));
  if (read("vary") === "*" || named.some(([name = ""]) => /^no-(store|cache)$/.test(name))) return 0;
  const expires = read("expires");
  let span = UNSAID;
  if (ages.length) span = Math.min(...ages);
  else if (expires !== undefined) span = (date(expires) - (date(read("date")) || Date.now())) / 1000;
  // Unreadable headers count as stale.
  return Math.min(span - seconds(read("age") ?? "0"), HOUR) || 0;
}

const seconds = (text: string) => (/^\d+$/.test(text) ? Number(text) : Number.NaN);
