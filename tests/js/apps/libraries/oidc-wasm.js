import { createAuth } from "oidc-wasm/browser";

export function create({ issuer, clientId, redirectUri, scope, api }, changed) {
  const auth = createAuth({ issuer, clientId, redirectUri, scope, apis: { [api]: {} } });
  auth.subscribe(changed);
  return {
    start: () => auth.handleRedirect(),
    signIn: (loginHint, prompt) => auth.signIn({ ...(loginHint && { loginHint, prompt }) }),
    signInTo: (returnTo) => auth.signIn({ returnTo }),
    signInPopup: () => auth.signInPopup(),
    user: async () => (await auth.user())?.sub,
    token: () => auth.getAccessToken(),
    fetch: (address) => auth.fetch(address),
    signOut: () => auth.signOut({ local: true }),
  };
}
