import { isRedirectAddress } from "./return_to.js";

const SIGNS = ["state", "code", "error", "id_token", "access_token"];

/** The `state` of the answer that an address holds; empty for an answer without one. What it is worth, the engine says. */
export function stateOf(address: string, redirectUri: string | undefined): string | undefined {
  if (!isRedirectAddress(address, redirectUri)) return undefined;
  const { search, hash } = new URL(address);
  const answers = [search, hash].map((part) => new URLSearchParams(part.slice(1)));
  const answer = answers.find((parameters) => SIGNS.some((name) => parameters.has(name)));
  return answer && (answer.get("state") ?? "");
}
