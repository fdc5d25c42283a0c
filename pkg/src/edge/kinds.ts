// What an option may be. Loaded with the first login, or with the first request that a guard refuses.
import type { OidcError } from "oidc-wasm";

/** What an option may be: in words, and as a check. */
export type Kind = [expected: string, isRight: (given: unknown) => boolean];

export const isText = (given: unknown): given is string => typeof given === "string";
export const isFunction = (given: unknown) => typeof given === "function";
export const isObject = (given: unknown): given is object => typeof given === "object" && given !== null;
export const isTexts = (given: unknown) => Array.isArray(given) && given.every(isText);

export const FUNCTION: Kind = ["a function", isFunction];
export const FLAG: Kind = ["true or false", (given) => typeof given === "boolean"];
export const oneOf = (...values: unknown[]): Kind => [values.join(" or "), (given) => values.includes(given)];
export const shaped = (expected: string, shape: RegExp): Kind => [
  expected,
  (given) => isText(given) && shape.test(given),
];

/** Refuses options of another kind by their names. With `isWhole` it refuses the names of other options too. */
export function demand(kinds: Record<string, Kind>, given: object, Problem: typeof OidcError, isWhole?: boolean): void {
  for (const [argument, [expected, isRight]] of Object.entries(kinds)) {
    const value: unknown = Reflect.get(given, argument);
    if (value !== undefined && !isRight(value)) throw new Problem("argument", { argument, expected });
  }
  for (const argument of isWhole ? Object.keys(given) : [])
    if (!Object.hasOwn(kinds, argument)) throw new Problem("argument", { argument });
}
