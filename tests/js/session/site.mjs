// A single-page app and its provider on new loopback ports, so each scenario has an unused origin.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { startProvider } from "../../../www/provider/index.mjs";
import { listening } from "../../support/listening.mjs";
import { serveProviders } from "../../support/provider/serve.mjs";
import { root } from "../lib.mjs";
import { project } from "../project.mjs";
import { createProvider } from "../suite/edge/provider.js";

const out = join(project, "session");

/** The documentation's code at this provider, as a script of the same name. */
async function documented(name, file, sign) {
  const text = await readFile(join(root, file), "utf8");
  const found = [...text.matchAll(/^```js\n(.*?)^```$/gms)].find(([, code]) => code.includes(sign));
  if (!found) throw new Error(`${file} has no block with ${sign}`);
  const folder = join(project, "js/session/documented");
  await mkdir(folder, { recursive: true });
  const code = found[1].replaceAll('"https://op.example"', "globalThis.app.settings.auth.issuer");
  await writeFile(join(folder, `${name}.js`), code);
  // The same as a function, for a page that runs it in an effect.
  const imports = /^import .*$/gm;
  const body = code.replace(imports, "").replaceAll("export const", "const");
  if (name === "readme")
    await writeFile(
      join(folder, "effect.js"),
      `${code.match(imports).join("\n")}\nexport default async () => {${body}};\n`,
    );
}

/** Bundles the app like any web page. */
export async function bundle() {
  await documented("readme", "README.md", '"oidc-wasm/browser"');
  await documented("vue", "docs/spa.md", 'from "vue"');
  await documented("svelte", "docs/spa.md", 'from "svelte/store"');
  /** @type {import("esbuild").BuildOptions} */
  const options = {
    absWorkingDir: project,
    // Vue and Svelte read NODE_ENV.
    define: { "process.env.NODE_ENV": '"development"' },
    bundle: true,
    format: "esm",
    logLevel: "error",
  };
  const entryPoints = ["page", "react", "concurrent", "readme", "effect", "vue", "svelte", "worker"].map(
    (name) => `js/session/${name}.js`,
  );
  await build({ ...options, entryPoints, splitting: true, outdir: out });
  await build({ ...options, entryPoints: ["js/session/page.js"], outfile: join(out, "single.js") });
}

/**
 * @param {object} [options]
 * @param {object | ((site: any) => object)} [options.auth] more options of createAuth
 * @param {object} [options.provider] options of the test provider
 * @param {object} [options.headers] of every page
 * @param {string} [options.script] the page's script
 * @param {{ rendered?: boolean, isByHand?: boolean }} [options.page] settings of that script
 * @param {boolean} [options.isReal] npm's oidc-provider instead of the test provider
 */
export async function startSite({
  auth = {},
  provider = {},
  headers = {},
  script = "page",
  page = {},
  isReal = false,
} = {}) {
  const users = { alice: { name: "Alice" }, bob: { name: "Bob" } };
  const served = await serveProviders(async (origin) => {
    const op = await createProvider({ issuer: origin, users, ...provider });
    const fetch = (input, init) => (site.isOffline ? Promise.reject(new TypeError("offline")) : op.fetch(input, init));
    return [{ ...op, op, fetch }];
  });
  const [{ op }] = /** @type {any[]} */ (served.providers);
  /** The API's requests, and its answer instead of 200. */
  const calls = [];
  const api = { calls, refuse: undefined };
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://site");
    if (pathname.startsWith("/api")) {
      const { authorization, dpop: proof } = request.headers;
      let body = "";
      for await (const chunk of request) body += chunk;
      calls.push({ path: request.url, authorization, proof, body, headers: request.headers });
      const refusal = await api.refuse?.(request, authorization);
      response.writeHead(refusal?.status ?? 200, { "content-type": "text/plain", ...refusal?.headers });
      if (refusal?.isEndless) return response.write("api");
      // RFC 9110 §15.3.6: without content. Node would send it, and WebKit reads it.
      return response.end(Number(refusal?.status) === 205 ? "" : "api");
    }
    if (site.addsSlash && pathname === "/cb")
      return response.writeHead(301, { location: request.url.replace("/cb", "/cb/") }).end();
    if (pathname === "/problem") {
      let problem = "";
      for await (const chunk of request) problem += chunk;
      site.problems.push(problem);
      return response.writeHead(204).end();
    }
    if (pathname.endsWith(".js")) {
      const isLost = site.lost.some((name) => pathname === `/${name}.js` || pathname.startsWith(`/${name}-`));
      const text = isLost ? undefined : await readFile(join(out, pathname)).catch(() => undefined);
      response.writeHead(text ? 200 : 404, { "content-type": "text/javascript" });
      if (pathname === "/worker.js") {
        // A module evaluates imports first, so the settings are a separate module.
        const config = { ...site.config, apis: { [`${site.origin}/api/v1`]: {} }, ...site.ofWorker };
        return response.end(
          `import "data:text/javascript,globalThis.settings=${encodeURIComponent(JSON.stringify(config))}";${text}`,
        );
      }
      return response.end(text);
    }
    /** @type {any} */
    const settings = {
      ...page,
      isPrepared: ["page", "single"].includes(script) && pathname !== "/blank",
      auth: { ...site.config, ...(typeof auth === "function" ? auth(site) : auth) },
    };
    if (page.rendered) {
      const { rendered } = await import(pathToFileURL(join(project, "js/session/server.mjs")).href);
      site.rendered = await rendered(settings.auth);
      settings.rendered = site.rendered.html;
    }
    response.writeHead(200, { "content-type": "text/html", ...headers });
    response.end(
      `<!doctype html><title>app</title><link rel="icon" href="data:,"><script type="application/json" id="settings">${JSON.stringify(settings)}</script><body><script type="module" src="/${pathname === "/blank" ? "page" : script}.js"></script>`,
    );
  });
  const { origin, close } = await listening(server);
  const site = {
    origin,
    op,
    rendered: undefined,
    /** npm's oidc-provider, if the site uses it. @type {any} */
    real: undefined,
    /** True blocks every request to the provider. */
    isOffline: false,
    /** True redirects the redirect address to one with a slash, as some static hosts do. */
    addsSlash: false,
    /** Parts of the package that do not load. @type {string[]} */
    lost: [],
    api,
    /** Further options of the worker. */
    ofWorker: {},
    /** Unhandled rejections and errors in any page, frame or popup of the application. @type {string[]} */
    problems: [],
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
      await real?.close();
    },
  };
  const client = { client_id: "app", token_endpoint_auth_method: "none", redirect_uris: [`${origin}/cb`] };
  const real = isReal
    ? await startProvider({ clients: [client], settings: { rotateRefreshToken: () => true } })
    : undefined;
  if (real) {
    const grants = [];
    for (const event of ["grant.success", "grant.error"])
      real.provider.on(event, ({ oidc }) => grants.push(oidc.params.grant_type));
    site.config.issuer = real.issuer;
    site.real = real.provider;
    site.grants = () => grants;
  }
  return site;
}
