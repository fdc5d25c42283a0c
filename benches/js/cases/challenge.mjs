import * as oauth from "oauth4webapi";
import { generateChallenge } from "pkce-challenge";
import { codeChallenge } from "#oidc-wasm";

export default {
  title: "S256 challenge of a verifier",
  goals: { oauth4webapi: { faster: 10 } },

  contenders() {
    const verifier = oauth.generateRandomCodeVerifier();
    const bytes = new TextEncoder().encode(verifier);
    const outcome = (challenge) => challenge;
    return {
      "oidc-wasm": { run: () => codeChallenge(verifier), outcome },
      oauth4webapi: { run: () => oauth.calculatePKCECodeChallenge(verifier), outcome },
      "pkce-challenge": { run: () => generateChallenge(verifier), outcome },
      "subtle.digest": {
        floor: true,
        run: () => crypto.subtle.digest("SHA-256", bytes),
        outcome: (digest) =>
          btoa(String.fromCharCode(...new Uint8Array(digest)))
            .replaceAll("+", "-")
            .replaceAll("/", "_")
            .replaceAll("=", ""),
      },
    };
  },
};
