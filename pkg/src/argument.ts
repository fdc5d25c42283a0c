import { OidcError, wrongArgument } from "./error.js";

/** Bytes, of anything that is read. What enters the engine's memory makes it grow for good. */
export const LIMIT = 1 << 20;

const utf8 = new TextEncoder();

/** Text of ours as UTF-8. */
export const encode = (text: string): Uint8Array<ArrayBuffer> => utf8.encode(text);

const utf8Reader = new TextDecoder();

/** Text of UTF-8. */
export const decode = (bytes: Uint8Array): string => utf8Reader.decode(bytes);

// Half a surrogate pair has no UTF-8: encoding replaces it, and then something else would be judged than what was given.
const LONE_SURROGATE = /\p{Cs}/u;
const isText = (value: unknown) => typeof value === "string" && !LONE_SURROGATE.test(value);

/** A text argument as UTF-8. */
export function text(name: string, value: string): Uint8Array<ArrayBuffer> {
  const bytes = typeof value === "string" ? encoded(value, name) : undefined;
  // As many bytes as characters: all of it is ASCII.
  if (!bytes || (bytes.length !== value.length && !isText(value))) throw wrongArgument(name, "text");
  return bytes;
}

/** A structured argument as JSON. The engine judges its members; what JSON would leave out without a word is refused here. */
export function json(name: string, value: unknown): Uint8Array<ArrayBuffer> {
  try {
    refuseUnfit(name, value);
    return encoded(JSON.stringify(value), name);
  } catch (cause) {
    throw cause instanceof OidcError ? cause : wrongArgument(name, "JSON data", cause);
  }
}

/** A replacer of `JSON.stringify` could do this, at three times the cost of the whole. */
function refuseUnfit(name: string, value: unknown): void {
  switch (typeof value) {
    case "string":
      if (!isText(value)) throw wrongArgument(name, "well-formed text");
      break;
    case "function":
    case "symbol":
    case "bigint":
      throw wrongArgument(name, "JSON data");
    case "object": {
      if (!value) break;
      // JSON would make {} of a Map, of URLSearchParams, of Headers; Bun's URLSearchParams have a toJSON.
      if (Symbol.iterator in value && !Array.isArray(value)) throw wrongArgument(name, "a plain object");
      if ("toJSON" in value) break;
      for (const [key, member] of Object.entries(value)) refuseUnfit(key, member);
    }
  }
}

/** The bytes of a message body: a copy, which nobody changes between judging and reading. */
export function bytes(body: string | Uint8Array): Uint8Array<ArrayBuffer> {
  const isBytes = ArrayBuffer.isView(body) && body[Symbol.toStringTag] === "Uint8Array";
  if (!isBytes && typeof body !== "string") throw wrongArgument("body", "a string or a Uint8Array");
  if (!isBytes && !isText(body)) throw new OidcError("json.utf8");
  return encoded(body);
}

function encoded(value: string | Uint8Array, name?: string): Uint8Array<ArrayBuffer> {
  if (value.length <= LIMIT) {
    const bytes = typeof value === "string" ? encode(value) : new Uint8Array(value);
    if (bytes.length <= LIMIT) return bytes;
  }
  throw name ? wrongArgument(name, "at most 1 MiB") : new OidcError("json.too_large");
}

/** What the engine has read and found good, as an object. */
export function parse<T>(checked: string | Uint8Array): T {
  return JSON.parse(typeof checked === "string" ? checked : decode(checked));
}
