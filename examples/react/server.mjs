/**
 * For development in this repository: the app, an OpenID Provider and two APIs, on loopback.
 * `node examples/react/server.mjs [port]`, or `startExample()` from a test.
 */
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { createServer as createVite } from "vite";
import { startProvider } from "../../www/provider/index.mjs";

const host = "127.0.0.1";
const here = fileURLToPath(new URL(".", import.meta.url));
/** The output of `cargo xtask pack`. The name `oidc-wasm` stands for it. */
const packed = new URL("../../target/npm/package/", import.meta.url);

export async function startExample({ port = 0 } = {}) {
  const free = port || (await freePort());
  const origin = `http://${host}:${free}`;
  const apis = [createServer(), createServer()];
  for (const api of apis) await listen(api);
  const [orders, stock] = apis.map(originOf);
  const client = {
    client_id: "react-example",
    client_name: "The React example",
    token_endpoint_auth_method: "none",
    redirect_uris: [`${origin}/cb`],
    post_logout_redirect_uris: [`${origin}/`],
  };
  const provider = await startProvider({ clients: [client], resources: { [orders]: "read", [stock]: "read" } });
  serveApi(apis[0], {
    issuer: provider.issuer,
    audience: orders,
    origin,
    text: (who) => `${who} has ordered 12 lamps.`,
  });
  serveApi(apis[1], { issuer: provider.issuer, audience: stock, origin, text: () => "There are 80 lamps." });
  process.env.VITE_ISSUER = provider.issuer;
  process.env.VITE_APIS = `${orders} ${stock}`;
  const vite = await createVite({
    root: here,
    logLevel: "error",
    cacheDir: fileURLToPath(new URL("../../target/vite-react", import.meta.url)),
    server: { host, port: free, strictPort: true, fs: { strict: false } },
    resolve: { alias },
  });
  await vite.listen();
  return {
    url: `${origin}/`,
    async close() {
      for (const api of apis) api.close();
      await Promise.all([vite.close(), provider.close()]);
    },
  };
}

/** The package's names, as for an installed package. */
const alias = ["browser", "react", ""].map((entry) => ({
  find: new RegExp(`^oidc-wasm${entry && `/${entry}`}$`),
  replacement: fileURLToPath(new URL(`dist/${entry || "index"}.js`, packed)),
}));

/** An API: it accepts its own tokens, and allows requests of the app's pages. */
function serveApi(api, { issuer, audience, origin, text }) {
  const guard = import(new URL("dist/edge.js", packed).href).then(({ createGuard }) =>
    createGuard({ issuer, audience, scope: "read" }),
  );
  const cors = { "access-control-allow-origin": origin, "access-control-allow-headers": "authorization" };
  api.on("request", async ({ method, headers }, response) => {
    const send = (status, body = "", more = {}) => response.writeHead(status, { ...cors, ...more }).end(body);
    if (method === "OPTIONS") return send(204);
    const { authorization = "" } = headers;
    const seen = await (await guard)(new Request(audience, { headers: { authorization } }));
    if (seen instanceof Response) return send(seen.status, await seen.text(), Object.fromEntries(seen.headers));
    send(200, text(seen.claims.sub));
  });
}

const originOf = (server) => `http://${host}:${server.address().port}`;
const listen = (server) => new Promise((done) => server.listen(0, host, done));

async function freePort() {
  const server = createServer();
  await listen(server);
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  await new Promise((done) => server.close(done));
  return port;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await startExample({ port: Number(process.argv[2] ?? 5290) });
  console.log(`The app is at ${url}`);
  console.log("To stop it, press Ctrl-C.");
}
