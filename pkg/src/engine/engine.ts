import { OidcError } from "../error.js";
import type { Challenge } from "../types.js";
import { ABSENT, decode, encode, encodeInto, type Frame } from "./frame.js";

/** The engine, in WebAssembly or in JavaScript, as its glue hands it over. */
export interface Instance {
  readonly exports: Exports;
  structured(call: number, words: number, text: number, into: unknown[]): boolean;
  refusal(into: unknown[], headers?: Headers): void;
  /** Another instance of the same module. */
  again(): Exports;
}

export interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  call(number: number, party: number, words: number, text: number, body: number, now: number): number;
  place(): number;
  reserve(size: number): number;
  release(): void;
}

/** What an entry of the package carries: an engine for the first call, or one that has to be awaited. */
interface Carried {
  now?: () => Instance;
  later?: () => Promise<Instance>;
}

let carried: Carried = {};
let instance: Instance | undefined;
let engine: Exports | undefined;
let isBroken = false;
/** Whether one that can do more was carried since it began. */
let isOutdated = false;
let starting: Promise<void> | undefined;
/** Counts instances: a party belongs to one. */
let generation = 0;

/** Where the engine's answers stand, as `Place` in src/wasm/host.rs: in words, from here. */
let place = 0;
/** Views of the engine's memory, made anew when it has grown: then they are empty. */
let words = new Uint32Array();
let bytes = new Uint8Array();
/** What lies behind the start of a call's memory, and that start. */
let room = bytes;
let roomStart = 0;

/** Says how the engine begins where nobody hands one over. */
export function carry(more: Carried): void {
  carried = { ...more, ...carried };
}

/** The same for the engine that can do more: where several are carried, it is the one, and takes the place of one that runs. */
export function carryFull(more: Carried): void {
  carried = more;
  starting = undefined;
  isOutdated = engine !== undefined;
}

/** Begins with what is given or else with what is carried, once; after a failure it may be tried again. */
export function start(given?: () => Promise<Instance>): Promise<void> {
  const { now, later } = carried;
  if ((engine && !isOutdated) || now) return Promise.resolve();
  const begins = given ?? later;
  if (!begins) return Promise.reject(new OidcError("not_initialized"));
  starting ??= beginning(begins);
  return starting;
}

function beginning(begins: () => Promise<Instance>): Promise<void> {
  const own: Promise<void> = begins()
    // Another may have been carried in the meantime.
    .then((begun) => (starting === own ? take(begun) : (starting ?? start())))
    .catch((cause) => {
      if (starting === own) starting = undefined;
      throw failed(cause);
    });
  return own;
}

/** Why the engine does not start. Engines name no reason but in words. */
function failed(cause: unknown): OidcError {
  if (cause instanceof OidcError) return cause;
  const words = `${(cause as Error)?.message}`;
  const code =
    typeof WebAssembly === "undefined"
      ? "init.no_wasm"
      : /Content.Security.Policy|\bCSP\b|unsafe-eval/i.test(words)
        ? "init.csp"
        : /code generation|by embedder/i.test(words)
          ? "init.edge"
          : "init.failed";
  return new OidcError(code, {}, { cause });
}

function take(begun: Instance): void {
  // Missed here and not in the middle of a call.
  decode(new Uint8Array());
  encode("");
  instance = begun;
  isOutdated = false;
  begin(begun.exports);
}

function begin(exports: Exports): void {
  engine = exports;
  bytes = new Uint8Array();
  place = exports.place() >>> 2;
  isBroken = false;
  generation++;
}

/** The engine as it is now. One that has trapped may have left memory half-written: another instance of the module takes its place. */
function running(): Exports {
  if (!engine || (isOutdated && carried.now)) {
    if (!carried.now) throw new OidcError("not_initialized");
    try {
      take(carried.now());
    } catch (cause) {
      throw failed(cause);
    }
  }
  if (isBroken) {
    try {
      begin((instance as Instance).again());
    } catch (cause) {
      throw broken(cause);
    }
  }
  return engine as Exports;
}

/** Which instance is running. */
export function present(): number {
  running();
  return generation;
}

/** A call that needs no party has none. */
export const NOBODY = 0;

/** What was said by a call, field by field. */
export class Answer {
  /** The words of it, read so far. */
  #at: number;
  readonly #text: string;
  /** Where the frame's text stands, if a byte of it is a character: then a part of it is a slice of the string. */
  readonly #from: number;
  readonly #to: number;

  constructor(text: string, from: number, to: number) {
    this.#text = text;
    this.#from = from;
    this.#to = to;
    this.#at = place + 3;
  }

  number(): number {
    return words[this.#at++] ?? 0;
  }

  text(): string | undefined {
    const at = this.number();
    const length = this.number();
    if (length === ABSENT) return undefined;
    if (at >= this.#from && at < this.#to) return this.#text.slice(at - this.#from, at - this.#from + length);
    return length >>> 31 ? constant(at, length & 0x7fffffff) : decode(bytes.subarray(at, at + length));
  }

  /** Text that is always there. */
  string(): string {
    return this.text() ?? "";
  }

  /** A view, which is good until the next call. */
  view(): Uint8Array {
    const at = this.number();
    return bytes.subarray(at, at + this.number());
  }

  /** Whether there is another field. */
  get hasMore(): boolean {
    return words[this.#at + 1] !== ABSENT || words[this.#at] !== ABSENT;
  }
}

/** Readers of answers that are one text, a yes or a no, or nothing that matters. */
export const asText = (answer: Answer): string => answer.string();
export const isYes = (answer: Answer): boolean => answer.number() === 1;
export const nothing = (): void => {};

/** The texts of an answer that are there, by name. */
export function told<Name extends string>(answer: Answer, names: readonly Name[]): Partial<Record<Name, string>> {
  const texts: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const text = answer.text();
    if (text !== undefined) texts[name] = text;
  }
  return texts;
}

const constants = new Map<number, string>();

function constant(at: number, length: number): string {
  let text = constants.get(at);
  if (text?.length !== length) {
    text = decode(bytes.subarray(at, at + length));
    constants.set(at, text);
  }
  return text;
}

let isBusy = false;

/** The engine, for one call at a time: functions of the host that run inside it, such as getRandomValues, may be somebody's. */
function entered(): Exports {
  const engine = running();
  if (isBusy) throw new OidcError("internal", {}, { cause: new Error("a call inside a call") });
  isBusy = true;
  return engine;
}

/** Makes a call, and reads its answer while it stands in the engine's memory. Nothing of a caller's runs in between. */
export function call<T>(number: number, party: number, frame: Frame, read: (answer: Answer) => T, reply?: Answered): T {
  const engine = entered();
  try {
    const start = write(engine, frame);
    const { words: fields, body, now } = frame;
    if (!engine.call(number, party, fields.length, written, body === undefined ? 0 : body.length, now)) refuse(reply);
    if (bytes.length === 0) look(engine);
    return read(new Answer(frame.text, start, isAscii ? start + written : start));
  } catch (cause) {
    throw broken(cause);
  } finally {
    isBusy = false;
    wipe(engine);
  }
}

/** Makes a call whose answer is a value. */
export function valued<T>(number: number, frame: Frame): T {
  const engine = entered();
  try {
    write(engine, frame);
    const into: T[] = [];
    if (!(instance as Instance).structured(number, frame.words.length, written, into)) refuse();
    return into[0] as T;
  } catch (cause) {
    throw broken(cause);
  } finally {
    isBusy = false;
    wipe(engine);
  }
}

/** What the last frame's text took, in bytes, and whether each is a character. */
let written = 0;
let isAscii = true;

/** The words that the engine has a place for; more of them go before the text. */
const WORDS = 256;

/** Writes a frame, and tells where its text starts. */
function write(engine: Exports, frame: Frame): number {
  look(engine);
  const { words: fields, text, body } = frame;
  const head = fields.length > WORDS ? fields.length * 4 : 0;
  // A character of a string has three bytes at the most.
  const size = head + text.length * 3 + (body === undefined ? 0 : body.length);
  if (roomStart + size > bytes.length) {
    if (!engine.reserve(size)) throw new RangeError("no memory");
    look(engine);
  }
  written = text === "" ? 0 : encodeInto(text, head ? room.subarray(head) : room);
  isAscii = written === text.length;
  const start = roomStart + head;
  if (!isAscii) {
    // What is refused here is wiped as well, although the engine has not seen it.
    words[place + 1] = start + written;
    frame.measure();
  }
  if (body !== undefined) bytes.set(body, start + written);
  const to = head ? roomStart >>> 2 : place + 3;
  for (let at = 0; at < fields.length; at++) words[to + at] = fields[at] as number;
  return start;
}

/** Takes views of the memory as it is. */
function look(engine: Exports): void {
  if (bytes.length === 0) {
    const { buffer } = engine.memory;
    words = new Uint32Array(buffer);
    bytes = new Uint8Array(buffer);
    roomStart = 0;
  }
  const start = words[place] as number;
  if (roomStart !== start) {
    room = bytes.subarray(start);
    roomStart = start;
  }
}

function wipe(engine: Exports): void {
  if (isBroken) return;
  try {
    if (bytes.length === 0) look(engine);
    if (words[place + 2]) engine.release();
    else bytes.fill(0, words[place], words[place + 1]);
  } catch (cause) {
    throw broken(cause);
  }
}

/** What is no verdict is a defect, which may have left memory half-written. */
function broken(cause: unknown): OidcError {
  if (cause instanceof OidcError) return cause;
  isBroken = true;
  return new OidcError("internal", {}, { cause });
}

/** A challenge as the engine tells it. */
export type Challenged = [scheme: string, parameters: [string, string][], token68: string | null];

/** A challenge as an object. */
export function readable([scheme, parameters, token68]: Challenged): Challenge {
  return { scheme, parameters: Object.fromEntries(parameters), ...(token68 !== null && { token68 }) };
}

/** An error as the engine tells it; `null` is what it knows nothing of. */
type Told = [
  rule: number,
  compared: (string | null)[] | null,
  said: [...(string | null)[], members: [string, string][] | null] | null,
  reply: [status: number | null, challenges: Challenged[]] | null,
];

/** What only a refusal reads of a reply. */
export interface Answered {
  challenges: string | undefined;
  /** `Retry-After`, as it came. */
  retryAfter?: string | undefined;
  /** Where it came from, without a query. */
  endpoint?: string | undefined;
}

/** Throws what the last call was refused for. */
function refuse(reply?: Answered): never {
  const into: Told[] = [];
  // No Headers of the host's: its methods may be somebody's, who makes a call inside this one.
  instance?.refusal(
    into,
    reply?.challenges === undefined ? undefined : ({ get: () => reply.challenges } as unknown as Headers),
  );
  const [rule, compared, said, answer] = into[0] ?? [0, null, null, null];
  const [argument, member, expected, found, hint] = compared ?? [];
  const [error, error_description, error_uri, members] = (said ?? []) as [
    string?,
    string?,
    string?,
    [string, string][]?,
  ];
  const [status, challenges] = answer ?? [];
  throw new OidcError(rule, {
    argument,
    member,
    expected,
    found,
    hint,
    endpoint: typeof argument === "string" ? undefined : reply?.endpoint,
    error,
    error_description,
    error_uri,
    status,
    challenges: challenges?.length ? challenges.map(readable) : undefined,
    retryAfter: retryAfter(reply?.retryAfter),
    members: members && Object.fromEntries(members.map(([name, json]) => [name, JSON.parse(json)])),
  });
}

/** Seconds until a time that a server wrote as seconds or as a date (RFC 9110 §10.2.3). */
function retryAfter(text = ""): number | undefined {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const seconds = Math.ceil((Date.parse(/ GMT$/.test(text) ? text : "") - Date.now()) / 1000);
  return Number.isNaN(seconds) ? undefined : Math.max(seconds, 0);
}
