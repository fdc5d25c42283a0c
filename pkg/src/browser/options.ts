// The options that the engine does not see. Checked in parts that load later.
import type { Tools } from "./tools.js";
import type { BrowserConfig } from "./types.js";

const isObject = (given: unknown): given is object =>
  typeof given === "object" && given !== null && !Array.isArray(given);
/** True if each of these members is a function. */
const can = (given: unknown, names: string[]) => names.every((name) => typeof Object(given)[name] === "function");

/** What an option may be: in words, and as a check. */
type Kind = [expected: string, isRight: (given: unknown) => boolean];

const oneOf = (...values: unknown[]): Kind => [values.join(" or "), (given) => values.includes(given)];

const HOST = { fetch: "function", now: "function", navigate: "function", history: "object" };

const OPTIONS: Record<string, Kind> = {
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
  apis: ["an object of objects", (given) => isObject(given) && Object.values(given).every(isObject)],
  host: [
    "functions fetch, now and navigate, and an object history",
    (given) =>
      isObject(given) &&
      Object.entries(HOST).every(([name, kind]) => ["undefined", kind].includes(typeof Reflect.get(given, name))),
  ],
};

export function demandOptions(config: BrowserConfig, { wrongArgument }: Pick<Tools, "wrongArgument">): void {
  for (const [name, [expected, isRight]] of Object.entries(OPTIONS)) {
    const given: unknown = Reflect.get(config, name);
    if (given !== undefined && !isRight(given)) throw wrongArgument(name, expected);
  }
}
