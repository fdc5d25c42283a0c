// A user's program, in the strictest setting: what is right compiles, and each mistake is one.
import init, { codeChallenge, createPkce, type Login, OidcError, RelyingParty, type TokenReport } from "oidc-wasm";

export async function signIn(): Promise<string> {
  await init();
  const rp = await RelyingParty.discover(new URL("https://op.example"), {
    clientId: "app",
    redirectUri: "https://app.example/cb",
    auth: { method: "client_secret_basic", secret: "secret" },
  });
  const { url, state, transaction } = rp.authorizationRequest({ scope: ["openid", "email"], extra: { audience: "x" } });
  sessionStorage.setItem(state, transaction);
  return url;
}

export async function back(rp: RelyingParty, transaction: string): Promise<string | undefined> {
  try {
    const { claims, tokens, report }: Login = await rp.callback(location.href, transaction, {
      signal: AbortSignal.timeout(5000),
    });
    const checked: TokenReport | undefined = report;
    const implicit = await rp.callback<"id_token">(location.href, transaction);
    const maybe: string | undefined = implicit.tokens.access_token;
    const user = await rp.userInfo(tokens.access_token, claims?.sub ?? "");
    return `${checked?.valid} ${maybe} ${user.email} ${tokens.expires_in?.toFixed()}`;
  } catch (error) {
    if (error instanceof OidcError && error.code === "redirect.oauth_error") return error.error_description;
    throw error;
  }
}

export const challenge: string = codeChallenge(createPkce().verifier);

export async function mistakes(rp: RelyingParty): Promise<void> {
  // @ts-expect-error a client needs its clientId
  new RelyingParty({ issuer: "https://op.example" }, { redirectUri: "https://app.example/cb" });
  // @ts-expect-error a number is no scope
  rp.authorizationRequest({ scope: 5 });
  // @ts-expect-error there is no such response type
  rp.authorizationRequest({ responseType: "tokens" });
  // @ts-expect-error the transaction is missing
  rp.authorizationResponse(location.href);
  // @ts-expect-error a code grant needs its transaction
  rp.tokenRequest({ type: "authorization_code", code: "x" });
  // @ts-expect-error whose userinfo?
  await rp.userInfo("token");
  const { tokens } = await rp.callback<"id_token">(location.href, "");
  // @ts-expect-error no access token was asked for: there may be none
  const token: string = tokens.access_token;
  void token;
  // @ts-expect-error what was read stays as it was read
  rp.provider = { issuer: "x" };
}
