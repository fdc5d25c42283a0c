import { OidcError, wrongArgument } from "./error.js";

/** Bytes, of anything that is read. What enters the engine's memory makes it grow for good. */
export const LIMIT = 1 << 20;

// Half a surrogate pair has no UTF-8: encoding replaces it, and then something else would be judged than what was given.
const LONE_SURROGATE = /\p{Cs}/u;
const isText = (value: unknown) => typeof value === "string" && !LONE_SURROGATE.test(value);

/** A text argument as UTF-8. */
export function text(name: string, value: string): Uint8Array<ArrayBuffer> {
  if (!isText(value)) throw wrongArgument(name, "text");
  return encoded(value, name);
}

/** A structured argument as JSON. The engine judges its members; what JSON would leave out without a word is refused here. */
export function json(name: string, value: unknown): Uint8Array<ArrayBuffer> {
  const entire = (key: string, member: unknown) => {
    if (/^(function|symbol|bigint)$/.test(typeof member)) throw wrongArgument(key || name, "JSON data");
    // JSON would make {} of a Map, of URLSearchParams, of Headers.
    if (Object(member) === member && Symbol.iterator in (member as object) && !Array.isArray(member))
      throw wrongArgument(key || name, "a plain object");
    if (typeof member === "string" && !isText(member)) throw wrongArgument(key || name, "well-formed text");
    return member;
  };
  try {
    return encoded(JSON.stringify(value, entire), name);
  } catch (cause) {
    throw cause instanceof OidcError ? cause : wrongArgument(name, "JSON data", cause);
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
    const utf8 = typeof value === "string" ? new TextEncoder().encode(value) : new Uint8Array(value);
    if (utf8.length <= LIMIT) return utf8;
  }
  throw name ? wrongArgument(name, "at most 1 MiB") : new OidcError("json.too_large");
}

/** What the engine has read and found good, as an object. */
export function parse<T>(checked: string | Uint8Array): T {
  return JSON.parse(typeof checked === "string" ? checked : new TextDecoder().decode(checked));
}
