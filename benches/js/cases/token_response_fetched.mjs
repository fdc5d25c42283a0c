import { oauthReads, outcome, responses, weRead } from "./token_response.mjs";

export default {
  title: "Token response and ID-token claims, both from a Response",
  includes: "The same, but ours also gets a Response made before the timed part, and reads its body as a string.",

  async contenders({ rp, logins, metadata, client }) {
    const all = await logins();
    return {
      "oidc-wasm": {
        given: responses(all),
        async run({ login, response }) {
          const { status, headers } = response;
          return weRead(rp, login, { status, headers, body: await response.text() });
        },
        outcome,
      },
      oauth4webapi: { given: responses(all), run: (given) => oauthReads({ metadata, client }, given), outcome },
    };
  },
};
