/** A static host: it serves the files of the site below a folder, and knows nothing else. */
import { createServer } from "node:http";
import { extname } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { buildSite } from "../../www/site.mjs";

const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const folder = "/some/folder/";

/** A port for a server that stops and starts again. Systems give away higher ones, so no connection takes it meanwhile. */
export const lowPort = () => 20_000 + Math.floor(Math.random() * 10_000);

/** @param {{ packageFiles?: URL, isCompressed?: boolean }} [options] */
export async function serveSite({ packageFiles, isCompressed = false } = {}) {
  const files = await buildSite({ packageFiles });
  const requests = [];
  const answer = (request, response) => {
    const { pathname } = new URL(request.url, "http://host");
    requests.push(pathname);
    const path = pathname.startsWith(folder) ? pathname.slice(folder.length).replace(/(^|\/)$/, "$1index.html") : "";
    const file = request.method === "GET" ? files.get(path) : undefined;
    const type = { "content-type": types[extname(path)] ?? "text/plain" };
    if (file === undefined) response.writeHead(404, type).end("There is nothing at this address.");
    else if (isCompressed) response.writeHead(200, { ...type, "content-encoding": "br" }).end(brotliCompressSync(file));
    else response.writeHead(200, type).end(file);
  };
  let server;
  let port = lowPort();
  const host = {
    url: "",
    files,
    /** The paths that were asked for. */
    requests,
    async start() {
      server = createServer(answer);
      await new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen(port, "127.0.0.1", () => resolve(undefined));
      });
      host.url = `http://127.0.0.1:${port}${folder}`;
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
    close: () => host.stop(),
  };
  for (let tries = 0; ; tries++) {
    try {
      await host.start();
      return host;
    } catch (error) {
      if (error.code !== "EADDRINUSE" || tries === 20) throw error;
      port = lowPort();
    }
  }
}
