// Dex from the Go module proxy. The proxy has no usable version of its releases, so this is the commit of one.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { places } from "../person.mjs";
import { freePort, goProgram, started } from "../program.mjs";

const [version, at] = ["2.45.1", "v0.0.0-20260303133905-11d2eeb52b42"];
const secret = "a secret of the tests: 100% of it";

const noHash = {
  code: "id_token.at_hash",
  reason: "it leaves out the `at_hash` that OpenID Connect Core §3.2.2.10 and §3.3.2.11 require",
};

/** @param {string} folder */
export async function start(folder) {
  const program = await goProgram(folder, { program: "github.com/dexidp/dex/cmd/dex", at });
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}/dex`;
  const person = { username: "mara", password: "password" };
  const client = { name: "tests", redirectURIs: [places.redirectUri] };
  const configuration = {
    issuer,
    storage: { type: "memory" },
    web: { http: `127.0.0.1:${port}` },
    oauth2: { responseTypes: ["code", "token", "id_token"] },
    connectors: [{ type: "mockPassword", id: "mock", name: "Mock", config: person }],
    staticClients: [
      { id: "confidential", secret, ...client },
      { id: "public", public: true, ...client },
    ],
  };
  const file = join(folder, "configuration.json");
  await writeFile(file, JSON.stringify(configuration));
  const close = await started(program, ["serve", file], { folder, issuer });
  return {
    name: "Dex",
    version,
    issuer,
    close,
    clients: {
      client_secret_basic: { clientId: "confidential", auth: { method: "client_secret_basic", secret } },
      client_secret_post: { clientId: "confidential", auth: { method: "client_secret_post", secret } },
      none: { clientId: "public" },
    },
    first: "client_secret_basic",
    person,
    params: { scope: "openid email" },
    refreshParams: { scope: "openid email offline_access" },
    lacks: {
      "client credentials": "it does not have this grant",
      revocation: "it has no endpoint for it",
      logout: "it has no endpoint for it",
    },
    api: { audience: "confidential" },
    faults: {
      "response: id_token token, fragment": noHash,
      "response: code id_token token, fragment": noHash,
      "verify an access token": {
        code: "access_token.typ",
        reason: "its access tokens are ID tokens by all their claims, and nothing tells them apart",
      },
    },
    responses: [
      "code, query",
      "id_token, fragment",
      "id_token token, fragment",
      "code id_token, fragment",
      "code token, fragment",
      "code id_token token, fragment",
    ],
  };
}
