// @ts-check
/** Errors for the person at the page: what happened, why, and what to do next. */
import { OidcError } from "oidc-wasm";

/**
 * @typedef {object} Problem
 * @property {string} heading
 * @property {string[]} text
 * @property {{ code: string, spec?: string, message: string }} [verdict] the engine's
 * @property {{ error: string, description?: string, status?: number }} [answer] the provider's
 * @property {"again" | "retry"} next start a new login, or try the same step again
 * @typedef {{ heading: string, text: string[], next?: "again" | "retry" }} Words
 */

/** @type {Record<string, Words>} */
const told = {
  used: {
    heading: "This answer has been used already",
    text: [
      "This address is the end of a finished login. Its code works once. This tab has deleted its part too.",
      "This happens if you open the page twice or press Back.",
    ],
  },
  lost: {
    heading: "This tab did not start that login",
    text: [
      "The provider’s answer came, but this tab has no login for it. Perhaps the login began in another tab or browser. Or something cleared this tab’s storage.",
      "This page rejects an answer without its login, because it could be another person’s.",
    ],
  },
  access_denied: {
    heading: "You refused, and nothing was shared",
    text: ["The provider told this site only that the answer is no. You can change your mind at any time."],
  },
  invalid_target: {
    heading: "The provider does not know that service",
    text: [
      "This site asked for a resource that the provider does not know. The provider answers invalid_target.",
      "If the site knows its services, downscope() finds this before the login.",
    ],
  },
  "redirect.oauth_error": {
    heading: "The provider refused the login",
    text: ["It sent you back with an error instead of a code. You see the error below."],
  },
  "redirect.state": {
    heading: "This answer belongs to another login",
    text: [
      "The answer’s state differs from the one in the request. The answer is old, belongs to another window, or is forged.",
      "This page discarded it and requested no token.",
    ],
  },
  "redirect.iss": {
    heading: "This answer comes from another provider",
    text: ["It names another issuer. So this page did not send the code anywhere."],
  },
  "http.failed": {
    heading: "The provider can’t be reached",
    text: ["Its address does not answer. It may have stopped, or it is starting. Your account is fine."],
    next: "retry",
  },
  "http.timeout": {
    heading: "The provider does not answer",
    text: ["It took too long. It may be busy."],
    next: "retry",
  },
  "discovery.issuer": {
    heading: "Another server answers at the provider’s address",
    text: ["Its metadata names another issuer. So this site does not send you there."],
  },
  "token.oauth_error": {
    heading: "The provider refused to give tokens",
    text: ["You see its error below. Usually a code or refresh token is too old or used, or its session has ended."],
  },
  "token.missing_id_token": {
    heading: "The ID token is missing",
    text: ["Without it this page does not know who signed in."],
  },
};

/** By what the code begins with. @type {[RegExp, Words][]} */
const toldByKind = [
  [
    /^transaction\./,
    {
      heading: "What this tab kept for the login can’t be read",
      text: ["It was changed, or it belongs to another provider or site. This page needs it to check the answer."],
    },
  ],
  [
    /^redirect\./,
    {
      heading: "The provider’s answer makes no sense",
      text: ["Its address breaks the rule below. This page discarded it."],
    },
  ],
  [/^http\./, { heading: "The provider can’t be used just now", text: ["Its answer can’t be read."], next: "retry" }],
  [
    /^(discovery|json|request)\./,
    { heading: "The provider’s answer can’t be used", text: ["It breaks the rule below."], next: "retry" },
  ],
  [
    /^(token)\./,
    {
      heading: "The token response was not accepted",
      text: ["It breaks the rule below. This page used nothing of it."],
    },
  ],
  [
    /^(id_token|jws|jwks)\./,
    {
      heading: "The ID token was not accepted",
      text: ["It breaks the rule below, so you are not signed in. The report shows every rule."],
    },
  ],
  [
    /^access_token\./,
    {
      heading: "The token for a service was not accepted",
      text: ["It breaks the rule below, so the service would reject it. You are still signed in."],
    },
  ],
  [
    /^userinfo\./,
    {
      heading: "Userinfo was not accepted",
      text: ["You are still signed in, but this page discarded the answer."],
      next: "retry",
    },
  ],
];

/** @type {Words} */
const unknown = {
  heading: "Something went wrong in this page",
  text: ["It is not your fault. Reload the page and try again."],
};

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
    unknown;
  // After the redirect no step can be repeated: the code may be used.
  const repeatable = ["discovery", "userinfo", "refresh"].includes(step);
  const next = repeatable && words.next ? words.next : "again";
  return { heading: words.heading, text: words.text, verdict, answer, next };
}

/** @param {unknown} cause @returns {Problem["verdict"]} */
function verdictOf(cause) {
  if (cause instanceof OidcError) return { code: cause.code, spec: cause.spec, message: cause.message };
  if (!(cause instanceof Error)) return undefined;
  return { code: cause.name, message: cause.message };
}
