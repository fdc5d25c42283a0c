import { full } from "../capabilities.js";
import { OidcError, wrongArgument } from "../error.js";
import { decode, encode } from "./text.js";

export { decode, encode, encodeInto } from "./text.js";

/** The size limit of a body, in bytes. */
export const LIMIT = 1 << 20;

/** The length of a missing value. */
export const ABSENT = -1;

/** The length of a string as a word: no other word is below {@link ABSENT}. The same function reads it again. */
export const marked = (length: number): number => ABSENT - 1 - length;

const LONE_SURROGATE = /\p{Cs}/u;

/** Half a surrogate pair has no UTF-8. Encoding would replace it, and the engine would check another value. */
function isWellFormed(value: string & { isWellFormed?(): boolean }): boolean {
  return value.isWellFormed?.() ?? !LONE_SURROGATE.test(value);
}

/** A message body. A string stays a string, because its parts are read as strings again. */
export type Body = string | Uint8Array;

/** The members of a call's object, from `generated/calls.ts`. */
interface Shape {
  readonly names: string[];
  /** The kinds of the members: the text after each name. */
  readonly kinds: string[];
  readonly places: Map<string, number>;
  /** Whether the last member is an object. */
  readonly nests: boolean;
}

/** The options that only oidc-wasm/full has. They are refused here, where each unknown option is: a check before it would read all twice. */
const FULL =
  /^client\.(dpop|mtls|profile|decryption|requestObject|requireSHash|maxTokenAge|\w+(tionSigned|Encrypted)ResponseAlg)$/;

const shapes = new Map<string, Shape>();

function shapeOf(members: string): Shape {
  let shape = shapes.get(members);
  if (!shape) {
    // Commas separate a nested object's members.
    const described = [...members.matchAll(/(\w+)(\S*)/g)];
    const names = described.map((member) => member[1] ?? "");
    const places = new Map(names.map((name, place) => [name, place]));
    const kinds = described.map((member) => member[2] ?? "");
    shape = { names, kinds, places, nests: members.endsWith(")") };
    shapes.set(members, shape);
  }
  return shape;
}

/** A call's arguments: numbers and {@link marked} lengths as words, and all strings joined. */
export class Frame {
  readonly words: number[];
  text: string;
  body: Body | undefined = undefined;
  /** The call's time in milliseconds since 1970, if it needs one. */
  now = 0;

  constructor(from?: Frame) {
    this.words = from?.words.slice() ?? [];
    this.text = from?.text ?? "";
  }

  number(value: number): this {
    this.words.push(value);
    return this;
  }

  /** Uses the present time. */
  timed(): this {
    this.now = Date.now();
    return this;
  }

  /** A string argument. */
  string(name: string, value: unknown): this {
    if (typeof value !== "string") throw wrongArgument(name, "a string");
    if (value.length > LIMIT / 3 && (value.length > LIMIT || encode(value).length > LIMIT))
      throw wrongArgument(name, "1 MiB at most");
    if (!isWellFormed(value)) throw wrongArgument(name, "a string without half surrogate pairs");
    this.words.push(marked(value.length));
    this.text += value;
    return this;
  }

  /** A string argument that may be absent. */
  optionalString(name: string, value: unknown): this {
    return value === undefined ? this.number(ABSENT) : this.string(name, value);
  }

  /** An object argument. Rejects unknown options; a typo would be ignored otherwise. */
  object(members: string, name: string, value: unknown): this {
    const object = plain(name, value);
    const { names, kinds, places, nests } = shapeOf(members);
    const given: unknown[] = new Array(names.length);
    let present = 0;
    // Own members only: an addition to Object.prototype is no option.
    for (const key of Object.keys(object)) {
      const member = object[key];
      if (member === undefined) continue;
      const place = places.get(key);
      if (place === undefined) {
        if (FULL.test(`${name}.${key}`)) full();
        throw wrongArgument(key.slice(0, 64));
      }
      given[place] = member;
      present |= 1 << place;
    }
    this.words.push(present);
    for (let place = 0; present > 0; place++, present >>= 1)
      if (present & 1) this.#member(names[place] as string, kinds[place] as string, given[place]);
    if (nests && given[names.length - 1] === undefined) this.words.push(ABSENT);
    if (this.text.length > LIMIT) throw wrongArgument(name, "1 MiB at most");
    return this;
  }

  #member(name: string, kind: string, given: unknown): void {
    if (kind === "" && typeof given === "string") {
      this.string(name, given);
      return;
    }
    // A URL object counts as a string. An iterable object is not a plain object.
    const speaks = typeof given === "object" && given !== null && "toJSON" in given && !(Symbol.iterator in given);
    const value = speaks && kind !== "~" ? json(given) : given;
    switch (kind[0]) {
      case undefined:
        this.string(name, value);
        return;
      case "*":
        this.#texts(name, value);
        return;
      case "=":
        this.#pairs(name, value, "an object whose values are strings or arrays of strings");
        return;
      case ":":
        this.#pairs(name, value, "an object whose values are arrays of scopes", [""]);
        return;
      case "#":
        if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > 0xffffffff)
          throw wrongArgument(name, "an integer of seconds from 0 to 4294967295");
        this.words.push(value as number);
        return;
      case "?":
        if (typeof value !== "boolean") throw wrongArgument(name, "a boolean");
        this.words.push(value ? 1 : 0);
        return;
      case "@":
        if (!Number.isFinite(value)) throw wrongArgument(name, "a number of seconds since 1970");
        this.string(name, `${value}`);
        return;
      case "~":
        this.json(name, value);
        return;
      default:
        this.object(kind.slice(1, -1).replaceAll(",", " "), name, value);
    }
  }

  /** An object or an array. The engine reads it as JSON, and knows which of them it must be. */
  json(name: string, value: unknown): this {
    try {
      return this.string(name, JSON.stringify(fit(name, structured(name, value))));
    } catch (cause) {
      throw cause instanceof OidcError ? cause : wrongArgument(name, "data that JSON can hold", cause);
    }
  }

  #texts(name: string, value: unknown): void {
    // A copy, because an iterator may disagree with the length.
    const texts = Array.isArray(value) ? [...value] : [value];
    if (!texts.every((text) => typeof text === "string")) throw wrongArgument(name, "a string or an array of strings");
    this.words.push(texts.length);
    for (const text of texts) this.string(name, text);
  }

  /** Pairs of a name and a string. `first` precede the strings of each array. With them, a value must be one. */
  #pairs(name: string, value: unknown, expected: string, first: string[] = []): void {
    const count = this.words.push(0) - 1;
    let pairs = 0;
    const object = plain(name, value);
    for (const key of Object.keys(object)) {
      const member = object[key];
      if (member === undefined) continue;
      if (first.length && !Array.isArray(member)) throw wrongArgument(name, expected);
      for (const text of Array.isArray(member) ? [...first, ...member] : [member]) {
        if (typeof text !== "string") throw wrongArgument(name, expected);
        this.string(key, key).string(key, text);
        pairs++;
      }
    }
    this.words[count] = pairs;
  }

  /** Its words with lengths in bytes, for strings that are not all ASCII. After them, the sum of the lengths. */
  measured(): number[] {
    let [from, size] = [0, 0];
    const words = this.words.map((word) => {
      if (word >= ABSENT) return word;
      const { length } = encode(this.text.slice(from, from + marked(word)));
      from += marked(word);
      size += length;
      return marked(length);
    });
    return [...words, size];
  }
}

/** A value that is an object. */
export function structured(name: string, value: unknown): object {
  if (typeof value !== "object" || !value) throw wrongArgument(name, "an object");
  return value;
}

/** The name of a value's class. Another realm's class has the same. */
export const kindOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

/** A plain object. JSON would turn a Map, URLSearchParams or Headers into {}. */
export function plain(name: string, value: unknown): Record<string, unknown> {
  if (Symbol.iterator in structured(name, value)) throw wrongArgument(name, "a plain object");
  return value as Record<string, unknown>;
}

/** A value's JSON form: an address is a string. */
const json = (value: object): unknown => JSON.parse(JSON.stringify(value) ?? "null");

/** A replacer function of `JSON.stringify` takes three times as long. */
function fit(name: string, value: unknown): unknown {
  switch (typeof value) {
    case "string":
      if (!isWellFormed(value)) throw wrongArgument(name, "a string without half surrogate pairs");
      break;
    case "function":
    case "symbol":
    case "bigint":
      throw wrongArgument(name, "data that JSON can hold");
    case "object": {
      if (!value) break;
      if (Symbol.iterator in value && !Array.isArray(value)) throw wrongArgument(name, "a plain object");
      if ("toJSON" in value) break;
      for (const [key, member] of Object.entries(value)) fit(key, member);
    }
  }
  return value;
}

/** The most characters of a body that stays a string: the engine's memory needs three bytes for each. */
const USUAL = 1 << 16;

/** A message body. Bytes are copied, so they cannot change between check and use. */
export function bodied(body: Body): Body {
  const isBytes = ArrayBuffer.isView(body) && body[Symbol.toStringTag] === "Uint8Array";
  if (!isBytes && typeof body !== "string") throw wrongArgument("body", "a string or a Uint8Array");
  if (!isBytes && !isWellFormed(body as string)) throw new OidcError("json.utf8");
  if (!isBytes && body.length < USUAL) return body;
  if (body.length <= LIMIT) {
    const copy = isBytes ? new Uint8Array(body) : encode(body as string);
    if (copy.length <= LIMIT) return copy;
  }
  throw new OidcError("json.too_large");
}

/** A body as a string. */
export const textOf = (body: Body): string => (typeof body === "string" ? body : decode(body));

/** A JSON string that the engine has checked, as an object. */
export const parse = <T>(checked: Body): T => JSON.parse(textOf(checked));
