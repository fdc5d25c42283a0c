// Serves the bundle and runs it in a page.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { app } from "./provider.js";

const server = createServer(async ({ url }, reply) => {
  reply.writeHead(200, { "content-type": "application/wasm" }).end(await readFile(`dist${url}`));
});
await once(server.listen(new URL(app).port), "listening");
globalThis.document = { baseURI: `${app}/` };
await import("./dist/main.js");
await import("./dist/slim.js");
server.unref();
