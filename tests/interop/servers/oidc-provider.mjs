// oidc-provider from npm, configured as in the demo and the tests.
import { readFile } from "node:fs/promises";
import { startProvider } from "../../../www/provider/index.mjs";
import { createClients } from "../../js/clients.mjs";
import { places } from "../person.mjs";
import { everyResponse } from "../steps.mjs";

const resource = "https://api.example.com";
/** oidc-provider's client names for the names of this test. */
const names = { ES256: "private_key_jwt" };

export async function start() {
  const all = await createClients({
    redirect_uris: [places.redirectUri],
    post_logout_redirect_uris: [places.home],
    grant_types: ["authorization_code", "implicit", "refresh_token", "client_credentials"],
    response_types: [
      "code",
      "id_token",
      "id_token token",
      "code id_token",
      "code token",
      "code id_token token",
      "none",
    ],
  });
  const kinds = ["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt ES256", "none"];
  const wanted = all.filter(({ name }) => kinds.includes(name));
  for (const { name, registered } of wanted)
    if (name === "none")
      registered.grant_types = registered.grant_types.filter((type) => type !== "client_credentials");
  const { issuer, close } = await startProvider({ clients: wanted.map(({ registered }) => registered) });
  const { version } = JSON.parse(
    await readFile(new URL("../../../node_modules/oidc-provider/package.json", import.meta.url), "utf8"),
  );
  return {
    name: "oidc-provider",
    version,
    issuer,
    close,
    clients: Object.fromEntries(wanted.map(({ name, config }) => [names[name.split(" ")[1]] ?? name, config])),
    first: "client_secret_basic",
    person: { username: "mara", password: "any" },
    params: { scope: "openid email" },
    refreshParams: { scope: "openid offline_access" },
    apiParams: { scope: "openid read", resource },
    api: { audience: resource, scope: "read" },
    machine: { scope: "read", resource },
    responses: everyResponse.filter((name) => !name.startsWith("token, ")),
  };
}
