import * as oauth from "oauth4webapi";
import { issuer, redirectUri } from "../provider.mjs";
import { rotate } from "../rotation.mjs";

export default {
  title: "Redirect: code and ID token in the fragment, RS256 verified",
  includes:
    "From the address to the code, with the ID token's signature, nonce and c_hash. Ours also opens the stored transaction. The peer gets state and nonce.",

  async contenders({ rp, logins, network, metadata, client }) {
    const all = (await logins({ responseType: "code id_token" })).map(
      ({ code, idToken: id_token, state, ...login }) => ({
        ...login,
        state,
        address: `${redirectUri}#${new URLSearchParams({ code, id_token, state, iss: issuer })}`,
      }),
    );
    const { fetch } = network();
    const options = { [oauth.customFetch]: network().fetch, [oauth.jwksCache]: {} };
    const outcome = (code) => code;
    const [ours, oauths] = [rotate(all), rotate(all)];
    return {
      "oidc-wasm": {
        async run() {
          const { address, transaction } = ours();
          const { code, id_token } = rp.authorizationResponse(address, transaction);
          await rp.verifyIdToken(id_token, { transaction, channel: "front", code }, { fetch });
          return code;
        },
        outcome,
      },
      oauth4webapi: {
        async run() {
          const { address, nonce, state } = oauths();
          const url = new URL(address);
          const { skipAuthTimeCheck } = oauth;
          const params = await oauth.validateCodeIdTokenResponse(
            metadata,
            client,
            url,
            nonce,
            state,
            /** @type {typeof oauth.skipAuthTimeCheck} */ (skipAuthTimeCheck),
            options,
          );
          return params.get("code");
        },
        outcome,
      },
    };
  },
};
