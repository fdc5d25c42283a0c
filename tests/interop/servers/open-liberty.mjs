// Open Liberty from Maven Central, with its own provider.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { places } from "../person.mjs";
import { freePort, started, unpacked } from "../program.mjs";
import { everyResponse } from "../steps.mjs";

const version = "26.0.0.3";
// Only unreserved characters: oauth4webapi cannot send Basic credentials without encoding.
const secret = "a-secret-of-the-tests-that-is-long-enough";

const api = "https://api.example.com";

const configuration = (port, secure) => `<server>
  <featureManager>
    <feature>openidConnectServer-1.0</feature>
    <feature>transportSecurity-1.0</feature>
    <feature>appSecurity-3.0</feature>
  </featureManager>
  <httpEndpoint id="defaultHttpEndpoint" host="127.0.0.1" httpPort="${port}" httpsPort="${secure}"/>
  <keyStore id="defaultKeyStore" password="password"/>
  <basicRegistry><user name="mara" password="password"/></basicRegistry>
  <oauth-roles><authenticated><user name="mara"/></authenticated></oauth-roles>
  <openidConnectProvider id="OP" oauthProviderRef="OAuth"/>
  <openidConnectProvider id="RS256" oauthProviderRef="JWT" signatureAlgorithm="RS256" keyStoreRef="defaultKeyStore"/>
  <oauthProvider id="OAuth" httpsRequired="false" autoAuthorize="true">
    <autoAuthorizeClient>app</autoAuthorizeClient>
    <localStore>
      <client name="app" secret="${secret}" redirect="${places.redirectUri}" scope="openid email read"
        introspectTokens="true" postLogoutRedirectUris="${places.home}" resourceIds="${api}">
        <grantType>authorization_code</grantType><grantType>refresh_token</grantType>
        <grantType>client_credentials</grantType><grantType>implicit</grantType>
        <responseType>code</responseType><responseType>id_token token</responseType><responseType>token</responseType>
      </client>
    </localStore>
  </oauthProvider>
  <oauthProvider id="JWT" httpsRequired="false" autoAuthorize="true" jwtAccessToken="true"
    allowPublicClients="true">
    <autoAuthorizeClient>app</autoAuthorizeClient>
    <autoAuthorizeClient>public</autoAuthorizeClient>
    <localStore>
      <client name="app" secret="${secret}" redirect="${places.redirectUri}" scope="openid email read" resourceIds="${api}">
        <grantType>authorization_code</grantType>
        <responseType>code</responseType>
      </client>
      <client name="public" redirect="${places.redirectUri}" scope="openid email" publicClient="true"/>
    </localStore>
  </oauthProvider>
</server>
`;

/** @param {string} folder */
export async function start(folder) {
  const home = await unpacked(folder, ["io.openliberty", "openliberty-runtime", version], "wlp");
  const [port, secure] = [await freePort(), await freePort()];
  const users = join(folder, "usr");
  await mkdir(join(users, "servers/tests"), { recursive: true });
  await writeFile(join(users, "servers/tests/server.xml"), configuration(port, secure));
  const issuer = `https://127.0.0.1:${secure}/oidc/endpoint/OP`;
  const asymmetric = `https://127.0.0.1:${secure}/oidc/endpoint/RS256`;
  const env = { WLP_USER_DIR: users };
  // Its pages are https only, with a new self-signed certificate. Only this server receives requests meanwhile.
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
  const end = await started(join(home, "bin/server"), ["run", "tests"], { folder, issuer, env }).catch((error) => {
    delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    throw error;
  });
  const hmac = { idTokenSignedResponseAlg: "HS256" };
  return {
    name: "Open Liberty",
    version,
    issuer,
    async close() {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      await end();
    },
    clients: {
      client_secret_basic: { clientId: "app", auth: { method: "client_secret_basic", secret }, ...hmac },
      client_secret_post: { clientId: "app", auth: { method: "client_secret_post", secret }, ...hmac },
      none: { clientId: "public", issuer: asymmetric },
      jwt: { clientId: "app", auth: { method: "client_secret_post", secret }, issuer: asymmetric },
    },
    clientFor: { "verify an access token": "jwt" },
    api: { audience: api },
    // Liberty does not accept oauth4webapi's Basic credentials.
    first: "client_secret_post",
    person: { username: "mara", password: "password" },
    params: { scope: "openid email" },
    machine: { scope: "read" },
    refreshWantsTransaction: true,
    responses: everyResponse.filter((name) => /^(code, (query|form_post)|(id_token )?token, .*)$/.test(name)),
  };
}
