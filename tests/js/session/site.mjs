// A single-page app and its provider, on loopback ports of their own: so each scenario has an origin that nobody has been at.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { build } from "esbuild";
import { listening } from "../../support/listening.mjs";
import { createTestProvider } from "../../support/provider/index.js";
import { serveProviders } from "../../support/provider/serve.mjs";
import { project } from "../project.mjs";

const out = join(project, "session");

/** Bundles the app as any would be. */
export async function bundle() {
  await build({
    absWorkingDir: project,
    entryPoints: ["js/session/page.js"],
    bundle: true,
    splitting: true,
    format: "esm",
    outdir: out,
    logLevel: "error",
  });
}

/**
 * @param {object} [options]
 * @param {object | ((site: any) => object)} [options.auth] more options of createAuth
 * @param {object} [options.provider] options of the test provider
 * @param {object} [options.headers] of every page
 */
export async function startSite({ auth = {}, provider = {}, headers = {} } = {}) {
  const users = { alice: { name: "Alice" }, bob: { name: "Bob" } };
  const served = await serveProviders(async (origin) => {
    const op = await createTestProvider({ issuer: origin, users, ...provider });
    const fetch = (input, init) => (site.isOffline ? Promise.reject(new TypeError("offline")) : op.fetch(input, init));
    return [{ ...op, op, fetch }];
  });
  const [{ op }] = /** @type {any[]} */ (served.providers);
  /** What the API was asked, and what it answers instead of 200. */
  const calls = [];
  const api = { calls, refuse: undefined };
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://site");
    if (pathname.startsWith("/api")) {
      const authorization = request.headers.authorization;
      let body = "";
      for await (const chunk of request) body += chunk;
      calls.push({ path: request.url, authorization, body });
      const refusal = api.refuse?.(request, authorization);
      response.writeHead(refusal?.status ?? 200, { "content-type": "text/plain", ...refusal?.headers });
      return response.end("api");
    }
    if (pathname.endsWith(".js")) {
      const text = await readFile(join(out, pathname)).catch(() => undefined);
      response.writeHead(text ? 200 : 404, { "content-type": "text/javascript" });
      return response.end(text);
    }
    const settings = {
      isPrepared: pathname !== "/blank",
      auth: { ...site.config, ...(typeof auth === "function" ? auth(site) : auth) },
    };
    response.writeHead(200, { "content-type": "text/html", ...headers });
    response.end(
      `<!doctype html><title>app</title><link rel="icon" href="data:,"><script type="application/json" id="settings">${JSON.stringify(settings)}</script><body><script type="module" src="/page.js"></script>`,
    );
  });
  const { origin, close } = await listening(server);
  const site = {
    origin,
    op,
    /** Nothing reaches the provider. */
    isOffline: false,
    api,
    config: { issuer: op.issuer, clientId: "app", redirectUri: `${origin}/cb`, scope: "openid profile" },
    /** Requests to the token endpoint, by their grant. */
    grants: () =>
      op.requests
        .filter(({ endpoint }) => endpoint === "token")
        .map(({ body }) => new URLSearchParams(body).get("grant_type")),
    refreshes: () => site.grants().filter((grant) => grant === "refresh_token").length,
    async close() {
      await close();
      await served.close();
    },
  };
  return site;
}
