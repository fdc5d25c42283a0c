import * as oauth from "oauth4webapi";
import { clientId, redirectUri } from "../provider.mjs";
import { rotate } from "../rotation.mjs";

/** The parts of a request that every library must send alike. */
export const requested = ({ url, method, headers, body }) => ({
  url,
  method,
  type: new Headers(headers).get("content-type").split(";")[0],
  body: [...new URLSearchParams(body)].map((pair) => pair.join("=")).sort(),
});

/** A request as the network receives it. It turns the body into a string, as `fetch` does when it sends. */
/** @type {any} */
const sent = (url, { method, headers, body }) => ({ url, method, headers, body: `${body}` });

export default {
  title: "Token request",
  includes:
    "URL, method, headers and body. Ours also opens the stored transaction. The peers get the verifier, and oauth4webapi the redirect that it has checked.",

  async contenders({ rp, logins, metadata, client, none }) {
    const all = (await logins()).map(({ redirect, state, ...login }) => ({
      ...login,
      params: oauth.validateAuthResponse(metadata, client, new URL(redirect), state),
    }));
    const [ours, oauths, plain] = [rotate(all), rotate(all), rotate(all)];
    const options = { [oauth.customFetch]: sent };
    return {
      "oidc-wasm": {
        run() {
          const { code, transaction } = ours();
          return rp.tokenRequest({ type: "authorization_code", code, transaction });
        },
        outcome: requested,
      },
      oauth4webapi: {
        run() {
          const { params, verifier } = oauths();
          return oauth.authorizationCodeGrantRequest(metadata, client, none, params, redirectUri, verifier, options);
        },
        outcome: requested,
      },
      URLSearchParams: {
        floor: true,
        run() {
          const { code, verifier } = plain();
          return {
            url: metadata.token_endpoint,
            method: "POST",
            headers: { "content-type": "application/x-www-form-urlencoded" },
            body: new URLSearchParams({
              grant_type: "authorization_code",
              code,
              redirect_uri: redirectUri,
              code_verifier: verifier,
              client_id: clientId,
            }).toString(),
          };
        },
        outcome: requested,
      },
    };
  },
};
