import * as oauth from "oauth4webapi";
import { InMemoryWebStorage, OidcClient, WebStorageStateStore } from "oidc-client-ts";
import * as openid from "openid-client";
import { authorizationEndpoint, challengeOf, clientId, issuer, redirectUri, scope } from "../provider.mjs";

/** The parameters of every URL. Random values are compared by their form. */
async function outcome({ url, verifier }) {
  const { state, nonce, code_challenge, ...fixed } = Object.fromEntries(new URL(url).searchParams);
  return {
    ...fixed,
    state: state.length >= 32,
    nonce: nonce.length >= 32,
    challenge: (await challengeOf(verifier)) === code_challenge,
  };
}

export default {
  title: "Start a login: state, nonce, verifier, S256 challenge, URL",
  includes:
    "New random values, the URL as a string, and the stored values as one string. oidc-client-ts also writes to its in-memory store.",

  contenders({ rp, configure, network, metadata }) {
    const configuration = configure(network().fetch);
    const kept = new InMemoryWebStorage();
    const spa = new OidcClient({
      authority: issuer,
      metadata,
      client_id: clientId,
      redirect_uri: redirectUri,
      scope,
      stateStore: new WebStorageStateStore({ store: kept }),
    });
    return {
      "oidc-wasm": {
        run: () => rp.authorizationRequest({ scope }),
        outcome({ url, transaction }) {
          const { body } = rp.tokenRequest({ type: "authorization_code", code: "any", transaction });
          return outcome({ url, verifier: new URLSearchParams(body).get("code_verifier") });
        },
      },
      oauth4webapi: {
        async run() {
          const verifier = oauth.generateRandomCodeVerifier();
          const challenge = await oauth.calculatePKCECodeChallenge(verifier);
          const state = oauth.generateRandomState();
          const nonce = oauth.generateRandomNonce();
          const url = new URL(authorizationEndpoint);
          url.searchParams.set("client_id", clientId);
          url.searchParams.set("redirect_uri", redirectUri);
          url.searchParams.set("response_type", "code");
          url.searchParams.set("scope", scope);
          url.searchParams.set("code_challenge", challenge);
          url.searchParams.set("code_challenge_method", "S256");
          url.searchParams.set("state", state);
          url.searchParams.set("nonce", nonce);
          return { url: url.href, state, transaction: JSON.stringify({ verifier, state, nonce }) };
        },
        outcome: ({ url, transaction }) => outcome({ url, ...JSON.parse(transaction) }),
      },
      "openid-client": {
        async run() {
          const verifier = openid.randomPKCECodeVerifier();
          const challenge = await openid.calculatePKCECodeChallenge(verifier);
          const state = openid.randomState();
          const nonce = openid.randomNonce();
          const { href: url } = openid.buildAuthorizationUrl(configuration, {
            redirect_uri: redirectUri,
            scope,
            code_challenge: challenge,
            code_challenge_method: "S256",
            state,
            nonce,
          });
          return { url, state, transaction: JSON.stringify({ verifier, state, nonce }) };
        },
        outcome: ({ url, transaction }) => outcome({ url, ...JSON.parse(transaction) }),
      },
      "oidc-client-ts": {
        async run() {
          // It sends a nonce only if it receives one. It keeps the transaction itself.
          const { url, state } = await spa.createSigninRequest({ nonce: crypto.randomUUID() });
          const transaction = kept.getItem(`oidc.${state.id}`);
          kept.removeItem(`oidc.${state.id}`);
          return { url, state: state.id, transaction };
        },
        outcome: ({ url, transaction }) => outcome({ url, verifier: JSON.parse(transaction).code_verifier }),
      },
    };
  },
};
