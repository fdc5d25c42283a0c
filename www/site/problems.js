// @ts-check
/** Errors for the person at the page: what happened, why, and what to do next. */
import { OidcError } from "oidc-wasm/full";
import { strings } from "./strings.js";

/**
 * @typedef {object} Problem
 * @property {string} heading
 * @property {string[]} text
 * @property {{ code: string, spec?: string, message: string }} [verdict] the engine's
 * @property {{ error: string, description?: string, status?: number }} [answer] the provider's
 * @property {"again" | "retry"} next start a new login, or try the same step again
 * @typedef {{ heading: string, text: string, more: string }} Words
 */

const { problems } = strings;

/** By what this page knows, by the provider's error, and by the engine's code. @type {Record<string, Words>} */
const told = {
  used: problems.used,
  lost: problems.lost,
  access_denied: problems.access_denied,
  invalid_target: problems.invalid_target,
  "redirect.oauth_error": problems.oauthError,
  "redirect.state": problems.state,
  "redirect.iss": problems.iss,
  "http.failed": problems.unreachable,
  "http.timeout": problems.timeout,
  "discovery.issuer": problems.issuer,
  "token.oauth_error": problems.noTokens,
  "token.missing_id_token": problems.noIdToken,
};

/** By what the code begins with. @type {[RegExp, Words][]} */
const toldByKind = [
  [/^transaction\./, problems.transaction],
  [/^redirect\./, problems.redirect],
  [/^http\./, problems.http],
  [/^(discovery|json|request)\./, problems.answer],
  [/^token\./, problems.token],
  [/^(id_token|jws|jwks)\./, problems.idToken],
  [/^access_token\./, problems.accessToken],
  [/^userinfo\./, problems.userinfo],
];

/** @param {import("./login.js").Failure} failure @returns {Problem} */
export function describeProblem({ step, cause, circumstance }) {
  const verdict = verdictOf(cause);
  const answer =
    cause instanceof OidcError && cause.error
      ? { error: cause.error, description: cause.error_description, status: cause.status }
      : undefined;
  const words =
    told[circumstance ?? ""] ??
    told[answer?.error ?? ""] ??
    told[verdict?.code ?? ""] ??
    toldByKind.find(([kind]) => verdict && kind.test(verdict.code))?.[1] ??
    problems.unknown;
  // After the redirect no step can be repeated: the code may be used.
  const isRepeatable = ["discovery", "userinfo", "refresh"].includes(step);
  const isPassing = /^(http|discovery|json|request|userinfo)\./.test(verdict?.code ?? "") && words !== problems.issuer;
  return {
    heading: words.heading,
    text: [words.text, words.more].filter(Boolean),
    verdict,
    answer,
    next: isRepeatable && isPassing ? "retry" : "again",
  };
}

/** @param {unknown} cause @returns {Problem["verdict"]} */
function verdictOf(cause) {
  if (cause instanceof OidcError) return { code: cause.code, spec: cause.spec, message: cause.message };
  if (!(cause instanceof Error)) return undefined;
  return { code: cause.name, message: cause.message };
}
