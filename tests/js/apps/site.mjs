// One app and its provider on new loopback ports, with any of the libraries.
import { cp, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { build } from "esbuild";
import { listening } from "../../support/listening.mjs";
import { createTestProvider } from "../../support/provider/index.js";
import { serveProviders } from "../../support/provider/serve.mjs";
import { here, root } from "../lib.mjs";
import { project } from "../project.mjs";

/** The file of each library's app, and the package with its version. */
export const libraries = {
  "oidc-wasm": "pkg",
  "oidc-client-ts": "node_modules/oidc-client-ts",
  "react-oidc-context": "node_modules/react-oidc-context",
  "auth0-spa-js": "node_modules/@auth0/auth0-spa-js",
};
const out = join(project, "apps");

/** Bundles each app. Resolves to its lines and to the brotli bytes of its library, without the harness. */
export async function bundle() {
  await cp(join(here, "apps"), join(project, "js/apps"), { recursive: true });
  /** @type {import("esbuild").BuildOptions} */
  const options = {
    absWorkingDir: project,
    define: { "process.env.NODE_ENV": '"development"' },
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    logLevel: "error",
  };
  const from = (name) => `js/apps/libraries/${name}.js`;
  const measured = {};
  for (const name of Object.keys(libraries)) {
    const isReact = name.startsWith("react-");
    const contents = `import { run } from "./js/apps/harness.js"; import { create } from "./${from(name)}"; run(create, ${isReact});`;
    await build({
      ...options,
      stdin: { contents, resolveDir: project, sourcefile: `${name}.js` },
      entryNames: name,
      outdir: out,
    });
    const text = await readFile(join(root, "tests", from(name)), "utf8");
    const { outputFiles, metafile } = await build({
      ...options,
      entryPoints: [from(name)],
      external: ["react", "react-dom", "react-dom/client", "react/jsx-runtime"],
      define: { "process.env.NODE_ENV": '"production"' },
      minify: true,
      write: false,
      outdir: "measured",
      metafile: true,
    });
    /** The bytes of some files, with those that they import. */
    const sizeOf = (...files) => {
      for (const file of files)
        for (const { kind, path, external } of metafile.outputs[file].imports)
          if (kind === "import-statement" && !external && !files.includes(path)) files.push(path);
      const contents = files.map((file) => outputFiles.find(({ path }) => path.endsWith(`/${file}`)).contents);
      return contents.reduce((total, one) => total + brotliCompressSync(one).length, 0);
    };
    const own = `measured/${name}.js`;
    // This package loads one more part when a person signs in.
    const later = Object.keys(metafile.outputs).filter((file) =>
      metafile.outputs[file].entryPoint?.endsWith("oidc-wasm/dist/later.js"),
    );
    measured[name] = {
      lines: text.split("\n").filter((line) => line.trim() && !line.trim().startsWith("/")).length,
      bytes: sizeOf(own),
      signIn: sizeOf(own, ...later),
    };
  }
  return measured;
}

/**
 * @param {string} library
 * @param {{ isStrict?: boolean, isFull?: boolean, headers?: object }} [how]
 */
export async function startSite(library, { isStrict = false, isFull = false, headers = {} } = {}) {
  const isAuth0 = library === "auth0-spa-js";
  const served = await serveProviders(async (origin) => {
    const op = await createTestProvider({
      // Auth0's issuer and endpoints.
      issuer: isAuth0 ? `${origin}/` : origin,
      users: { alice: { name: "Alice" }, bob: { name: "Bob" } },
      now: () => Math.floor(Date.now() / 1000) + site.skipped,
    });
    const fetch = async (input, init) => {
      if (site.isOffline) throw new TypeError("offline");
      const reply = await op.fetch(String(input).replace("/oauth/token", "/token"), init);
      // auth0-spa-js sends a header of its own.
      reply.headers.set("access-control-allow-headers", "authorization, auth0-client, content-type");
      return reply;
    };
    return [{ ...op, op, fetch }];
  });
  const [{ op }] = /** @type {any[]} */ (served.providers);
  const calls = [];
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://site");
    if (pathname.startsWith("/api")) {
      calls.push(request.headers.authorization);
      const cors = { "access-control-allow-origin": "*", "access-control-allow-headers": "*, authorization" };
      return response.writeHead(200, { "content-type": "text/plain", ...cors }).end("api");
    }
    if (pathname.endsWith(".js")) {
      const text = await readFile(join(out, pathname)).catch(() => undefined);
      response.writeHead(text ? 200 : 404, { "content-type": "text/javascript" });
      return response.end(text);
    }
    const { config, skipped } = site;
    const settings = JSON.stringify({ ...config, skipped, isStrict, isFull: isFull && pathname !== "/blank" });
    const script = pathname === "/blank" ? "" : `<script type="module" src="/${library}.js"></script>`;
    response.writeHead(200, { "content-type": "text/html", ...headers });
    response.end(
      `<!doctype html><title>app</title><link rel="icon" href="data:,"><script type="application/json" id="settings">${settings}</script><body>${script}`,
    );
  });
  const { origin, close } = await listening(server);
  const site = {
    origin,
    op,
    calls,
    /** Seconds by which all clocks are ahead. */
    skipped: 0,
    isOffline: false,
    config: {
      issuer: isAuth0 ? op.issuer.slice(0, -1) : op.issuer,
      clientId: "app",
      redirectUri: `${origin}/cb`,
      scope: "openid profile",
      api: `${origin}/api/v1`,
    },
    count: (endpoint) => op.requests.filter((request) => request.endpoint === endpoint).length,
    /** Requests to the token endpoint, by their grant. */
    grants: (type) =>
      op.requests.filter(
        ({ endpoint, body }) => endpoint === "token" && new URLSearchParams(body).get("grant_type") === type,
      ).length,
    async close() {
      await close();
      await served.close();
    },
  };
  return site;
}
