import * as oauth from "oauth4webapi";
import { authorizationEndpoint, clientId, redirectUri, scope } from "../provider.mjs";

export default {
  title: "Start a login for several resources",
  unit: "resources",
  against: "oauth4webapi",
  sizes: [1, 3, 10, 30, 100],

  contenders({ rp }, size) {
    const resource = Array.from({ length: size }, (_, at) => `https://api-${at}.example.com/v1`);
    const outcome = (url) => new URL(url).searchParams.getAll("resource");
    return {
      "oidc-wasm": {
        run: () => rp.authorizationRequest({ scope, resource }).url,
        outcome,
        input: JSON.stringify(resource).length,
      },
      oauth4webapi: {
        async run() {
          const verifier = oauth.generateRandomCodeVerifier();
          const challenge = await oauth.calculatePKCECodeChallenge(verifier);
          const url = new URL(authorizationEndpoint);
          url.searchParams.set("client_id", clientId);
          url.searchParams.set("redirect_uri", redirectUri);
          url.searchParams.set("response_type", "code");
          url.searchParams.set("scope", scope);
          url.searchParams.set("code_challenge", challenge);
          url.searchParams.set("code_challenge_method", "S256");
          url.searchParams.set("state", oauth.generateRandomState());
          url.searchParams.set("nonce", oauth.generateRandomNonce());
          for (const one of resource) url.searchParams.append("resource", one);
          return url.href;
        },
        outcome,
      },
    };
  },
};
