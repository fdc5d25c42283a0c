import { createAuth0Client } from "@auth0/auth0-spa-js";

export function create({ issuer, clientId, redirectUri, scope, api }) {
  let client;
  return {
    async start() {
      client = await createAuth0Client({
        domain: issuer,
        clientId,
        authorizationParams: { redirect_uri: redirectUri, scope },
        useRefreshTokens: true,
        cacheLocation: "localstorage",
      });
      if (!/[?&](code|error)=/.test(location.search)) return;
      const { appState } = await client.handleRedirectCallback();
      history.replaceState(null, "", appState);
    },
    signIn: (hint, prompt) =>
      client.loginWithRedirect({
        appState: location.pathname,
        authorizationParams: { ...(hint && { login_hint: hint, prompt }) },
      }),
    user: async () => (await client.getUser())?.sub,
    token: () => client.getTokenSilently(),
    fetch: (address) => client.createFetcher({ baseUrl: api }).fetchWithAuth(address),
    signOut: () => client.logout({ openUrl: false }),
  };
}
