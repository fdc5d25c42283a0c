const { default: init, RelyingParty } = require("oidc-wasm");
const { createTestProvider } = require("oidc-wasm/testing");

async function login() {
  await init();
  const { issuer, authorize, fetch } = await createTestProvider();
  const rp = await RelyingParty.discover(issuer, { clientId: "app", redirectUri: "https://app.example/cb" }, { fetch });
  const { url, transaction } = rp.authorizationRequest();
  const { claims } = await rp.callback((await authorize(url)).url, transaction, { fetch });
  return `signed in: ${claims.sub}`;
}

login().then(console.log);
