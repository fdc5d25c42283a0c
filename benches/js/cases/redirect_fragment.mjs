import { issuer, redirectUri, scope } from "../provider.mjs";

const names = ["code", "id_token", "access_token", "token_type", "expires_in"];

export default {
  title: "Read the redirect: code and tokens in the fragment",
  // No peer reads this without verifying the ID token as well; that is the case below.
  goals: { URLSearchParams: { faster: 3 } },

  async contenders({ rp, login, code }) {
    const { reply, state, transaction } = await login({ responseType: "code id_token token" });
    const { id_token, access_token } = JSON.parse(reply);
    const answer = {
      code,
      id_token,
      access_token,
      token_type: "Bearer",
      expires_in: "3600",
      scope,
      state,
      iss: issuer,
    };
    const redirect = `${redirectUri}#${new URLSearchParams(answer)}`;
    const outcome = (read) => names.map((name) => `${name}=${read[name]}`);
    return {
      "oidc-wasm": { run: () => rp.authorizationResponse(redirect, transaction), outcome },
      URLSearchParams: {
        floor: true,
        run() {
          const params = new URLSearchParams(new URL(redirect).hash.slice(1));
          if (params.get("state") !== state || params.get("iss") !== issuer) throw new Error("another login's");
          return Object.fromEntries(params);
        },
        outcome,
      },
    };
  },
};
