import * as oauth from "oauth4webapi";
import { issuer, redirectUri } from "../provider.mjs";

export default {
  title: "Read the redirect: code and ID token (RS256) in the fragment, verified",
  goals: {},

  async contenders({ rp, login, fetching, metadata, client }) {
    const { redirect, reply, state, nonce, transaction } = await login({ responseType: "code id_token" });
    const { id_token } = JSON.parse(reply);
    const code = new URL(redirect).searchParams.get("code");
    const address = `${redirectUri}#${new URLSearchParams({ code, id_token, state, iss: issuer })}`;
    const options = { [oauth.customFetch]: fetching(""), [oauth.jwksCache]: {} };
    const fetch = fetching("");
    return {
      "oidc-wasm": {
        async run() {
          const { code, id_token } = rp.authorizationResponse(address, transaction);
          await rp.verifyIdToken(id_token, { transaction, channel: "front", code }, { fetch });
          return code;
        },
        outcome: (code) => code,
      },
      oauth4webapi: {
        run: () =>
          oauth.validateCodeIdTokenResponse(
            metadata,
            client,
            new URL(address),
            nonce,
            state,
            oauth.skipAuthTimeCheck,
            options,
          ),
        outcome: (params) => params.get("code"),
      },
    };
  },
};
