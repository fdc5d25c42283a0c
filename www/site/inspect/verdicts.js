// @ts-check
/** The inspector’s verdicts on a message: a row for each rule, from the error of a call of the package. */
import { OidcError } from "oidc-wasm/full";
import { known } from "../known.js";

/**
 * @typedef {import("./kinds.js").Kind} Kind
 * @typedef {"pass" | "fail" | "skip" | "warn" | "open" | "later"} Verdict open: this page cannot know; later: the engine did not come to it
 * @typedef {{ rule: string, verdict: Verdict, spec: string, message: string, warning?: true }} Row
 * @typedef {Record<string, string>} Settings what the visitor expects; empty: what the message itself says
 * @typedef {object} Judged
 * @property {Row[]} rows
 * @property {"valid" | "invalid" | "unchecked"} [signature]
 * @property {Record<string, unknown>} [header]
 * @property {Record<string, unknown>} [claims]
 * @property {Iterable<[string, unknown]>} [members]
 * @property {{ name: string, verdict: Verdict, code?: string }[]} [keys] of a key set: the engine’s verdict on each key
 * @property {boolean} [isPrivate] of a key set: it has a key that nobody else should see
 * @property {import("oidc-wasm/full").Challenge[]} [challenges]
 * @property {import("oidc-wasm/full").StepUp} [stepUp]
 */

/** A host that nothing answers at: no call here sends anything. */
export const elsewhere = "https://inspected.invalid";

/** Answers each request of the package with the pasted key set. @param {string} body */
export const serving = (body) => ({
  fetch: async () => new Response(body, { headers: { "content-type": "application/json" } }),
});

/** @template T @param {() => T | Promise<T>} run @returns {Promise<{ value?: T, error?: OidcError }>} */
export async function tried(run) {
  try {
    return { value: await run() };
  } catch (error) {
    if (error instanceof OidcError) return { error };
    throw error;
  }
}

/** @param {string} rule @param {Verdict} verdict @param {OidcError} [error] @returns {Row} */
export const row = (rule, verdict, error) => ({
  rule,
  verdict,
  spec: error?.spec ?? known[rule]?.spec ?? "",
  message: error?.message ?? known[rule]?.sentence ?? "",
});

/**
 * The rules in order, with these failures. A failure that could not be lifted ends the list: the rules behind it were not reached.
 * @param {string[]} rules
 * @param {OidcError[]} failures
 * @param {{ isEnd?: boolean, skipped?: string[], open?: string[] }} [more]
 */
export function listed(rules, failures, { isEnd = true, skipped = [], open = [] } = {}) {
  const last = isEnd ? failures.at(-1)?.code : undefined;
  const end = last === undefined ? rules.length : rules.indexOf(last);
  const rows = rules.map((rule, index) => {
    const failure = failures.find(({ code }) => code === rule);
    if (failure) return row(rule, "fail", failure);
    if (index > end) return row(rule, "later");
    return row(rule, open.includes(rule) ? "open" : skipped.includes(rule) ? "skip" : "pass");
  });
  const others = failures.filter(({ code }) => !rules.includes(code));
  return [...others.map((failure) => row(failure.code, "fail", failure)), ...rows];
}
