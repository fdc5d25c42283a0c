import { causedBy, type Detail, OidcError } from "../error.js";
import type { Challenge } from "../types.js";
import { ABSENT, decode, encode, encodeInto, type Frame, marked } from "./frame.js";

/** The engine, in WebAssembly or in JavaScript, with its glue. */
export interface Instance {
  structured(call: number, words: number, text: number, into: unknown[]): boolean;
  refusal(into: unknown[], headers: Headers): void;
  /** Creates an instance of the module. Then the glue no longer serves earlier ones. */
  again(): Exports;
}

export interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  call(number: number, party: number, words: number, text: number, body: number, now: number): number;
  place(): number;
  reserve(size: number): number;
  release(): void;
}

/** An entry's engine: ready for the first call, or after a promise. */
interface Carried {
  now?: () => Instance;
  later?: () => Promise<Instance>;
}

let carried: Carried = {};
let instance: Instance | undefined;
let engine: Exports | undefined;
let isBroken = false;
/** Whether an engine with more features was registered later. */
let isOutdated = false;
let starting: Promise<void> | undefined;
/** Counts instances. A relying party belongs to one. */
let generation = 0;

/** Indexes of the engine's answers, in words: `Place` in src/wasm/host.rs. */
let place = 0;
/** Views of the engine's memory. They become empty when memory grows, and are created again. */
let words = new Int32Array();
let bytes = new Uint8Array();
/** The memory from the start of a call, and the position of that start. */
let room = bytes;
let roomStart = 0;
/** Constant strings, by address: those of the module, and those of each relying party. */
const constants = new Map<number, string>();

/** The features of an engine. */
export const LOGIN = 0;
const USUAL = 1;
export const FULL = 2;

/** The features of the registered engine. */
let rank: number | undefined;

/** Registers how the engine starts without a source. The engine with most features wins, and it replaces a running one. */
export function carry(more: Carried, can = USUAL): void {
  if (can === rank) carried = { ...more, ...carried };
  else if (rank === undefined || can > rank) {
    // A source may be any build, so it counts as the default one.
    if (can > (rank ?? USUAL)) {
      starting = undefined;
      isOutdated = engine !== undefined;
    }
    carried = more;
    rank = can;
  }
}

/** Starts once, with the source or the registered engine. After a failure a new call is possible. */
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
    // Another engine may have been registered meanwhile.
    .then((begun) => (starting === own ? take(begun) : (starting ?? start())))
    .catch((cause) => {
      if (starting === own) starting = undefined;
      throw failed(cause);
    });
  return own;
}

/** The reason why the engine does not start. Hosts show it only in the message. */
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
  return causedBy(code, cause);
}

function take(begun: Instance): void {
  // Checks the decoder now, not in the middle of a call.
  decode(new Uint8Array());
  encode("");
  // First, because it may fail: then the earlier engine runs on, and the next start tries again.
  begin(begun.again());
  instance = begun;
  isOutdated = false;
}

function begin(exports: Exports): void {
  engine = exports;
  bytes = new Uint8Array();
  // Another module has other constants at the same addresses.
  forget();
  place = exports.place() >>> 2;
  isBroken = false;
  generation++;
}

/** The running engine. After a trap its memory may be inconsistent, so another instance replaces it. */
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

/** The number of the running instance. */
export function present(): number {
  running();
  return generation;
}

/** The handle of a call without a relying party. */
export const NOBODY = 0;

/** The next word of the last answer. */
let at = 0;
/** The address of the frame's strings if each byte is a character. Then a part is a slice of the input. */
let from = 0;
let to = 0;

// The fields of an answer, in their order. Only the reader of a call reads them.

export function nextNumber(): number {
  return words[at++] ?? 0;
}

export function nextText(): string | undefined {
  const start = nextNumber();
  const length = nextNumber();
  if (length === ABSENT) return undefined;
  if (start >= from && start < to) return said.slice(start - from, start - from + length);
  return length < 0 ? constant(start, length & 0x7fffffff) : decode(bytes.subarray(start, start + length));
}

/** Leaves out a string. */
export function skipText(): void {
  at += 2;
}

/** A string that is always present. */
export const nextString = (): string => nextText() ?? "";

/** A view, valid until the next call. */
export function nextView(): Uint8Array {
  const start = nextNumber();
  return bytes.subarray(start, start + nextNumber());
}

export const nextFlag = (): boolean => nextNumber() === 1;

/** Whether there is another field. */
export const hasMore = (): boolean => words[at + 1] !== ABSENT || words[at] !== ABSENT;

/** Reads an answer without a useful field. */
export const nothing = (): void => {};

/** The present strings of an answer, by name. A number has a bit for each name. */
export function told<Name extends string>(names: readonly Name[]): Partial<Record<Name, string>> {
  const texts: Partial<Record<Name, string>> = {};
  let present = nextNumber();
  for (let at = 0; present > 0; at++, present >>= 1) if (present & 1) texts[names[at] as Name] = nextString();
  return texts;
}

function constant(at: number, length: number): string {
  let text = constants.get(at);
  if (text?.length !== length) {
    text = decode(bytes.subarray(at, at + length));
    constants.set(at, text);
  }
  return text;
}

/** Forgets the constants: other strings may come to their addresses. */
export function forget(): void {
  constants.clear();
}

let isBusy = false;

/**
 * Makes a call, and reads its answer from the engine's memory, or from `into`. No caller's code runs in between. One call runs at
 * a time: a page may replace host functions inside a call, such as getRandomValues.
 */
export function call<T>(
  number: number,
  party: number,
  frame: Frame,
  read: () => T,
  reply?: Answered,
  into?: unknown[],
): T {
  const engine = running();
  if (isBusy) throw causedBy("internal", new Error("a call inside a call"));
  isBusy = true;
  try {
    from = write(engine, frame);
    const { length } = frame.words;
    const isGood = into
      ? (instance as Instance).structured(number, length, written, into)
      : engine.call(number, party, length, written, bodied, frame.now);
    if (!isGood) refuse(reply);
    if (bytes.length === 0) look(engine);
    at = place + 3 + WORDS;
    to = from + (isAscii ? said.length : 0);
    return read();
  } catch (cause) {
    throw broken(cause);
  } finally {
    isBusy = false;
    wipe(engine);
  }
}

/** Makes a call whose answer is a value. */
export function valued<T>(number: number, frame: Frame): T {
  const into: T[] = [];
  return call(number, NOBODY, frame, () => into[0] as T, undefined, into);
}

/** The last frame's strings, with a string body; a flag: each byte is a character; and the bytes of strings and of body. */
let said = "";
let isAscii = true;
let written = 0;
let bodied = 0;

/** The most words in the engine's fixed place, before those of the answer. More words go before the strings. */
const WORDS = 256;

/** Writes a frame, and returns the address of its strings. */
function write(engine: Exports, frame: Frame): number {
  look(engine);
  const { text, body = "" } = frame;
  let fields = frame.words;
  const head = fields.length > WORDS ? fields.length * 4 : 0;
  const isText = typeof body === "string";
  said = isText ? text + body : text;
  // A character of a string has at most three bytes.
  const size = head + said.length * 3 + (isText ? 0 : body.length);
  if (roomStart + size > bytes.length) {
    if (!engine.reserve(size)) throw new RangeError("no memory");
    look(engine);
  }
  const whole = said === "" ? 0 : encodeInto(said, head ? room.subarray(head) : room);
  isAscii = whole === said.length;
  written = text.length;
  const start = roomStart + head;
  if (!isAscii) {
    // The engine does not read a rejected frame, but wipes it too.
    words[place + 1] = start + whole;
    fields = frame.measured();
    written = fields.pop() as number;
  }
  bodied = isText ? whole - written : body.length;
  if (!isText) bytes.set(body, start + whole);
  const to = head ? roomStart >>> 2 : place + 3;
  for (let at = 0; at < fields.length; at++) {
    const word = fields[at] as number;
    words[to + at] = word < ABSENT ? marked(word) : word;
  }
  return start;
}

/** Creates views of the present memory. */
function look(engine: Exports): void {
  if (bytes.length === 0) {
    const { buffer } = engine.memory;
    words = new Int32Array(buffer);
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
  said = "";
  if (isBroken) return;
  try {
    if (bytes.length === 0) look(engine);
    if (words[place + 2]) engine.release();
    else bytes.fill(0, words[place], words[place + 1]);
  } catch (cause) {
    throw broken(cause);
  }
}

/** Protocol errors are returned. An exception is a trap, which may leave memory inconsistent. */
function broken(cause: unknown): OidcError {
  if (cause instanceof OidcError) return cause;
  isBroken = true;
  return causedBy("internal", cause);
}

/** A challenge in an answer. */
export type Challenged = [scheme: string, parameters: [string, string][], token68: string | null];

/** A challenge as an object. */
export function readable([scheme, parameters, token68]: Challenged): Challenge {
  return { scheme, parameters: Object.fromEntries(parameters), ...(token68 !== null && { token68 }) };
}

/** An error in an answer; `null` marks an unknown value. */
type Told = [
  rule: number,
  texts: (string | null)[],
  status: number | null,
  challenges: Challenged[],
  members: [string, string][] | null,
];

/** The strings of an error, in the order of an answer. */
const TEXTS = ["argument", "member", "expected", "found", "hint", "error", "error_description", "error_uri"] as const;

/** Parts of a reply that only errors use. */
export interface Answered {
  challenges?: string | undefined;
  /** `Retry-After`, unchanged. */
  retryAfter?: string | undefined;
  /** The URL of the reply, without its query. */
  endpoint?: string | undefined;
}

/** Throws the error of the last call. */
function refuse(reply?: Answered): never {
  const into: Told[] = [];
  // Not the host's `Headers`: a page may replace its methods and make a call inside this one.
  instance?.refusal(into, { get: () => reply?.challenges } as unknown as Headers);
  const [rule, texts, status, challenges, members] = into[0] ?? [0, [], null, [], null];
  const detail: Detail = Object.fromEntries(TEXTS.map((name, at) => [name, texts[at]]));
  throw new OidcError(rule, {
    ...detail,
    endpoint: typeof detail.argument === "string" ? undefined : reply?.endpoint,
    status,
    challenges: challenges.length ? challenges.map(readable) : undefined,
    retryAfter: retryAfter(reply?.retryAfter),
    members: members && Object.fromEntries(members.map(([name, json]) => [name, JSON.parse(json)])),
  });
}

/** The milliseconds of an HTTP date since 1970 (RFC 9110 §5.6.7). */
export const date = (text = ""): number => Date.parse(/ GMT$/.test(text) ? text : "");

/** Seconds until a time in seconds or as a date (RFC 9110 §10.2.3). */
function retryAfter(text = ""): number | undefined {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const seconds = Math.ceil((date(text) - Date.now()) / 1000);
  return Number.isNaN(seconds) ? undefined : Math.max(seconds, 0);
}
