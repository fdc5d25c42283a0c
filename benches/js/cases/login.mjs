import * as oauth from "oauth4webapi";
import * as openid from "openid-client";
import { redirectUri } from "../provider.mjs";
import start from "./start.mjs";
import { weRead } from "./token_response.mjs";

const everybody =
  "Start, redirect, token request, token response and claims. Every login is new. `fetch` answers from memory, metadata are known, the provider's part is not timed.";

const variants = {
  unsigned: {
    title: "A whole login without network, no signature",
    includes: `${everybody} Ours by its four steps and checkIdToken.`,
  },
  signed: {
    title: "A whole login without network, RS256",
    includes: `${everybody} With the signature; the key is known. Ours by callback, openid-client with enableNonRepudiationChecks.`,
  },
};

export function wholeLogin({ isSigned }) {
  return {
    ...variants[isSigned ? "signed" : "unsigned"],

    contenders(provider) {
      const signIn = isSigned ? provider.signIn : provider.signInUnsigned;
      const begin = start.contenders(provider);
      /** The provider's part, outside the timed part. */
      const between = async (begun) => ({ ...begun, ...(await signIn(begun.url)) });
      const outcome = ({ sub, email, iss }) => ({ sub, email, iss });
      const contender = (name, finish) => ({ begin: begin[name].run, between, finish, outcome });
      return {
        "oidc-wasm": contender("oidc-wasm", isSigned ? byCallback(provider) : bySteps(provider)),
        oauth4webapi: contender("oauth4webapi", byOauth4webapi(provider, isSigned)),
        "openid-client": contender("openid-client", byOpenidClient(provider, isSigned)),
      };
    },
  };
}

function byCallback({ rp, network }) {
  const net = network();
  const { fetch } = net;
  return async ({ redirect, transaction, reply }) => {
    net.answer = reply;
    const { claims } = await rp.callback(redirect, transaction, { fetch });
    return claims;
  };
}

function bySteps({ rp, network }) {
  const net = network();
  return async ({ redirect, transaction, reply }) => {
    net.answer = reply;
    const { code } = rp.authorizationResponse(redirect, transaction);
    const { url, ...init } = rp.tokenRequest({ type: "authorization_code", code, transaction });
    const response = await net.fetch(url, init);
    const { status, headers } = response;
    const { claims } = weRead(rp, { code, transaction }, { status, headers, body: await response.text() });
    return claims;
  };
}

function byOauth4webapi({ metadata, client, none, network }, isSigned) {
  const net = network();
  const sending = { [oauth.customFetch]: net.fetch };
  const keys = { [oauth.customFetch]: net.fetch, [oauth.jwksCache]: {} };
  return async ({ redirect, transaction, reply }) => {
    net.answer = reply;
    const { verifier, state, nonce } = JSON.parse(transaction);
    const params = oauth.validateAuthResponse(metadata, client, new URL(redirect), state);
    const response = await oauth.authorizationCodeGrantRequest(
      metadata,
      client,
      none,
      params,
      redirectUri,
      verifier,
      sending,
    );
    const expected = { expectedNonce: nonce, requireIdToken: true };
    const tokens = await oauth.processAuthorizationCodeResponse(metadata, client, response, expected);
    if (isSigned) await oauth.validateApplicationLevelSignature(metadata, response, keys);
    return oauth.getValidatedIdTokenClaims(tokens);
  };
}

function byOpenidClient({ configure, network }, isSigned) {
  const net = network();
  const configuration = configure(net.fetch);
  // Without this call, it does not verify the signature of an ID token from the token endpoint.
  if (isSigned) openid.enableNonRepudiationChecks(configuration);
  return async ({ redirect, transaction, reply }) => {
    net.answer = reply;
    const { verifier, state, nonce } = JSON.parse(transaction);
    const tokens = await openid.authorizationCodeGrant(configuration, new URL(redirect), {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
      idTokenExpected: true,
    });
    return tokens.claims();
  };
}
