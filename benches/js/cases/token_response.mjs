import * as oauth from "oauth4webapi";
import { json } from "../provider.mjs";
import { rotate } from "../rotation.mjs";

const names = ["iss", "sub", "aud", "exp", "iat", "nonce", "email"];
export const outcome = ({ claims, tokens }) => ({
  claims: names.map((name) => `${name}=${claims[name]}`),
  access_token: tokens.access_token,
});

/** A Response can be read once. So each call gets a new one, made outside the timed part. */
export function responses(logins) {
  const next = rotate(logins);
  return () => {
    const login = next();
    return { login, response: new Response(login.reply, { headers: json }) };
  };
}

/** It accepts only a Response. */
export async function oauthReads({ metadata, client }, { login: { nonce }, response }) {
  const options = { expectedNonce: nonce, requireIdToken: true };
  const tokens = await oauth.processAuthorizationCodeResponse(metadata, client, response, options);
  return { tokens, claims: oauth.getValidatedIdTokenClaims(tokens) };
}

export function weRead(rp, { code, transaction }, reply) {
  const tokens = rp.tokenResponse(reply, { type: "authorization_code", code, transaction });
  const { claims, checks } = rp.checkIdToken(tokens.id_token, { transaction, accessToken: tokens.access_token });
  if (checks.some(({ verdict }) => verdict === "fail")) throw new Error("the ID token is not valid");
  return { tokens, claims };
}

export default {
  title: "Token response and ID-token claims, no signature",
  includes:
    "Checks the JSON and the claims. Ours reads status, headers and a string, and reports every rule. oauth4webapi reads a Response made before the timed part.",

  async contenders({ rp, logins, metadata, client }) {
    const all = await logins();
    const ours = rotate(all);
    return {
      "oidc-wasm": {
        run() {
          const login = ours();
          return weRead(rp, login, { status: 200, headers: json, body: login.reply });
        },
        outcome,
      },
      oauth4webapi: { given: responses(all), run: (given) => oauthReads({ metadata, client }, given), outcome },
      // The part of the peer's time that it spends on reading the Response.
      "Response.json()": {
        floor: true,
        given: responses(all),
        run: ({ response }) => response.json(),
        outcome: (tokens) => outcome({ tokens, claims: all[0].claims }),
      },
    };
  },
};
