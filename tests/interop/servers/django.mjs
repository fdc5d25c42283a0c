// Django OAuth Toolkit from PyPI, in one file of Django.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { places } from "../person.mjs";
import { exists, freePort, prepare, started } from "../program.mjs";
import { everyResponse } from "../steps.mjs";

const [django, version] = ["5.2.19", "3.4.1"];
const secret = "a secret of the tests: 100% of it, and long";

/** @param {string} folder */
export async function start(folder) {
  const python = join(folder, "venv/bin/python");
  if (!(await exists(python))) {
    await prepare("python3", ["-m", "venv", join(folder, "venv")]);
    const packages = [`django==${django}`, `django-oauth-toolkit==${version}`];
    await prepare(python, ["-m", "pip", "install", "-q", "--disable-pip-version-check", ...packages]);
  }
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}/o`;
  const env = { PORT: `${port}`, SECRET: secret, REDIRECT_URI: places.redirectUri, HOME_URI: places.home };
  const close = await started(python, [fileURLToPath(new URL("django_site.py", import.meta.url))], {
    folder,
    issuer,
    env,
  });
  return {
    name: "Django OAuth Toolkit",
    version,
    issuer,
    close,
    clients: {
      client_secret_basic: { clientId: "confidential", auth: { method: "client_secret_basic", secret } },
      client_secret_post: { clientId: "confidential", auth: { method: "client_secret_post", secret } },
      none: { clientId: "public" },
      hybrid: { clientId: "hybrid", auth: { method: "client_secret_basic", secret } },
      implicit: { clientId: "implicit" },
      machine: { clientId: "machine", auth: { method: "client_secret_basic", secret } },
    },
    clientFor: {
      "code id_token": "hybrid",
      "code token": "hybrid",
      "code id_token token": "hybrid",
      id_token: "implicit",
      "id_token token": "implicit",
      token: "implicit",
      "client credentials": "machine",
    },
    machine: { scope: "read" },
    first: "client_secret_basic",
    person: { username: "mara", password: "password" },
    params: { scope: "openid read" },
    endpoints: { introspection_endpoint: `${issuer}/introspect/`, revocation_endpoint: `${issuer}/revoke_token/` },
    lacks: { "verify an access token": "its access tokens are opaque" },
    // It does not support form_post, and answers in the query or the fragment instead.
    responses: everyResponse.filter((name) => !/form_post|none/.test(name)),
  };
}
