// The app: every path has the same page.
import { createServer } from "node:http";
import { build } from "esbuild";

const { outputFiles } = await build({ entryPoints: ["main.js"], bundle: true, format: "esm", write: false });
const page = '<!doctype html><title>app</title><body><script type="module" src="/main.js"></script>';
createServer(({ url }, reply) => {
  const isScript = url === "/main.js";
  reply.writeHead(200, { "content-type": isScript ? "text/javascript" : "text/html" });
  reply.end(isScript ? outputFiles[0].text : page);
}).listen(31917);
