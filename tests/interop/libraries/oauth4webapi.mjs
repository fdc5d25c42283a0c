// oauth4webapi, used as its documentation shows: the same logins in the same run.
import * as oauth from "oauth4webapi";
import { arrived, places } from "../person.mjs";

const { redirectUri, home } = places;
const insecure = { [oauth.allowInsecureRequests]: true };

const authentications = {
  none: () => oauth.None(),
  client_secret_basic: ({ secret }) => oauth.ClientSecretBasic(secret),
  client_secret_post: ({ secret }) => oauth.ClientSecretPost(secret),
  client_secret_jwt: ({ secret }) => oauth.ClientSecretJwt(secret),
  private_key_jwt: ({ key, kid, audience }, as) =>
    oauth.PrivateKeyJwt(
      { key, kid },
      {
        [oauth.modifyAssertion]: (_header, claims) => {
          if (audience === "token_endpoint") claims.aud = as.token_endpoint;
        },
      },
    ),
};

export const oauth4webapi = {
  name: "oauth4webapi",
  /** It reads tokens in the redirect only with `code id_token`. */
  has: (responseType) => ["code", "code id_token"].includes(responseType),
  async at(server, { clientId, auth = { method: "none" }, idTokenSignedResponseAlg }) {
    const issuer = new URL(server.issuer);
    const found = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
    const as = { ...found, ...server.endpoints };
    const client = {
      client_id: clientId,
      ...(idTokenSignedResponseAlg && { id_token_signed_response_alg: idTokenSignedResponseAlg }),
    };
    const proof = authentications[auth.method](auth, as);
    const claimsOf = async (response, tokens) => {
      const claims = oauth.getValidatedIdTokenClaims(tokens);
      if (claims && !idTokenSignedResponseAlg?.startsWith("HS"))
        await oauth.validateApplicationLevelSignature(as, response, insecure);
      return claims;
    };
    return {
      /** @param {any} person @param {any} asked */
      async login(person, { scope = "openid", responseType = "code", responseMode, prompt, resource } = {}) {
        const [verifier, state, nonce] = [
          oauth.generateRandomCodeVerifier(),
          oauth.generateRandomState(),
          oauth.generateRandomNonce(),
        ];
        const url = new URL(as.authorization_endpoint);
        const parameters = {
          client_id: clientId,
          redirect_uri: redirectUri,
          response_type: responseType,
          response_mode: responseMode,
          scope,
          state,
          nonce,
          prompt: prompt ?? (/\boffline_access\b/.test(scope) ? "consent" : undefined),
          resource,
          code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
          code_challenge_method: "S256",
        };
        for (const [name, value] of Object.entries(parameters)) if (value) url.searchParams.set(name, value);
        const back = arrived(await person.go(url.href));
        const given =
          back instanceof URLSearchParams
            ? back
            : new URLSearchParams(new URL(back).search || new URL(back).hash.slice(1));
        const parametersBack =
          responseType === "code"
            ? oauth.validateAuthResponse(as, client, given, state)
            : await oauth.validateCodeIdTokenResponse(
                as,
                client,
                back instanceof URLSearchParams
                  ? new Request(redirectUri, { method: "POST", body: back })
                  : new URL(back),
                nonce,
                state,
                undefined,
                insecure,
              );
        const response = await oauth.authorizationCodeGrantRequest(
          as,
          client,
          proof,
          parametersBack,
          redirectUri,
          verifier,
          {
            ...insecure,
            additionalParameters: resource ? { resource } : {},
          },
        );
        const expected = { expectedNonce: nonce, requireIdToken: true };
        const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, expected);
        return { tokens, claims: await claimsOf(response, tokens), verifier };
      },
      async refresh({ tokens, verifier }) {
        const additionalParameters = server.refreshWantsTransaction ? { code_verifier: verifier } : {};
        const response = await oauth.refreshTokenGrantRequest(as, client, proof, tokens.refresh_token, {
          ...insecure,
          additionalParameters,
        });
        const renewed = await oauth.processRefreshTokenResponse(as, client, response);
        await claimsOf(response, renewed);
        return { tokens: { ...tokens, ...renewed } };
      },
      async userInfo({ tokens, claims }) {
        const response = await oauth.userInfoRequest(as, client, tokens.access_token, insecure);
        return oauth.processUserInfoResponse(as, client, claims.sub, response);
      },
      /** @param {any} asked */
      async clientCredentials({ scope, resource } = {}) {
        const parameters = { ...(scope && { scope }), ...(resource && { resource }) };
        const response = await oauth.clientCredentialsGrantRequest(as, client, proof, parameters, insecure);
        return oauth.processClientCredentialsResponse(as, client, response);
      },
      async verifyAccessToken(token, { audience }) {
        const request = new Request("https://api.example.com", { headers: { authorization: `Bearer ${token}` } });
        return oauth.validateJwtAccessToken(as, request, audience, insecure);
      },
      async introspect(token) {
        const response = await oauth.introspectionRequest(as, client, proof, token, insecure);
        return oauth.processIntrospectionResponse(as, client, response);
      },
      async revoke(token) {
        await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, proof, token, insecure));
      },
      async logout(person, { tokens }) {
        const url = new URL(as.end_session_endpoint);
        url.searchParams.set("id_token_hint", tokens.id_token);
        url.searchParams.set("client_id", clientId);
        url.searchParams.set("post_logout_redirect_uri", home);
        url.searchParams.set("state", "signed-out");
        return new URL(String(arrived(await person.go(url.href)))).searchParams.get("state") === "signed-out";
      },
    };
  },
};
