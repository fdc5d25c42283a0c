// Ory Hydra from the Go module proxy, with the smallest application for login and consent.
import { createServer } from "node:http";
import { createKey } from "../../support/provider/jws.js";
import { places } from "../person.mjs";
import { freePort, goProgram, started } from "../program.mjs";
import { everyResponse } from "../steps.mjs";

const version = "2.3.0";
const secret = "a secret of the tests: 100% of it";
const audience = "https://api.example.com";
const responseTypes = [
  "code",
  "id_token",
  "id_token token",
  "code id_token",
  "code token",
  "code id_token token",
  "token",
];

/** Accepts every login and consent, without a page. */
function createConsent(admin) {
  /** The answer to each kind of request. */
  const answers = {
    login: () => ({ subject: "mara" }),
    consent: ({ requested_scope, requested_access_token_audience }) => ({
      grant_scope: requested_scope,
      grant_access_token_audience: requested_access_token_audience,
    }),
    logout: () => ({}),
  };
  return createServer(async (request, response) => {
    const { searchParams, pathname } = new URL(request.url ?? "/", admin);
    const kind = pathname.slice(1);
    const challenge = `${kind}_challenge=${searchParams.get(`${kind}_challenge`)}`;
    const at = `${admin}/admin/oauth2/auth/requests/${kind}`;
    const asked = await fetch(`${at}?${challenge}`);
    const accepted = await fetch(`${at}/accept?${challenge}`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(answers[kind](await asked.json())),
    });
    response.writeHead(302, { location: (await accepted.json()).redirect_to }).end();
  });
}

/** @param {string} folder */
export async function start(folder) {
  const program = await goProgram(folder, {
    program: "github.com/ory/hydra/v2",
    at: `v${version}`,
    // Its own module has this replacement. A replacement does not apply to modules that import it.
    replacing: { "github.com/gobuffalo/pop/v6": "github.com/ory/pop/v6@v6.2.1-0.20241121111754-e5dfc0f3344b" },
    tags: ["sqlite", "sqlite_omit_load_extension", "json1"],
  });
  const [open, inner, asking] = [await freePort(), await freePort(), await freePort()];
  const [issuer, admin, consent] = [open, inner, asking].map((port) => `http://127.0.0.1:${port}`);
  const pages = createConsent(admin);
  await new Promise((resolve) => pages.listen(asking, "127.0.0.1", () => resolve(undefined)));
  const env = {
    DSN: "memory",
    SECRETS_SYSTEM: "a secret of the tests, for a server in memory",
    SERVE_PUBLIC_PORT: `${open}`,
    SERVE_PUBLIC_HOST: "127.0.0.1",
    SERVE_ADMIN_PORT: `${inner}`,
    SERVE_ADMIN_HOST: "127.0.0.1",
    STRATEGIES_ACCESS_TOKEN: "jwt",
    URLS_SELF_ISSUER: issuer,
    URLS_LOGIN: `${consent}/login`,
    URLS_CONSENT: `${consent}/consent`,
    URLS_LOGOUT: `${consent}/logout`,
    // Disables telemetry.
    SQA_OPT_OUT: "true",
  };
  const end = await started(program, ["serve", "all", "--dev"], { folder, issuer, env }).catch((error) => {
    pages.close();
    throw error;
  });
  const { kid, jwk, privateKey: key } = await createKey("ES256");
  const register = async (id, method, more = {}) => {
    const reply = await fetch(`${admin}/admin/clients`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        client_id: id,
        client_secret: secret,
        token_endpoint_auth_method: method,
        grant_types: ["authorization_code", "implicit", "refresh_token", "client_credentials"],
        response_types: responseTypes,
        redirect_uris: [places.redirectUri],
        post_logout_redirect_uris: [places.home],
        scope: "openid offline_access read",
        audience: [audience],
        ...more,
      }),
    });
    if (!reply.ok) throw new Error(`${id}: ${await reply.text()}`);
  };
  await register("basic", "client_secret_basic");
  await register("post", "client_secret_post");
  await register("key", "private_key_jwt", {
    client_secret: undefined,
    token_endpoint_auth_signing_alg: "ES256",
    jwks: { keys: [{ ...jwk, alg: "ES256" }] },
  });
  const grant_types = ["authorization_code", "implicit", "refresh_token"];
  await register("public", "none", { client_secret: undefined, grant_types });
  return {
    name: "Ory Hydra",
    version,
    issuer,
    async close() {
      pages.close();
      await end();
    },
    clients: {
      client_secret_basic: { clientId: "basic", auth: { method: "client_secret_basic", secret } },
      client_secret_post: { clientId: "post", auth: { method: "client_secret_post", secret } },
      // Its expected audience is only its token endpoint.
      private_key_jwt: {
        clientId: "key",
        auth: { method: "private_key_jwt", key, kid, audience: "token_endpoint" },
      },
      none: { clientId: "public" },
    },
    first: "client_secret_basic",
    person: { username: "mara", password: "any" },
    params: { scope: "openid read" },
    refreshParams: { scope: "openid offline_access", prompt: "" },
    apiParams: { scope: "openid read", extra: { audience } },
    api: { audience, scope: "read" },
    machine: { scope: "read" },
    endpoints: { introspection_endpoint: `${admin}/admin/oauth2/introspect` },
    responses: everyResponse.filter((name) => name !== "none, query"),
  };
}
