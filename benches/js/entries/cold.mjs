// A fresh process that only goes from `import` to the first authorization URL, as the library's README shows.
const issuer = "https://op.example.com";
const authorization_endpoint = `${issuer}/authorize`;
const metadata = { issuer, authorization_endpoint, token_endpoint: `${issuer}/token` };
const [clientId, redirectUri, scope] = ["s6BhdRkqt3", "https://app.example.com/cb", "openid profile email"];

const firstUrl = {
  async "oidc-wasm"() {
    const { default: init, RelyingParty } = await import("#oidc-wasm");
    await init();
    return new RelyingParty(metadata, { clientId, redirectUri }).authorizationRequest({ scope }).url;
  },

  async "openid-client"() {
    const client = await import("openid-client");
    const configuration = new client.Configuration(metadata, clientId, undefined, client.None());
    return client.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope,
      code_challenge: await client.calculatePKCECodeChallenge(client.randomPKCECodeVerifier()),
      code_challenge_method: "S256",
      state: client.randomState(),
      nonce: client.randomNonce(),
    }).href;
  },

  async oauth4webapi() {
    const oauth = await import("oauth4webapi");
    const url = new URL(authorization_endpoint);
    url.searchParams.set("client_id", clientId);
    url.searchParams.set("redirect_uri", redirectUri);
    url.searchParams.set("response_type", "code");
    url.searchParams.set("scope", scope);
    url.searchParams.set("code_challenge", await oauth.calculatePKCECodeChallenge(oauth.generateRandomCodeVerifier()));
    url.searchParams.set("code_challenge_method", "S256");
    url.searchParams.set("state", oauth.generateRandomState());
    url.searchParams.set("nonce", oauth.generateRandomNonce());
    return url.href;
  },

  async "oidc-client-ts"() {
    const { InMemoryWebStorage, OidcClient, WebStorageStateStore } = await import("oidc-client-ts");
    const client = new OidcClient({
      authority: issuer,
      metadata,
      client_id: clientId,
      redirect_uri: redirectUri,
      scope,
      stateStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
    });
    return (await client.createSigninRequest({ nonce: crypto.randomUUID() })).url;
  },
};

const [, , name] = process.argv;
const start = performance.now();
const url = await firstUrl[name]();
process.send({ milliseconds: performance.now() - start, url });
