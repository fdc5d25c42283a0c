// @ts-check
/** What went wrong, in words for the person it happened to: what happened, why, and what to do next. */
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
      "The address you opened is the end of a login that is over. Its code works once, and so does what this tab kept for it.",
      "It happens when the page is opened twice, or with the Back button.",
    ],
  },
  lost: {
    heading: "This tab did not start that login",
    text: [
      "The provider’s answer came, but this tab keeps nothing that it could answer. Perhaps the login began in another tab or browser, or this tab’s storage was cleared in between.",
      "An answer without its question is not accepted: it could be somebody else’s.",
    ],
  },
  access_denied: {
    heading: "You refused, and nothing was shared",
    text: ["The provider told this site only that the answer is no. You can change your mind at any time."],
  },
  invalid_target: {
    heading: "The provider does not know that service",
    text: [
      "A resource was asked for that is not one of its own. It gives no token for a stranger: that is what invalid_target says.",
      "downscope() says the same before anybody is sent anywhere, where the site knows the services.",
    ],
  },
  "redirect.oauth_error": {
    heading: "The provider refused the login",
    text: ["It sent you back with an error instead of a code. Its own words are below."],
  },
  "redirect.state": {
    heading: "This answer belongs to another login",
    text: [
      "The word called state, which came back, is not the one that was sent. The answer is old, comes from another window, or somebody made it up.",
      "It was thrown away. No token was asked for.",
    ],
  },
  "redirect.iss": {
    heading: "This answer comes from somebody else",
    text: ["It does not name the provider that was asked, so the code in it was not sent anywhere."],
  },
  "http.failed": {
    heading: "The provider can’t be reached",
    text: [
      "Nothing answers at its address. It may have stopped, or be starting. Nothing is wrong with you or your account.",
    ],
    next: "retry",
  },
  "http.timeout": {
    heading: "The provider does not answer",
    text: ["It took too long. It may be busy."],
    next: "retry",
  },
  "discovery.issuer": {
    heading: "Somebody else answers at the provider’s address",
    text: ["Its metadata carries another name than the one asked for, so this site does not send you there."],
  },
  "token.oauth_error": {
    heading: "The provider refused to give tokens",
    text: [
      "Its own words are below. Most often a code or refresh token is too old, was used before, or its session has ended.",
    ],
  },
  "token.missing_id_token": { heading: "The ID token is missing", text: ["Without it nobody knows who signed in."] },
};

/** By what the code begins with. @type {[RegExp, Words][]} */
const toldByKind = [
  [
    /^transaction\./,
    {
      heading: "What this tab kept for the login can’t be read",
      text: ["It was changed, or it belongs to another provider or site. The answer can’t be checked without it."],
    },
  ],
  [
    /^redirect\./,
    {
      heading: "The provider’s answer makes no sense",
      text: ["The address that you came back with breaks the rule below. It was thrown away."],
    },
  ],
  [/^http\./, { heading: "The provider can’t be used just now", text: ["Its answer can’t be read."], next: "retry" }],
  [
    /^(discovery|json|request)\./,
    { heading: "The provider’s answer can’t be used", text: ["It breaks the rule below."], next: "retry" },
  ],
  [
    /^(token)\./,
    { heading: "The token response was not accepted", text: ["It breaks the rule below. Nothing in it was used."] },
  ],
  [
    /^(id_token|jws|jwks)\./,
    {
      heading: "The ID token was not accepted",
      text: ["It breaks the rule below, so nobody is signed in. All its rules are in the report."],
    },
  ],
  [
    /^access_token\./,
    {
      heading: "The token for a service was not accepted",
      text: ["It breaks the rule below, so the service would refuse it. You are signed in all the same."],
    },
  ],
  [
    /^userinfo\./,
    {
      heading: "Userinfo was not accepted",
      text: ["You are still signed in, but this answer was thrown away."],
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
  // After the redirect a step can't be repeated: the code may be spent.
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
