import * as oauth from "oauth4webapi";
import { redirectUri } from "../provider.mjs";
import { rotate } from "../rotation.mjs";
import { requested } from "./token_request.mjs";

/** Makes a call until `fetch` receives its request, with the body as a string. The timed part ends there. */
function untilSent(call) {
  return new Promise((resolve, reject) => {
    const fetch = (url, { method, headers, body }) =>
      new Promise((_, fail) => {
        const hangUp = () => {
          fail(new Error("the connection is closed"));
          return ended;
        };
        resolve({ url, method, headers, body: `${body}`, hangUp });
      });
    const ended = call(fetch).catch(reject);
  });
}

/** The call fails as after a broken connection. */
async function after(request) {
  await request.hangUp();
  return request;
}

export default {
  title: "Redirect and token request, as callback makes them",
  includes:
    "From the redirect's address and the stored string to the request that `fetch` receives. Ours is `callback`, with its timer; this `fetch` does not read its abort signal.",

  async contenders({ rp, logins, network, metadata, client, none }) {
    const [{ idToken, nonce }] = await logins();
    // The keys are there: callback fetches them before it sends a code.
    await rp.verifyIdToken(idToken, { nonce }, { fetch: network().fetch });
    const all = (await logins()).map(({ redirect, transaction, verifier, state, nonce }) => ({
      redirect,
      transaction,
      kept: JSON.stringify({ verifier, state, nonce }),
    }));
    const [ours, oauths] = [rotate(all), rotate(all)];
    return {
      "oidc-wasm": {
        run() {
          const { redirect, transaction } = ours();
          return untilSent((fetch) => rp.callback(redirect, transaction, { fetch }));
        },
        after,
        outcome: requested,
      },
      oauth4webapi: {
        run() {
          const { redirect, kept } = oauths();
          return untilSent((fetch) => {
            const { verifier, state } = JSON.parse(kept);
            const params = oauth.validateAuthResponse(metadata, client, new URL(redirect), state);
            const options = { [oauth.customFetch]: fetch };
            return oauth.authorizationCodeGrantRequest(metadata, client, none, params, redirectUri, verifier, options);
          });
        },
        after,
        outcome: requested,
      },
    };
  },
};
