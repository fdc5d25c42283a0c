// Messages of real providers, as canned messages and as whole logins: with the package's defaults, or with the settings
// of the provider's page in docs/providers.
import { oidcWasm } from "../../interop/libraries/oidc-wasm.mjs";
import { start } from "../../interop/servers/oidc-provider.mjs";
import { everyResponse, tryServer } from "../../interop/steps.mjs";
import { createChecks, readVectors, same } from "../lib.mjs";
import { load } from "../project.mjs";
import { fakeFetch } from "../suite/fake.js";
import { lines } from "./lines.mjs";
import { pages } from "./pages.mjs";

const issuer = "https://op.example/";

/** @typedef {Awaited<ReturnType<typeof tools>>} Tools */
async function tools() {
  const { refused, RelyingParty } = await load();
  const metadata = {
    issuer,
    authorization_endpoint: `${issuer}authorize`,
    token_endpoint: `${issuer}token`,
    jwks_uri: `${issuer}jwks`,
  };
  return {
    RelyingParty,
    issuer,
    same,
    refused,
    party: (client = {}, provider = {}) =>
      new RelyingParty(
        { ...metadata, ...provider },
        { clientId: "app", redirectUri: "https://app.example/cb", ...client },
      ),
    /** A fetch that answers by the last part of the URL, and records the requests. */
    canned: (replies) => fakeFetch((url) => replies[url.slice(issuer.length)]),
    claims() {
      const iat = Math.floor(Date.now() / 1000);
      return { iss: issuer, sub: "mara", aud: "app", iat, exp: iat + 300 };
    },
  };
}

export async function providers() {
  const { check, results } = createChecks("providers");
  const given = await tools();

  // ── the messages ──

  const files = await readVectors();
  for (const { seen, vectors, messages = {} } of lines) {
    await check(`${seen}: its vectors`, () => {
      if (!Object.keys({ ...vectors, ...messages }).length) throw new Error("no message at all");
      for (const [name, verdict] of Object.entries(vectors)) {
        const [file, ...title] = name.split("/");
        const found = files[`${file}.json`].cases.find((one) => one.name === title.join("/"));
        same(found && (found.expect.error?.code ?? "ok"), verdict, name);
      }
    });
    for (const [name, run] of Object.entries(messages)) await check(`${seen}: ${name}`, () => run(given));
  }

  // ── the logins ──

  await pages({ check, ...given });

  // ── a real server ──

  const server = await start();
  const offered = new Set(server.responses.map((name) => `response: ${name}`));
  for (const { step, results } of await tryServer(server, [await oidcWasm()]))
    if (offered.has(step) || !step.startsWith("response: "))
      await check(`${server.name} ${server.version}, ${step}`, () => same(results["oidc-wasm"], "yes", step));
  await check(`${server.name}: every response type that its metadata list is tried, in every mode`, async () => {
    const metadata = await (await fetch(`${server.issuer}/.well-known/openid-configuration`)).json();
    const listed = everyResponse.filter((name) => metadata.response_types_supported.includes(name.split(",")[0]));
    same(server.responses, listed, "responses");
  });
  await server.close();

  return results;
}
