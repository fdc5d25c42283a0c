const { default: init, RelyingParty } = require("oidc-wasm");
const { createTestProvider } = require("oidc-wasm/testing");

test("a login", async () => {
  await init();
  const { issuer, authorize, fetch } = await createTestProvider();
  const rp = await RelyingParty.discover(issuer, { clientId: "app", redirectUri: "https://app.example/cb" }, { fetch });
  const { url, transaction } = rp.authorizationRequest();
  const { claims } = await rp.callback((await authorize(url)).url, transaction, { fetch });
  expect(`signed in: ${claims.sub}`).toBe("signed in: alice");
  console.log(`signed in: ${claims.sub}`);
});
