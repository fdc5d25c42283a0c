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
    const answer = { status: reply.status, sent: Object.fromEntries(reply.headers), text: await reply.text() };
    const { status, sent, text } = session ? streamed(answer, headers) : answer;
    outgoing.writeHead(status, sent).end(text);
  });
  const seen = [];
  /** A server with sessions, which answers by streams. */
  let session = "";
  const streamed = (answer, headers) => {
    const { status, text } = answer;
    const isAnswer = text.startsWith('{"jsonrpc"');
    if (!isAnswer && status !== 202) return answer;
    const given = `${headers.get("mcp-session-id")} ${headers.get("mcp-protocol-version")}`;
    if (!text.includes("serverInfo") && given !== `${session} 2025-06-18`)
      return { status: 400, sent: {}, text: "no session" };
    if (!isAnswer) return answer;
    const note = '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"one moment"}}';
    const events = [note, text].map((data) => `event: message\r\ndata: ${data}\r\n\r\n`).join("");
    return { status, sent: { "content-type": "text/event-stream", "mcp-session-id": session }, text: events };
  };
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const resource = `http://127.0.0.1:${port}/`;
  const secret = "a secret of the service, of the tests only";
  const service = {
    client_id: "service",
    client_secret: secret,
    token_endpoint_auth_method: "client_secret_post",
    grant_types: ["client_credentials"],
    response_types: [],
    redirect_uris: [],
  };
  const features = { registration: { enabled: true } };
  const real = await startProvider({ clients: [service], resources: { [resource]: "mcp" }, features });
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
        ["POST", "/", 202],
        ["POST", "/", 200],
      ],
      "requests at the server",
    );
    same(await session.call("nothing").catch(({ message }) => message), "There is no such tool.", "another tool");
  });
  await check("from an address to a tool's answer, in a stream of a session", async () => {
    session = "the-session";
    try {
      same(await (await connect(resource, open)).call("whoami"), "mara", "the signed-in person");
    } finally {
      session = "";
    }
  });
  await check("a body that is no message gets 400", async () => {
    const form = {
      grant_type: "client_credentials",
      client_id: "service",
      client_secret: secret,
      resource,
      scope: "mcp",
    };
    const tokens = await fetch(`${real.issuer}/token`, { method: "POST", body: new URLSearchParams(form) });
    const { access_token } = await tokens.json();
    const headers = { authorization: `Bearer ${access_token}` };
    const statuses = {
      '{"id":1,"method":"ping"}': 200,
      '{"method":"ping"}': 202,
      "{": 400,
      "": 400,
      null: 400,
      "[]": 400,
    };
    for (const [body, status] of Object.entries(statuses))
      same((await fetch(resource, { method: "POST", headers, body })).status, status, body);
  });
  await real.close();
  await new Promise((resolve) => server.close(resolve));
  return results;
}
