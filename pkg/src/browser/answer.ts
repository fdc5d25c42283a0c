const SIGNS = ["state", "code", "error", "id_token", "access_token"];

/** Is this address the redirect address, with any parameters? */
export function isRedirectAddress(address: string, redirectUri: string | undefined): boolean {
  if (!redirectUri || !URL.canParse(redirectUri)) return false;
  const one = new URL(address);
  const own = new URL(redirectUri);
  return own.origin === one.origin && own.pathname === one.pathname;
}

/** The `state` of the response in an address, or an empty string. It is not verified: the engine checks the response. */
export function stateOf(address: string, redirectUri: string | undefined): string | undefined {
  if (!isRedirectAddress(address, redirectUri)) return undefined;
  const { search, hash } = new URL(address);
  const answers = [search, hash].map((part) => new URLSearchParams(part.slice(1)));
  const answer = answers.find((parameters) => SIGNS.some((name) => parameters.has(name)));
  return answer && (answer.get("state") ?? "");
}
