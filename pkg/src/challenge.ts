import { parse, text } from "./argument.js";
import { ask, NOBODY } from "./engine.js";
import { PARSE_CHALLENGES } from "./generated/numbers.js";
import type { Challenge } from "./types.js";

/**
 * Every challenge in a `WWW-Authenticate` header (RFC 9110 §11.6.1, RFC 6750 §3), as far as it can be read.
 *
 * @example
 * ```ts
 * const [challenge] = parseChallenges('Bearer error="insufficient_scope", scope="read write"');
 * challenge?.parameters.scope; // "read write"
 * ```
 */
export function parseChallenges(header: string): Challenge[] {
  return parse(ask(PARSE_CHALLENGES, NOBODY, text("header", header)));
}
