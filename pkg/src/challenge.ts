import { type Challenged, readable, valued } from "./engine/engine.js";
import { Frame } from "./engine/frame.js";
import { PARSE_CHALLENGES } from "./generated/calls.js";
import type { Challenge } from "./types.js";

/**
 * All readable challenges of a `WWW-Authenticate` header (RFC 9110 §11.6.1, RFC 6750 §3).
 *
 * @example
 * ```ts
 * const [challenge] = parseChallenges('Bearer error="insufficient_scope", scope="read write"');
 * challenge?.parameters.scope; // "read write"
 * ```
 */
export function parseChallenges(header: string): Challenge[] {
  return valued<Challenged[]>(PARSE_CHALLENGES, new Frame().string("header", header)).map(readable);
}
