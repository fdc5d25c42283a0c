import * as oauth from "oauth4webapi";
import { issuer } from "../provider.mjs";
import { rotate } from "../rotation.mjs";

export default {
  title: "Redirect: code in the query",
  includes:
    "From the address to the code, with state and iss compared, 512 logins in turn. Ours also opens the stored transaction. The peers get the state.",

  async contenders({ rp, logins, metadata, client }) {
    const all = await logins();
    const outcome = (code) => code;
    const [ours, oauths, plain] = [rotate(all), rotate(all), rotate(all)];
    return {
      "oidc-wasm": {
        run() {
          const { redirect, transaction } = ours();
          return rp.authorizationResponse(redirect, transaction).code;
        },
        outcome,
      },
      oauth4webapi: {
        run() {
          const { redirect, state } = oauths();
          return oauth.validateAuthResponse(metadata, client, new URL(redirect), state).get("code");
        },
        outcome,
      },
      // Without a library: reads the parameters and makes the two comparisons that every client must make.
      URLSearchParams: {
        floor: true,
        run() {
          const { redirect, state } = plain();
          const params = new URL(redirect).searchParams;
          if (params.get("state") !== state || params.get("iss") !== issuer) throw new Error("another login's");
          return params.get("code");
        },
        outcome,
      },
    };
  },
};
