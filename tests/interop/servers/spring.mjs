// Spring Authorization Server from Maven Central, in Spring Boot's configuration.
import { createServer } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createKey } from "../../support/provider/jws.js";
import { places } from "../person.mjs";
import { exists, freePort, prepare, started } from "../program.mjs";

/** The version of Spring Boot. It decides the server's version. */
const version = "4.0.7";
/** Each client needs a different secret. */
const secretOf = (clientId) => `a secret of the tests: 100% of it, for ${clientId}`;

/** @param {string} folder */
export async function start(folder) {
  const jar = join(folder, "build/server.jar");
  if (!(await exists(jar))) {
    const cwd = fileURLToPath(new URL("spring-server", import.meta.url));
    await prepare("mvn", ["-q", "package", `-Dbuild.folder=${join(folder, "build")}`], { cwd });
  }
  const client = (clientId, method, more = {}) => ({
    registration: {
      "client-id": clientId,
      "client-secret": `{noop}${secretOf(clientId)}`,
      "client-authentication-methods": [method],
      "authorization-grant-types": ["authorization_code", "refresh_token", "client_credentials"],
      "redirect-uris": [places.redirectUri],
      "post-logout-redirect-uris": [places.home],
      scopes: ["openid", "profile", "read"],
      ...more,
    },
  });
  const clients = {
    basic: client("basic", "client_secret_basic"),
    post: client("post", "client_secret_post"),
    // The key of the assertions is the unchanged secret.
    jwt: {
      ...client("jwt", "client_secret_jwt", { "client-secret": secretOf("jwt") }),
      "token-endpoint-authentication-signing-algorithm": "HS256",
    },
    key: {
      ...client("key", "private_key_jwt", { "client-secret": undefined }),
      "token-endpoint-authentication-signing-algorithm": "ES256",
      "jwk-set-uri": `http://127.0.0.1:${await freePort()}/`,
    },
    public: client("public", "none", {
      "client-secret": undefined,
      "authorization-grant-types": ["authorization_code"],
    }),
  };
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const configuration = {
    server: { port, address: "127.0.0.1" },
    spring: {
      security: { user: { name: "mara", password: "password" }, oauth2: { authorizationserver: { client: clients } } },
    },
  };
  const { kid, jwk, privateKey: key } = await createKey("ES256");
  // It fetches a client's keys, and does not accept them in its configuration.
  const published = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ keys: [{ ...jwk, alg: "ES256" }] }));
  }).listen(Number(new URL(clients.key["jwk-set-uri"]).port), "127.0.0.1");
  const env = { SPRING_APPLICATION_JSON: JSON.stringify(configuration) };
  const end = await started("java", ["-jar", jar], { folder, issuer, env }).catch((error) => {
    published.close();
    throw error;
  });
  const party = (clientId, method) => ({ clientId, auth: { method, secret: secretOf(clientId) } });
  return {
    name: "Spring Authorization Server, Spring Boot",
    version,
    issuer,
    async close() {
      published.close();
      await end();
    },
    clients: {
      client_secret_basic: party("basic", "client_secret_basic"),
      client_secret_post: party("post", "client_secret_post"),
      client_secret_jwt: party("jwt", "client_secret_jwt"),
      private_key_jwt: { clientId: "key", auth: { method: "private_key_jwt", key, kid } },
      none: { clientId: "public" },
    },
    first: "client_secret_basic",
    person: { username: "mara", password: "password" },
    params: { scope: "openid profile read" },
    api: { audience: "basic", scope: "read" },
    machine: { scope: "read" },
    responses: ["code, query"],
  };
}
