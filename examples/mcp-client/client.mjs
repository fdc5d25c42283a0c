// An MCP client that knows only an address. It finds the authorization server, registers, signs the person in, and calls a tool.
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";
import { discoverResource, RelyingParty, registerClient, stepUp } from "oidc-wasm/full";

/**
 * Opens a session with an MCP server. `open` brings the person's browser to an address.
 * @param {string} server
 * @param {(url: string) => unknown} open
 */
export async function connect(server, open) {
  /** The headers of every message. The server may add a session to them. */
  const headers = { "content-type": "application/json", accept: "application/json, text/event-stream" };
  const post = (message) => ({ method: "POST", headers, body: JSON.stringify({ jsonrpc: "2.0", ...message }) });
  const params = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo };
  const refusal = await fetch(server, post({ id: 0, method: "initialize", params }));
  const { resource, authorization_servers = [], scopes_supported } = await discoverResource(refusal);
  const [issuer] = authorization_servers;
  // Some servers have the metadata of RFC 8414 alone.
  const plain = () => RelyingParty.discover(issuer, {}, { metadata: "oauth2" });
  const { provider } = await RelyingParty.discover(issuer, {}).catch(plain);

  const { redirectUri, redirected } = await listen();
  const { client_id: clientId } = await registerClient(provider, {
    client_name: clientInfo.name,
    application_type: "native",
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: "none",
  });
  const rp = new RelyingParty(provider, { clientId, redirectUri });
  // Without both, the request has no scope. The default would be `openid`.
  const { scope = scopes_supported ?? "" } = stepUp(refusal) ?? {};
  const { url, transaction } = await rp.authorize({ scope, resource });
  await open(url);
  const { tokens } = await rp.callback(await redirected, transaction);

  const send = async (message) => {
    const answer = await rp.fetch(server, post(message), tokens);
    if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
    const session = answer.headers.get("mcp-session-id");
    if (session) Object.assign(headers, { "mcp-session-id": session });
    return answer;
  };
  let id = 0;
  const ask = async (method, params) => {
    id += 1;
    const { result, error } = await read(await send({ id, method, params }), id);
    if (error) throw new Error(error.message);
    return result;
  };
  const { protocolVersion } = await ask("initialize", params);
  Object.assign(headers, { "mcp-protocol-version": protocolVersion });
  await send({ method: "notifications/initialized" });
  return {
    /** The result of a tool. */
    async call(name, given = {}) {
      const { content } = await ask("tools/call", { name, arguments: given });
      return content.map(({ text }) => text).join("\n");
    },
  };
}

const clientInfo = { name: "oidc-wasm-example-mcp-client", version: "1.0.0" };

/** The answer to a message: JSON, or one of the events of a stream. MCP's Streamable HTTP lets the server choose. */
async function read(answer, id) {
  const text = await answer.text();
  if (!answer.headers.get("content-type")?.startsWith("text/event-stream")) return JSON.parse(text);
  const data = text.split(/\r?\n/).filter((line) => line.startsWith("data:"));
  return data.map((line) => JSON.parse(line.slice(5))).find((message) => message.id === id);
}

/** Waits on loopback for the browser's redirect (RFC 8252 §7.3). */
async function listen() {
  let redirectUri = "";
  let server;
  const redirected = new Promise((resolve) => {
    server = createServer(({ url }, answer) => {
      answer.end("You can close this page.");
      server.close();
      resolve(new URL(url ?? "", redirectUri).href);
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  redirectUri = `http://127.0.0.1:${server.address().port}/cb`;
  return { redirectUri, redirected };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const session = await connect(process.argv[2], (url) => console.log(`Open ${url}`));
  console.log(await session.call("whoami"));
}
