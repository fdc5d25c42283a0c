// The suite's own small harness. The suite needs only a JavaScript runtime with fetch and WebCrypto, so every runtime
// runs the same cases.
import init, { OidcError } from "oidc-wasm";
import { isLogin } from "../build.js";

/** @type {{ name: string, run: (context: Context) => unknown, vector: boolean }[]} */
export const cases = [];

/**
 * @typedef {object} Context
 * @property {string} origin a loopback server with unusual endpoints (server.mjs)
 * @property {boolean} readyAtImport whether this runtime's entry needs no init()
 * @property {number} [many] the repetitions of a slow action
 */

/** A case of a behaviour. It may need features that oidc-wasm/login lacks, so that build runs only vectors. */
export const test = (name, run) => isLogin || cases.push({ name, run, vector: false });
if (isLogin) cases.push({ name: "init", run: async () => ok((await init()) ?? true), vector: false });

/** A vector: `run` returns its verdict ("ok" or an error code), which must be the same on every runtime. */
export const vector = (name, run) => cases.push({ name, run, vector: true });

/** Seconds. A case that hangs fails, and the suite continues. A busy machine is slow. */
const patience = 120;
// The original timers: some cases replace the globals for a while.
const { setTimeout, clearTimeout } = globalThis;

/** The number of assertions so far. */
export let asserted = 0;

/** Runs one case; never throws. A case without an assertion fails. */
export async function runCase({ name, run }, context) {
  const before = asserted;
  let timer;
  let isLate = false;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => {
      isLate = true;
      reject(new Error(`not done after ${patience} s`));
    }, patience * 1000);
  });
  try {
    const verdict = await Promise.race([run(context), limit]);
    if (asserted === before) fail("the case asserts nothing");
    return { name, ok: true, verdict };
  } catch (error) {
    return { name, ok: false, isLate, message: String(error?.stack ?? error) };
  } finally {
    clearTimeout(timer);
  }
}

/** Runs all cases in order, one at a time, because some change the clock. */
export async function runAll(context) {
  const results = [];
  for (const one of cases) results.push({ vector: one.vector, ...(await runCase(one, context)) });
  return results;
}

// ── assertions ──

export function fail(message) {
  throw new Error(message);
}

export function ok(value, message = "expected a true value") {
  asserted++;
  if (!value) fail(message);
}

/** Deep equality of JSON-like values. The order of members does not matter. */
export function same(actual, expected, what = "value") {
  asserted++;
  if (!equal(actual, expected)) {
    fail(`${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
  }
}

export function equal(a, b) {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && equal(a[name], b[name]))
  );
}

// ── secrets that must not appear in an error ──

const secrets = new Set();
const provoked = new Set();
const reports = new Set();

/** The shortest secret. */
const SHORTEST = 8;

/** Registers a token, code, verifier, secret or password. It ignores short ones, because any sentence could contain them. */
export function secret(value) {
  if (typeof value === "string" && value.length >= SHORTEST) secrets.add(value);
  return value;
}

export function seenReport(report) {
  reports.add(report);
  return report;
}

/** Runs a call and returns `{ value }` or `{ error }`. An error other than an `OidcError` fails the case. */
export async function outcome(call) {
  asserted++;
  try {
    return { value: await call() };
  } catch (error) {
    provoked.add(error);
    if (!(error instanceof OidcError)) fail(`not an OidcError: ${error?.stack ?? error}`);
    return { error };
  }
}

/** The call must throw (or reject with) an `OidcError` of this code. Returns the error. */
export async function throws(code, call, what = "call") {
  const { value, error } = await outcome(call);
  if (!error) fail(`${what}: expected ${code}, got a result: ${JSON.stringify(value)?.slice(0, 200)}`);
  if (error.code !== code) fail(`${what}: expected ${code}, got ${error.code} (${error.message})`);
  return error;
}

/** Every string that is reachable from a value: all own properties, also hidden ones, causes and getters. */
function texts(value, found = [], seen = new Set()) {
  if (typeof value === "string") found.push(value);
  if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) return found;
  seen.add(value);
  for (let holder = value; holder && holder !== Object.prototype; holder = Object.getPrototypeOf(holder)) {
    for (const key of Reflect.ownKeys(holder)) {
      found.push(String(key));
      // An error returns the tokens of a refresh only through this getter (refresh.js).
      if (key === "constructor" || (key === "tokens" && holder === OidcError.prototype)) continue;
      try {
        texts(value[key], found, seen);
      } catch {
        // A getter that throws shows no string.
      }
    }
    if (typeof value === "function") break;
  }
  return found;
}

const textsOf = (seen) =>
  seen instanceof Error ? [...texts(seen), String(seen), JSON.stringify(seen) ?? ""] : texts(seen.checks);

/** The place where an error or a report shows one of these values, if any. */
export function shown(seen, values) {
  for (const text of textsOf(seen)) {
    const told = toldIn(text, values);
    if (told) return `${seen.code ?? "a report"} ${told}`;
  }
}

function toldIn(text, values) {
  for (const value of values) if (text.includes(value)) return `shows ${value.slice(0, 24)}…: ${text.slice(0, 120)}`;
}

/** Counts of searched errors and of leaks. Most messages are equal, so each is searched once. */
export function leaks() {
  const all = new Set([...provoked, ...reports].flatMap(textsOf));
  // Two thousand secrets and a megabyte of messages: only messages with the start of a secret are searched.
  const starts = new Set([...secrets].map((value) => value.slice(0, SHORTEST)));
  const mayTell = (text) => Array.from(text, (_, at) => text.slice(at, at + SHORTEST)).some((part) => starts.has(part));
  const found = [...all]
    .filter(mayTell)
    .map((text) => toldIn(text, secrets))
    .filter(Boolean);
  return { errors: provoked.size, reports: reports.size, secrets: secrets.size, found };
}

// ── the clock ──

/** Runs `body` with a `Date.now` that only the test moves. */
export async function withClock(seconds, body) {
  const real = Date.now;
  const clock = {
    seconds,
    advance: (by) => {
      clock.seconds += by;
    },
  };
  Date.now = () => clock.seconds * 1000;
  try {
    return await body(clock);
  } finally {
    Date.now = real;
  }
}
