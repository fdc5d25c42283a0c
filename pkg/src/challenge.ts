import { parse, text } from "./argument.js";
import { call } from "./engine.js";
import { parse_challenges } from "./generated/oidc_wasm.js";
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
  const value = text("header", header);
  return parse(call(() => parse_challenges(value)));
}
