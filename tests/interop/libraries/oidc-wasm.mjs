// This package, installed from the tarball.
import { load } from "../../js/project.mjs";
import { arrived, places } from "../person.mjs";

const { redirectUri, home } = places;

export async function oidcWasm() {
  const { RelyingParty } = await load();
  return {
    name: "oidc-wasm",
    has: () => true,
    /** @param {any} server @param {any} client */
    async at(server, client) {
      const discovered = await RelyingParty.discover(server.issuer, { redirectUri, ...client });
      const rp = server.endpoints
        ? new RelyingParty({ ...discovered.provider, ...server.endpoints }, { redirectUri, ...client })
        : discovered;
      return {
        async login(person, params) {
          const { url, transaction } = rp.authorizationRequest(params);
          const { tokens, claims } = await rp.callback(arrived(await person.go(url)), transaction);
          return { tokens, claims, transaction };
        },
        refresh: async ({ tokens, claims, transaction }) =>
          rp.refresh(tokens.refresh_token, {
            previous: claims,
            ...(server.refreshWantsTransaction && { transaction }),
          }),
        userInfo: ({ tokens, claims }) => rp.userInfo(tokens.access_token, claims.sub),
        clientCredentials: (params) => rp.grant({ type: "client_credentials", ...params }),
        verifyAccessToken: (token, expected) => rp.verifyAccessToken(token, expected),
        introspect: (token) => rp.introspect(token),
        revoke: (token) => rp.revoke(token),
        async logout(person, { tokens }) {
          const state = "signed-out";
          const url = rp.endSessionUrl({ idTokenHint: tokens.id_token, postLogoutRedirectUri: home, state });
          return rp.endSessionReturned(arrived(await person.go(url)), state);
        },
      };
    },
  };
}
