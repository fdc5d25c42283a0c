import { createGuard, type ExecutionContextLike } from "oidc-wasm/edge";

interface Env {
  ISSUER: string;
  RESOURCE: string;
}

let guard: ReturnType<typeof createGuard> | undefined;

export default {
  async fetch(request: Request, env: Env, context: ExecutionContextLike): Promise<Response> {
    guard ??= createGuard({ issuer: env.ISSUER, audience: env.RESOURCE, resource: env.RESOURCE, scope: "mcp" });
    const seen = guard.metadata(request) ?? (await guard(request, { context }));
    if (seen instanceof Response) return seen;
    if (request.method !== "POST") return notAllowed();
    const message: unknown = await request.json().catch(() => undefined);
    if (Object(message) !== message || Array.isArray(message)) return noMessage();
    return answer(message as Message, String(seen.claims.sub));
  },
};

/** A message of JSON-RPC 2.0 in the form of MCP's Streamable HTTP. */
interface Message {
  id?: string | number;
  method: string;
  params?: { name?: string; protocolVersion?: string };
}

const whoami = {
  name: "whoami",
  description: "Says who is signed in.",
  inputSchema: { type: "object", properties: {} },
};

function answer({ id, method, params }: Message, subject: string): Response {
  // A notification needs no response.
  if (id === undefined) return new Response(null, { status: 202 });
  switch (method) {
    case "initialize":
      return result(id, {
        protocolVersion: params?.protocolVersion ?? "2025-06-18",
        capabilities: { tools: {} },
        serverInfo: { name: "oidc-wasm-example-mcp", version: "1.0.0" },
      });
    case "ping":
      return result(id, {});
    case "tools/list":
      return result(id, { tools: [whoami] });
    case "tools/call":
      if (params?.name === whoami.name) return result(id, { content: [{ type: "text", text: subject }] });
      return failure(id, -32602, "There is no such tool.");
    default:
      return failure(id, -32601, "There is no such method.");
  }
}

const result = (id: string | number, result: object) => Response.json({ jsonrpc: "2.0", id, result });
const failure = (id: string | number, code: number, message: string) =>
  Response.json({ jsonrpc: "2.0", id, error: { code, message } });
const noMessage = () =>
  Response.json({ jsonrpc: "2.0", id: null, error: { code: -32600, message: "This is no message." } }, { status: 400 });
const notAllowed = () => new Response(null, { status: 405, headers: { allow: "POST" } });
