// The example server of ZITADEL's library, from the Go module proxy.
import { join } from "node:path";
import { places } from "../person.mjs";
import { exists, freePort, prepare, started } from "../program.mjs";

const version = "3.52.0";

/** @param {string} folder */
export async function start(folder) {
  const program = join(folder, "server");
  if (!(await exists(program)))
    await prepare("go", ["install", `github.com/zitadel/oidc/v3/example/server@v${version}`], {
      env: { ...process.env, GOBIN: folder },
    });
  const port = await freePort();
  const issuer = `http://localhost:${port}/`;
  const env = { PORT: `${port}`, REDIRECT_URI: places.redirectUri };
  const close = await started(program, [], { folder, issuer, env });
  return {
    name: "zitadel/oidc",
    version,
    issuer,
    close,
    clients: {
      client_secret_basic: { clientId: "web", auth: { method: "client_secret_basic", secret: "secret" } },
      none: { clientId: "native" },
    },
    first: "client_secret_basic",
    person: { username: "test-user@localhost", password: "verysecure" },
    params: { scope: "openid email" },
    refreshParams: { scope: "openid offline_access" },
    lacks: {
      "client credentials": "the example's web client does not have this grant",
      "verify an access token": "the example's access tokens are opaque",
      logout: "the example's clients have no address to come back to",
    },
    responses: ["code, query", "code, form_post", "id_token, fragment", "id_token token, fragment"],
  };
}
