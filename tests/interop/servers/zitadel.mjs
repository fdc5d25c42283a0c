// A server made with ZITADEL's library, from the Go module proxy.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createKey } from "../../support/provider/jws.js";
import { places } from "../person.mjs";
import { exists, freePort, prepare, started } from "../program.mjs";
import { everyResponse } from "../steps.mjs";

const version = "3.52.0";
const secret = "a secret of the tests: 100% of it";

/** @param {string} folder */
export async function start(folder) {
  const program = join(folder, `server-${version}`);
  if (!(await exists(program)))
    await prepare("go", ["build", "-o", program, "."], {
      cwd: fileURLToPath(new URL("zitadel-server", import.meta.url)),
    });
  const port = await freePort();
  const issuer = `http://localhost:${port}/`;
  const { kid, jwk, privateKey: key } = await createKey("RS256");
  const env = {
    PORT: `${port}`,
    SECRET: secret,
    KEY: JSON.stringify({ ...jwk, alg: "RS256" }),
    REDIRECT_URI: places.redirectUri,
    HOME_URI: places.home,
  };
  const close = await started(program, [], { folder, issuer, env });
  const basic = (clientId, password = secret) => ({
    clientId,
    auth: { method: "client_secret_basic", secret: password },
  });
  return {
    name: "zitadel/oidc",
    version,
    issuer,
    close,
    clients: {
      client_secret_basic: basic("basic"),
      client_secret_post: { clientId: "post", auth: { method: "client_secret_post", secret } },
      private_key_jwt: { clientId: "key", auth: { method: "private_key_jwt", key, kid } },
      none: { clientId: "public" },
      jwt: basic("jwt"),
      // A client of the library's example.
      machine: basic("sid1", "verysecret"),
    },
    first: "client_secret_basic",
    clientFor: { "client credentials": "machine", "verify an access token": "jwt" },
    person: { username: "test-user@localhost", password: "verysecure" },
    params: { scope: "openid email" },
    refreshParams: { scope: "openid offline_access" },
    api: { audience: "jwt" },
    responses: everyResponse.filter((name) => /^(code|id_token|id_token token), /.test(name)),
  };
}
