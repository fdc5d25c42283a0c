import * as oauth from "oauth4webapi";
import { json } from "../provider.mjs";

const names = ["iss", "sub", "aud", "exp", "iat", "nonce", "email"];
export const outcome = ({ claims, tokens }) => ({
  claims: names.map((name) => `${name}=${claims[name]}`),
  access_token: tokens.access_token,
});

/** oauth4webapi takes nothing but a Response. */
export async function oauthReads({ metadata, client, reply, nonce }) {
  const response = new Response(reply, { headers: json });
  const options = { expectedNonce: nonce, requireIdToken: true };
  const tokens = await oauth.processAuthorizationCodeResponse(metadata, client, response, options);
  return { tokens, claims: oauth.getValidatedIdTokenClaims(tokens) };
}

export function weRead({ rp, grant, transaction }, reply) {
  const tokens = rp.tokenResponse(reply, grant);
  const { claims, checks } = rp.checkIdToken(tokens.id_token, { transaction, accessToken: tokens.access_token });
  if (checks.some(({ verdict }) => verdict === "fail")) throw new Error("the ID token is not valid");
  return { tokens, claims };
}

export default {
  title: "Token response and ID-token claims (from text; oauth4webapi: from a Response)",
  goals: { oauth4webapi: { faster: 4 } },

  async contenders({ rp, login, metadata, client }) {
    const { reply, nonce, grant, transaction } = await login();
    return {
      "oidc-wasm": {
        run: () => weRead({ rp, grant, transaction }, { status: 200, headers: json, body: reply }),
        outcome,
      },
      oauth4webapi: { run: () => oauthReads({ metadata, client, reply, nonce }), outcome },
      // How much of the peer's time is the Response that it asks for.
      Response: {
        floor: true,
        run: async () => new Response(reply, { headers: json }).json(),
        outcome: (tokens) =>
          outcome({
            tokens,
            claims: JSON.parse(atob(tokens.id_token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"))),
          }),
      },
    };
  },
};
