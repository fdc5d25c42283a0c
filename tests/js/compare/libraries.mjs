// One login in each library, as its documentation shows, with its defaults. A login resolves to the subject, or throws.
import { createTestProvider } from "../../support/provider/index.js";

export const issuer = "https://op.example";
const redirectUri = "https://app.example/cb";
const scope = "openid email";
const secret = "a secret of the example";

/** The person signs in at the provider. Returns the URL of the redirect. */
const back = async (op, url) => (await op.authorize(String(url))).url;

/** @type {Record<string, () => Promise<(op: any, seen: (url: string) => void) => Promise<unknown>>>} */
export const libraries = {
  "oidc-wasm": async () => {
    const { default: init, RelyingParty } = await import("oidc-wasm");
    await init();
    return async (op, seen) => {
      const rp = new RelyingParty(op.metadata, { clientId: "app", redirectUri });
      const { url, transaction } = rp.authorizationRequest({ scope });
      seen(url);
      return (await rp.callback(await back(op, url), transaction)).claims.sub;
    };
  },

  "openid-client": async () => {
    const client = await import("openid-client");
    return async (op, seen) => {
      const config = await client.discovery(new URL(issuer), "app", undefined, client.None());
      const pkceCodeVerifier = client.randomPKCECodeVerifier();
      const parameters = {
        redirect_uri: redirectUri,
        scope,
        code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
        code_challenge_method: "S256",
      };
      // Its README sends a state only if the provider has no PKCE. This code always sends one.
      const expectedState = client.randomState();
      const url = client.buildAuthorizationUrl(config, { ...parameters, state: expectedState });
      seen(url.href);
      const checks = { pkceCodeVerifier, expectedState };
      const tokens = await client.authorizationCodeGrant(config, new URL(await back(op, url)), checks);
      return tokens.claims()?.sub;
    };
  },

  oauth4webapi: async () => {
    const oauth = await import("oauth4webapi");
    const client = { client_id: "app" };
    return async (op, seen) => {
      const as = await oauth.processDiscoveryResponse(new URL(issuer), await oauth.discoveryRequest(new URL(issuer)));
      const verifier = oauth.generateRandomCodeVerifier();
      const [nonce, state] = [oauth.generateRandomNonce(), oauth.generateRandomState()];
      const url = new URL(as.authorization_endpoint ?? "");
      const challenge = await oauth.calculatePKCECodeChallenge(verifier);
      const parameters = { client_id: "app", redirect_uri: redirectUri, response_type: "code", scope, nonce, state };
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
      url.searchParams.set("code_challenge", challenge);
      url.searchParams.set("code_challenge_method", "S256");
      seen(url.href);
      const given = oauth.validateAuthResponse(as, client, new URL(await back(op, url)), state);
      const reply = await oauth.authorizationCodeGrantRequest(as, client, oauth.None(), given, redirectUri, verifier);
      const expected = { expectedNonce: nonce, requireIdToken: true };
      const tokens = await oauth.processAuthorizationCodeResponse(as, client, reply, expected);
      return oauth.getValidatedIdTokenClaims(tokens)?.sub;
    };
  },

  "oidc-client-ts": async () => {
    const { InMemoryWebStorage, OidcClient, WebStorageStateStore } = await import("oidc-client-ts");
    return async (op, seen) => {
      const stateStore = new WebStorageStateStore({ store: new InMemoryWebStorage() });
      const client = new OidcClient({
        authority: issuer,
        client_id: "app",
        redirect_uri: redirectUri,
        scope,
        stateStore,
      });
      const { url } = await client.createSigninRequest({});
      seen(url);
      return (await client.processSigninResponse(await back(op, url))).profile.sub;
    };
  },

  "@hono/oidc-auth": async () => {
    const { Hono } = await import("hono");
    const { oidcAuthMiddleware, getAuth, processOAuthCallback } = await import("@hono/oidc-auth");
    Object.assign(process.env, {
      OIDC_AUTH_SECRET: "32 random characters of the example",
      OIDC_ISSUER: issuer,
      OIDC_CLIENT_ID: "app",
      OIDC_CLIENT_SECRET: secret,
      OIDC_REDIRECT_URI: redirectUri,
      OIDC_SCOPES: scope,
    });
    const app = new Hono();
    app.get("/cb", (c) => processOAuthCallback(c));
    app.use("*", oidcAuthMiddleware());
    app.get("/", async (c) => c.json(await getAuth(c)));
    return async (op, seen) => {
      const cookies = new Map();
      const go = async (address) => {
        const cookie = [...cookies].map((pair) => pair.join("=")).join("; ");
        const reply = await app.request(address, { headers: { cookie } });
        for (const line of reply.headers.getSetCookie()) {
          const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
          if (/Max-Age=0/i.test(line)) cookies.delete(name);
          else cookies.set(name, value);
        }
        if (reply.status >= 400) throw new Error(`${reply.status} ${await reply.text()}`);
        return reply;
      };
      const url = (await go("https://app.example/")).headers.get("location");
      seen(url);
      await go(await back(op, url));
      return (await (await go("https://app.example/")).json()).sub;
    };
  },

  arctic: async () => {
    const { CodeChallengeMethod, decodeIdToken, generateCodeVerifier, generateState, OAuth2Client } = await import(
      "arctic"
    );
    return async (op, seen) => {
      const client = new OAuth2Client("app", null, redirectUri);
      const [state, verifier] = [generateState(), generateCodeVerifier()];
      const endpoint = op.metadata.authorization_endpoint;
      const url = client.createAuthorizationURLWithPKCE(
        endpoint,
        state,
        CodeChallengeMethod.S256,
        verifier,
        scope.split(" "),
      );
      seen(url.href);
      const returned = new URL(await back(op, url)).searchParams;
      // Its documentation compares the state by hand.
      if (returned.get("state") !== state) throw new Error("state");
      const tokens = await client.validateAuthorizationCode(
        op.metadata.token_endpoint,
        returned.get("code") ?? "",
        verifier,
      );
      return /** @type {any} */ (decodeIdToken(tokens.idToken())).sub;
    };
  },

  "@auth0/auth0-spa-js": async () => {
    page();
    const { Auth0Client } = await import("@auth0/auth0-spa-js/dist/auth0-spa-js.production.esm.js");
    return async (op, seen) => {
      for (const store of [sessionStorage, localStorage]) store.clear();
      const client = new Auth0Client({
        domain: "op.example",
        clientId: "app",
        authorizationParams: { redirect_uri: redirectUri, scope },
      });
      let url = "";
      await client.loginWithRedirect({
        openUrl(to) {
          url = to;
        },
      });
      seen(url);
      await client.handleRedirectCallback(
        await back(op, url.replace("https://op.example/authorize", op.metadata.authorization_endpoint)),
      );
      return (await client.getUser())?.sub;
    };
  },
};

/** The parts of a page that auth0-spa-js uses. */
function page() {
  const storage = () => {
    const kept = new Map();
    return {
      getItem: (name) => kept.get(name) ?? null,
      setItem: (name, value) => kept.set(name, String(value)),
      removeItem: (name) => kept.delete(name),
      clear: () => kept.clear(),
      key: (at) => [...kept.keys()][at] ?? null,
      get length() {
        return kept.size;
      },
    };
  };
  let cookie = "";
  const document = {
    get cookie() {
      return cookie;
    },
    set cookie(line) {
      cookie = line.split(";")[0];
    },
  };
  const location = new URL("https://app.example/");
  const given = {
    window: globalThis,
    self: globalThis,
    document,
    location,
    sessionStorage: storage(),
    localStorage: storage(),
  };
  for (const [name, value] of Object.entries(given))
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

/** The provider for a library. auth0-spa-js needs Auth0's issuer and endpoint paths. */
export async function provider(name) {
  const isAuth0 = name === "@auth0/auth0-spa-js";
  const op = await createTestProvider({
    issuer: isAuth0 ? `${issuer}/` : issuer,
    users: { mara: { email: "mara@example.com" } },
  });
  // @hono/oidc-auth requires this value for a login.
  op.change({ metadata: (metadata) => Object.assign(metadata, { scopes_supported: scope.split(" ") }) });
  globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const address = request.url.replace(`${issuer}/oauth/token`, `${issuer}/token`);
    const body = request.method === "GET" ? undefined : await request.text();
    return op.fetch(address, { method: request.method, headers: Object.fromEntries(request.headers), body });
  };
  return op;
}
