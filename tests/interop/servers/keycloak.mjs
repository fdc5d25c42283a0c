// Keycloak from Maven Central, in development mode, with one realm.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createKey } from "../../support/provider/jws.js";
import { places } from "../person.mjs";
import { freePort, started, unpacked } from "../program.mjs";
import { everyResponse } from "../steps.mjs";

const version = "26.7.3";
const secret = "a secret of the tests: 100% of it";
const api = "https://api.example.com";

const audience = (name, included) => ({
  name: `audience ${name}`,
  protocol: "openid-connect",
  protocolMapper: "oidc-audience-mapper",
  config: { ...included, "access.token.claim": "true", "introspection.token.claim": "true" },
});

/** @param {string} folder */
export async function start(folder) {
  const home = await unpacked(folder, ["org.keycloak", "keycloak-quarkus-dist", version], `keycloak-${version}`);
  const { kid, jwk, privateKey: key } = await createKey("ES256");
  const client = (clientId, more) => ({
    clientId,
    secret,
    redirectUris: [places.redirectUri],
    standardFlowEnabled: true,
    implicitFlowEnabled: true,
    serviceAccountsEnabled: !more.publicClient,
    protocolMappers: [
      audience("of the API", { "included.custom.audience": api }),
      // Keycloak answers `active: false` for a client's own token unless the client is one of its audiences.
      audience("of the client", { "included.client.audience": clientId }),
    ],
    ...more,
    attributes: { "post.logout.redirect.uris": places.home, ...more.attributes },
  });
  const realm = {
    realm: "tests",
    enabled: true,
    users: [
      {
        username: "mara",
        email: "mara@example.com",
        emailVerified: true,
        firstName: "Mara",
        lastName: "Lindqvist",
        enabled: true,
        credentials: [{ type: "password", value: "password", temporary: false }],
      },
    ],
    clients: [
      client("basic", { clientAuthenticatorType: "client-secret" }),
      client("jwt", {
        clientAuthenticatorType: "client-secret-jwt",
        attributes: { "token.endpoint.auth.signing.alg": "HS256" },
      }),
      client("key", {
        clientAuthenticatorType: "client-jwt",
        attributes: {
          "use.jwks.string": "true",
          "jwks.string": JSON.stringify({ keys: [{ ...jwk, alg: "ES256" }] }),
          "token.endpoint.auth.signing.alg": "ES256",
        },
      }),
      client("public", { publicClient: true }),
    ],
  };
  // Keycloak does not import a realm that exists, and its clients would have old keys.
  await rm(join(home, "data/h2"), { recursive: true, force: true });
  await mkdir(join(home, "data/import"), { recursive: true });
  await writeFile(join(home, "data/import/tests.json"), JSON.stringify(realm));
  const [port, management] = [await freePort(), await freePort()];
  const issuer = `http://127.0.0.1:${port}/realms/tests`;
  const options = [
    `--http-port=${port}`,
    `--http-management-port=${management}`,
    "--http-host=127.0.0.1",
    "--import-realm",
  ];
  const close = await started(join(home, "bin/kc.sh"), ["start-dev", ...options], { folder, issuer });
  return {
    name: "Keycloak",
    version,
    issuer,
    close,
    clients: {
      client_secret_basic: { clientId: "basic", auth: { method: "client_secret_basic", secret } },
      client_secret_post: { clientId: "basic", auth: { method: "client_secret_post", secret } },
      client_secret_jwt: { clientId: "jwt", auth: { method: "client_secret_jwt", secret } },
      private_key_jwt: { clientId: "key", auth: { method: "private_key_jwt", key, kid } },
      none: { clientId: "public" },
    },
    first: "client_secret_basic",
    person: { username: "mara", password: "password" },
    params: { scope: "openid email" },
    api: { audience: api },
    responses: everyResponse,
  };
}
