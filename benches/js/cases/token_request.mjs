import * as oauth from "oauth4webapi";
import { redirectUri } from "../provider.mjs";

const outcome = ({ url, method, body }) => ({
  url: `${url}`,
  method,
  body: [...new URLSearchParams(`${body}`)].map((pair) => pair.join("=")).sort(),
});

export default {
  title: "Token request",
  goals: { oauth4webapi: { faster: 3 } },

  async contenders({ rp, login, metadata, client, none }) {
    const { redirect, state, verifier, grant } = await login();
    const params = oauth.validateAuthResponse(metadata, client, new URL(redirect), state);
    // It sends what it builds: this takes it, as a network would, and hands it back instead of an answer.
    const options = { [oauth.customFetch]: async (url, init) => ({ url, ...init }) };
    return {
      "oidc-wasm": { run: () => rp.tokenRequest(grant), outcome },
      oauth4webapi: {
        run: () => oauth.authorizationCodeGrantRequest(metadata, client, none, params, redirectUri, verifier, options),
        outcome,
      },
      URLSearchParams: {
        floor: true,
        run: () => ({
          url: metadata.token_endpoint,
          method: "POST",
          body: new URLSearchParams({
            grant_type: "authorization_code",
            code: grant.code,
            redirect_uri: redirectUri,
            code_verifier: verifier,
            client_id: client.client_id,
          }).toString(),
        }),
        outcome,
      },
    };
  },
};
