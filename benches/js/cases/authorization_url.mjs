import * as openid from "openid-client";
import { authorizationEndpoint, clientId, redirectUri, scope } from "../provider.mjs";

export default {
  title: "Authorization URL alone (ours: with PKCE, state, nonce, transaction)",
  goals: { URLSearchParams: { faster: 3 } },

  async contenders({ rp, login, configuration }) {
    const { url } = await login();
    const { state, nonce, code_challenge } = Object.fromEntries(new URL(url).searchParams);
    const outcome = (url) => {
      const { state, nonce, code_challenge, ...fixed } = Object.fromEntries(new URL(url).searchParams);
      return { ...fixed, random: [state, nonce, code_challenge].every((value) => value.length === 43) };
    };
    return {
      // There is no smaller step to ask it for: this draws and hashes what the others are given.
      "oidc-wasm": { run: () => rp.authorizationRequest({ scope }).url, outcome },
      URLSearchParams: {
        floor: true,
        run: () =>
          `${authorizationEndpoint}?${new URLSearchParams({
            response_type: "code",
            client_id: clientId,
            redirect_uri: redirectUri,
            scope,
            state,
            nonce,
            code_challenge,
            code_challenge_method: "S256",
          })}`,
        outcome,
      },
      "openid-client": {
        run: () =>
          openid.buildAuthorizationUrl(configuration, {
            redirect_uri: redirectUri,
            scope,
            state,
            nonce,
            code_challenge,
            code_challenge_method: "S256",
          }).href,
        outcome,
      },
    };
  },
};
