import { text } from "./argument.js";
import { ask, NOBODY } from "./engine.js";
import { CODE_CHALLENGE, CREATE_PKCE } from "./generated/numbers.js";
import type { Pkce } from "./types.js";

/**
 * A fresh verifier and its S256 challenge (RFC 7636). `RelyingParty` makes its own; this is for requests built by hand.
 *
 * @example
 * ```ts
 * await init();
 * const { verifier, challenge } = createPkce();
 * codeChallenge(verifier) === challenge; // true
 * ```
 */
export function createPkce(): Pkce {
  const [verifier = "", challenge = ""] = ask(CREATE_PKCE, NOBODY).split("\n");
  return { verifier, challenge, method: "S256" };
}

/** The S256 challenge of a verifier. Throws `pkce.verifier` unless it is 43–128 characters of the unreserved set (RFC 7636 §4.1). */
export function codeChallenge(verifier: string): string {
  return ask(CODE_CHALLENGE, NOBODY, text("verifier", verifier));
}
