// The options that the engine does not see. Checked in parts that load later.
import type { Tools } from "./tools.js";
import type { BrowserConfig, SignOutOptions } from "./types.js";

const isText = (given: unknown): given is string => typeof given === "string";
const isObject = (given: unknown): given is object =>
  typeof given === "object" && given !== null && !Array.isArray(given);
/** True if each of these members is a function. */
const can = (given: unknown, names: string[]) => names.every((name) => typeof Object(given)[name] === "function");
/** RFC 8707 §2. The engine checks its characters. */
const isUri = (given: unknown) => isText(given) && URL.canParse(given) && !given.includes("#");

/** What an option may be: in words, and as a check. */
type Kind = [expected: string, isRight: (given: unknown) => boolean];
type Kinds = Record<string, Kind>;

const oneOf = (...values: unknown[]): Kind => [values.join(" or "), (given) => values.includes(given)];

const HOST = { fetch: "function", now: "function", navigate: "function", history: "object", location: "object" };

const API: Kinds = {
  resource: ["an absolute URI without a fragment", isUri],
  scope: ["a string, or a list of strings", (given) => [given].flat().every(isText)],
};

const OPTIONS: Kinds = {
  storage: [
    "session, memory, indexeddb, or get, set and remove",
    (given) => ["session", "memory", "indexeddb"].includes(given as string) || can(given, ["get", "set", "remove"]),
  ],
  auth: ["no secret, because a page cannot keep one", () => false],
  worker: ["a Worker or a SharedWorker", (given) => can(given, ["addEventListener"])],
  renew: oneOf("refresh", "iframe", "redirect", false),
  renewBefore: ["a number of seconds", (given) => Number.isFinite(given) && Number(given) >= 0],
  dpop: oneOf(true, false, "auto"),
  insecureOrigin: oneOf("refuse", "tls-only"),
  otherUser: oneOf("follow", "end"),
  extra: ["an object", isObject],
  apis: [
    "an object of objects, each with resource and scope at most",
    (given) => isObject(given) && Object.values(given).every((api) => isObject(api) && !wrongIn(API, api)),
  ],
  host: [
    "functions fetch, now and navigate, and objects history and location",
    (given) =>
      isObject(given) &&
      Object.entries(HOST).every(([name, kind]) => ["undefined", kind].includes(typeof Reflect.get(given, name))),
  ],
};

const SIGN_OUT: Kinds = {
  // The page visits this address, which must be no script.
  postLogoutRedirectUri: [
    "an absolute URI: https, http, or a scheme with a dot",
    (given) => isText(given) && URL.canParse(given) && /^(https?:\/\/|[^:/?#]+\.[^:/?#]+:)/i.test(given),
  ],
  local: oneOf(true, false),
  revoke: oneOf(true, false),
};

/** The first member that is wrong, or that the kinds do not have: its name, and what it may be. */
function wrongIn(kinds: Kinds, given: object): [name: string, expected: string | undefined] | undefined {
  for (const [name, value] of Object.entries(given)) {
    const [expected, isRight] = (Object.hasOwn(kinds, name) && kinds[name]) || [];
    if (!isRight) return [name, undefined];
    if (value !== undefined && !isRight(value)) return [name, expected];
  }
  return undefined;
}

export function demandOptions(config: BrowserConfig, { wrongArgument }: Pick<Tools, "wrongArgument">): void {
  for (const [name, [expected, isRight]] of Object.entries(OPTIONS)) {
    const given: unknown = Reflect.get(config, name);
    if (given !== undefined && !isRight(given)) throw wrongArgument(name, expected);
  }
}

export function demandSignOut(options: SignOutOptions, { wrongArgument }: Pick<Tools, "wrongArgument">): void {
  const wrong = wrongIn(SIGN_OUT, options);
  if (wrong) throw wrongArgument(...wrong);
}
