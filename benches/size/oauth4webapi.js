// A single-page app's login with oauth4webapi, and no more of it than that: discovery, PKCE, the redirect, the token response and
// the ID token with its signature. `cargo xtask size` bundles it beside the whole library.
import * as oauth from "oauth4webapi";

const client = { client_id: "app" };
const redirectUri = "https://app.example/cb";

async function discover() {
  const issuer = new URL("https://op.example");
  return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer));
}

export async function start() {
  const server = await discover();
  const login = {
    verifier: oauth.generateRandomCodeVerifier(),
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
  };
  const url = new URL(server.authorization_endpoint);
  const parameters = {
    client_id: client.client_id,
    redirect_uri: redirectUri,
    response_type: "code",
    scope: "openid profile",
    code_challenge: await oauth.calculatePKCECodeChallenge(login.verifier),
    code_challenge_method: "S256",
    state: login.state,
    nonce: login.nonce,
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return { url: url.href, transaction: JSON.stringify(login) };
}

export async function finish(address, transaction) {
  const server = await discover();
  const { verifier, state, nonce } = JSON.parse(transaction);
  const answer = oauth.validateAuthResponse(server, client, new URL(address), state);
  const auth = oauth.None();
  const response = await oauth.authorizationCodeGrantRequest(server, client, auth, answer, redirectUri, verifier);
  const asked = { expectedNonce: nonce, requireIdToken: true };
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, asked);
  await oauth.validateApplicationLevelSignature(server, response);
  return { tokens, claims: oauth.getValidatedIdTokenClaims(tokens) };
}
