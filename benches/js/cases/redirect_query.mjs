import * as oauth from "oauth4webapi";
import { issuer } from "../provider.mjs";

export default {
  title: "Read the redirect: code in the query",
  goals: { oauth4webapi: { faster: 3 } },

  async contenders({ rp, login, metadata, client }) {
    const { redirect, state, transaction } = await login();
    return {
      "oidc-wasm": { run: () => rp.authorizationResponse(redirect, transaction), outcome: ({ code }) => code },
      oauth4webapi: {
        run: () => oauth.validateAuthResponse(metadata, client, new URL(redirect), state),
        outcome: (params) => params.get("code"),
      },
      // Without a library: what arrives, and the two comparisons nobody may leave out.
      URLSearchParams: {
        floor: true,
        run() {
          const params = new URL(redirect).searchParams;
          if (params.get("state") !== state || params.get("iss") !== issuer) throw new Error("another login's");
          return params.get("code");
        },
        outcome: (code) => code,
      },
    };
  },
};
