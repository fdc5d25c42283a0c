import { call, NOBODY, nextString } from "./engine/engine.js";
import { Frame } from "./engine/frame.js";
import { CODE_CHALLENGE, CREATE_PKCE } from "./generated/calls.js";
import type { Pkce } from "./types.js";

/**
 * A new verifier and its S256 challenge (RFC 7636), for requests that you build by hand. `RelyingParty` makes its own.
 *
 * @example
 * ```ts
 * await init();
 * const { verifier, challenge } = createPkce();
 * codeChallenge(verifier) === challenge; // true
 * ```
 */
export function createPkce(): Pkce {
  return call(CREATE_PKCE, NOBODY, new Frame(), () => {
    const verifier = nextString();
    return { verifier, challenge: nextString(), method: "S256" };
  });
}

/** The S256 challenge of a verifier. Throws `pkce.verifier` unless it is 43–128 characters of the unreserved set (RFC 7636 §4.1). */
export function codeChallenge(verifier: string): string {
  const frame = new Frame().string("verifier", verifier);
  return call(CODE_CHALLENGE, NOBODY, frame, nextString);
}
