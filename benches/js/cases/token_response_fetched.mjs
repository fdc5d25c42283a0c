import { json } from "../provider.mjs";
import { oauthReads, outcome, weRead } from "./token_response.mjs";

export default {
  title: "Token response and ID-token claims, both from a Response",
  goals: {},

  async contenders({ rp, login, metadata, client }) {
    const { reply, nonce, grant, transaction } = await login();
    return {
      "oidc-wasm": {
        async run() {
          const response = new Response(reply, { headers: json });
          const { status, headers } = response;
          return weRead({ rp, grant, transaction }, { status, headers, body: await response.text() });
        },
        outcome,
      },
      oauth4webapi: { run: () => oauthReads({ metadata, client, reply, nonce }), outcome },
    };
  },
};
