import * as oauth from "oauth4webapi";
import { generateChallenge } from "pkce-challenge";
import { codeChallenge } from "#oidc-wasm";
import { base64url } from "../provider.mjs";
import { rotate } from "../rotation.mjs";

export default {
  title: "S256 challenge of a verifier",
  includes:
    "SHA-256 and base64url of 512 verifiers in turn. The built-in function gets bytes and leaves out base64url.",

  contenders() {
    const verifiers = Array.from({ length: 512 }, () => oauth.generateRandomCodeVerifier());
    const encoder = new TextEncoder();
    const [ours, oauths, pkces] = [rotate(verifiers), rotate(verifiers), rotate(verifiers)];
    const bytes = rotate(verifiers.map((verifier) => encoder.encode(verifier)));
    const outcome = (challenge) => challenge;
    return {
      "oidc-wasm": { run: () => codeChallenge(ours()), outcome },
      oauth4webapi: { run: () => oauth.calculatePKCECodeChallenge(oauths()), outcome },
      "pkce-challenge": { run: () => generateChallenge(pkces()), outcome },
      "subtle.digest": {
        floor: true,
        run: () => crypto.subtle.digest("SHA-256", bytes()),
        outcome: (digest) => base64url(new Uint8Array(digest)),
      },
    };
  },
};
