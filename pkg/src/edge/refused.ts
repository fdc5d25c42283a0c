// The responses to rejected requests. Loaded with the first of them, and with `several.ts`: one small file loads faster than two.
import type { OidcError } from "oidc-wasm";
import type { Issuer, words as Words } from "./issuer.js";
import { demand, FLAG, FUNCTION, isFunction, isObject, isText, isTexts, type Kind, oneOf, shaped } from "./kinds.js";
import { TOKEN } from "./several.js";
import type { GuardConfig, Guarded, GuardOptions } from "./types.js";

export { issuerOf } from "./several.js";

// Rules of the guard in the form of the engine's table: code, section and sentence.
const MISSING = "bearer.missing|RFC 6750 §3.1|The request has no access token.";
const MALFORMED = "bearer.malformed|RFC 6750 §2.1|The Authorization header must have one access token.";
const CHECK = "bearer.check|RFC 6750 §3.1|The configured check refuses the token.";

/** The error of a token that the configured check rejects, with its description if it has one. */
export const unchecked = (verdict: unknown, request: Request | undefined, Problem: typeof OidcError): OidcError =>
  request
    ? new Problem(CHECK, {
        status: 403,
        error: "insufficient_scope",
        error_description: typeof verdict === "string" && verdict ? verdict : undefined,
      })
    : new Problem("argument", { argument: "request", expected: "what `check` reads" });

/** Arguments from the guard. An import would load its modules twice. */
interface Tools {
  OidcError: typeof OidcError;
  words: typeof Words;
  resource: string | undefined;
  config: GuardConfig;
}

const TEXTS: Kind = ["a string, or an array of strings", (given) => isText(given) || isTexts(given)];
const AMOUNT: Kind = ["a number, 0 or more", (given) => typeof given === "number" && given >= 0];

const OPTIONS: Record<string, Kind> = {
  // RFC 9728 §1.2
  resource: shaped("an http address without a fragment", /^https?:[^#]*$/),
  scope: TEXTS,
  token: FUNCTION,
  tokens: oneOf("jwt", "opaque", "either"),
  introspection: ["clientId and auth", isObject],
  tokenClientId: TEXTS,
  tokenIssuer: ["an issuer", isText],
  certificate: FUNCTION,
  check: FUNCTION,
  preflight: FLAG,
  memo: ["an object or false", (given) => !given || isObject(given)],
  keys: [
    "isolate, cache-api, or get and put",
    (given) =>
      given === "isolate" || given === "cache-api" || ["get", "put"].every((name) => isFunction(Object(given)[name])),
  ],
  onRefused: FUNCTION,
  fetch: FUNCTION,
};
const MEMO = { entries: AMOUNT, bytes: AMOUNT, seconds: AMOUNT };

/** A wrong option explains an exception, or why a good token is refused. */
function demandOptions(config: GuardConfig, Problem: typeof OidcError): void {
  const { tokens = "jwt", introspection = null, memo } = config;
  demand(OPTIONS, tokens === "jwt" ? config : { ...config, introspection }, Problem);
  demand(MEMO, memo || {}, Problem, true);
}

/** Characters of a token. A longer one is no JWT of the engine, and servers refuse such a header. */
const LONGEST = 1 << 18;

/**
 * RFC 6750 §3.1: names the error of a token. Without a token there is no error code. `cause` is null if the credentials
 * are absent.
 */
export function refused(
  { OidcError, words, resource: first, config }: Tools,
  cause: unknown,
  token: string | null | undefined,
  request: Request,
  options: GuardOptions,
  issuer: Issuer,
): Response | Guarded {
  demandOptions({ ...config, ...issuer.config }, OidcError);
  if (config.preflight && request.method === "OPTIONS" && request.headers.has("access-control-request-method"))
    return { claims: {}, token: "", scopes: new Set() };
  let problem = cause ?? new OidcError(MISSING, { status: 401 });
  // The engine reads 1 MiB at most. The sender chose the token, so its length is no error of the API.
  if (token && token.length > LONGEST)
    problem = new OidcError("jws.too_large", { status: 401, error: "invalid_token" });
  // Other rules refuse malformed credentials too.
  if (token != null && !config.token && !TOKEN.test(token))
    problem = new OidcError(MALFORMED, { status: 400, error: "invalid_request" });
  // A client cannot fix an error of the API itself.
  if (!(problem instanceof OidcError) || /^(argument|request|build|profile)\./.test(problem.code)) throw problem;
  config.onRefused?.(problem, request);
  const { code, status, error, error_description = code } = problem;
  const { scope, audience, resource, realm } = issuer.config;
  // The issuer is unavailable.
  if (!status || /^(introspection|http|discovery)\./.test(code)) {
    const { retryAfter = 30 } = problem as { retryAfter?: number };
    const headers = { "retry-after": `${retryAfter}`, "cache-control": "no-store" };
    return new Response(null, { status: 503, headers });
  }
  const isStepUp = error === "insufficient_user_authentication";
  return challenge(status, {
    // RFC 6750 §3: a challenge has a parameter.
    realm: realm || [audience, resource, issuer.name].flat().find(Boolean),
    error,
    error_description: error && error_description,
    scope: !error || code === "access_token.scope" ? [...words(scope), ...words(options.scope)].join(" ") : "",
    acr_values: isStepUp ? options.acrValues : "",
    max_age: isStepUp ? `${options.maxAge ?? ""}` : "",
    resource_metadata: first && metadataAddress(first),
  });
}

/** The URL of a resource's metadata (RFC 9728 §3.1): the well-known path is between host and path. */
function metadataAddress(resource: string): string {
  const { origin, pathname, search } = new URL(resource);
  return `${origin}/.well-known/oauth-protected-resource${pathname.replace(/^\/$/, "")}${search}`;
}

/** An error with its challenge (RFC 6750 §3). Omits parameters without a value. */
function challenge(status: number, parameters: Record<string, string | undefined>): Response {
  const written = Object.entries(parameters)
    .filter(([, value]) => value)
    // The characters that RFC 6750 §3 allows.
    .map(([name, value]) => `${name}="${`${value}`.replace(/[^ !#-[\]-~]/g, "?")}"`);
  const headers = { "www-authenticate": `Bearer ${written.join(", ")}`, "cache-control": "no-store" };
  return new Response(null, { status, headers });
}
