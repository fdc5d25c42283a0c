// The smallest complete use of the package. It must work in every way of loading.
import init, { codeChallenge, createPkce, OidcError, RelyingParty } from "oidc-wasm";

const provider = {
  issuer: "https://op.example",
  authorization_endpoint: "https://op.example/authorize",
  jwks_uri: "https://op.example/jwks",
};

export async function smoke() {
  await init();
  const challenge = codeChallenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
  if (challenge !== "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM") throw new Error(`a wrong challenge: ${challenge}`);
  if (createPkce().method !== "S256") throw new Error("no PKCE");
  const rp = new RelyingParty(provider, { clientId: "app", redirectUri: "https://app.example/cb" });
  const { url, state, transaction } = rp.authorizationRequest({ scope: "openid email" });
  if (!url.startsWith("https://op.example/authorize?response_type=code&client_id=app&")) throw new Error(url);
  const { code } = rp.authorizationResponse(`https://app.example/cb?code=abc&state=${state}`, transaction);
  if (code !== "abc") throw new Error("no code");
  try {
    rp.authorizationResponse("https://app.example/cb?code=abc&state=forged", transaction);
  } catch (error) {
    if (error instanceof OidcError && error.code === "redirect.state") return "loaded";
    throw error;
  }
  throw new Error("a forged state was accepted");
}
