import * as oauth from "oauth4webapi";
import * as openid from "openid-client";
import { redirectUri } from "../provider.mjs";
import startLogin from "./start_login.mjs";

export default {
  title: "A whole login, RS256, without network",
  goals: { oauth4webapi: { faster: 3 }, "openid-client": { faster: 3 } },

  contenders(provider) {
    const { rp, fetching, signIn, metadata, client, none, configuration } = provider;
    const start = startLogin.contenders(provider);
    /** The provider's turn, on nobody's clock. */
    const between = async (begun) => ({ ...begun, ...(await signIn(begun.url)) });
    const outcome = ({ sub, email, iss }) => ({ sub, email, iss });
    const [jwksCache, keys] = [{}, fetching("")];
    return {
      "oidc-wasm": {
        begin: start["oidc-wasm"].run,
        between,
        async finish({ redirect, transaction, reply }) {
          const { claims } = await rp.callback(redirect, transaction, { fetch: fetching(reply) });
          return claims;
        },
        outcome,
      },
      oauth4webapi: {
        begin: start.oauth4webapi.run,
        between,
        async finish({ redirect, transaction, reply }) {
          const { verifier, state, nonce } = JSON.parse(transaction);
          const params = oauth.validateAuthResponse(metadata, client, new URL(redirect), state);
          const response = await oauth.authorizationCodeGrantRequest(
            metadata,
            client,
            none,
            params,
            redirectUri,
            verifier,
            { [oauth.customFetch]: fetching(reply) },
          );
          const tokens = await oauth.processAuthorizationCodeResponse(metadata, client, response, {
            expectedNonce: nonce,
            requireIdToken: true,
          });
          await oauth.validateApplicationLevelSignature(metadata, response, {
            [oauth.customFetch]: keys,
            [oauth.jwksCache]: jwksCache,
          });
          return oauth.getValidatedIdTokenClaims(tokens);
        },
        outcome,
      },
      "openid-client": {
        begin: start["openid-client"].run,
        between,
        async finish({ redirect, transaction, reply }) {
          const { verifier, state, nonce } = JSON.parse(transaction);
          configuration[openid.customFetch] = fetching(reply);
          const tokens = await openid.authorizationCodeGrant(configuration, new URL(redirect), {
            pkceCodeVerifier: verifier,
            expectedState: state,
            expectedNonce: nonce,
            idTokenExpected: true,
          });
          return tokens.claims();
        },
        outcome,
      },
    };
  },
};
