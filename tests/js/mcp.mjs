// Runs examples/mcp-client unchanged at examples/mcp: the server behind its guard, and oidc-provider, where the client registers.
import { cp } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { startProvider } from "../../www/provider/index.mjs";
import { createVisitor } from "../../www/provider/visitor.mjs";
import { createChecks, root, same } from "./lib.mjs";
import { project } from "./project.mjs";

export async function mcp() {
  const { check, results } = createChecks("mcp");
  const imported = (file) => import(pathToFileURL(join(project, file)).href);
  await cp(join(root, "examples/mcp/src/index.ts"), join(project, "mcp.ts"));
  await cp(join(root, "examples/mcp-client/client.mjs"), join(project, "mcp-client.mjs"));
  await build({ absWorkingDir: project, entryPoints: ["mcp.ts"], outfile: "mcp.mjs", logLevel: "error" });
  const { default: worker } = await imported("mcp.mjs");
  const { connect } = await imported("mcp-client.mjs");

  const server = createServer(async (incoming, outgoing) => {
    const parts = [];
    for await (const part of incoming) parts.push(part);
    const { method, url = "" } = incoming;
    const body = parts.length ? Buffer.concat(parts) : undefined;
    const headers = new Headers(/** @type {any} */ (incoming.headers));
    const request = new Request(new URL(url, resource), { method, headers, body });
    const reply = await worker.fetch(request, { ISSUER: real.issuer, RESOURCE: resource }, { waitUntil() {} });
    seen.push([method, url, reply.status]);
    outgoing.writeHead(reply.status, Object.fromEntries(reply.headers)).end(Buffer.from(await reply.arrayBuffer()));
  });
  const seen = [];
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const resource = `http://127.0.0.1:${port}/`;
  const real = await startProvider({ resources: { [resource]: "mcp" }, features: { registration: { enabled: true } } });
  const open = async (url) => fetch(await createVisitor().signIn(url));

  await check("from an address to a tool's answer", async () => {
    const session = await connect(resource, open);
    same(await session.call("whoami"), "mara", "the signed-in person");
    same(
      seen,
      [
        ["POST", "/", 401],
        ["GET", "/.well-known/oauth-protected-resource", 200],
        ["POST", "/", 200],
        ["POST", "/", 200],
      ],
      "requests at the server",
    );
    same(await session.call("nothing").catch(({ message }) => message), "There is no such tool.", "another tool");
  });
  await real.close();
  await new Promise((resolve) => server.close(resolve));
  return results;
}
