import { valued } from "./engine/engine.js";
import { Frame, structured } from "./engine/frame.js";
import { DOWNSCOPE, DOWNSCOPE_MEMBERS } from "./generated/calls.js";
import type { Downscoping, Resource, Scope } from "./types.js";

/**
 * The requested scopes by resource server (RFC 8707). The registry lists the scopes of each resource server.
 * Throws `resource.unknown` for a resource that the registry lacks; a provider would answer `invalid_target`.
 *
 * @example
 * ```ts
 * const registry = { "https://api.example.com": ["read", "write"] };
 * const { table, dropped } = downscope({ scope: "openid read", resource: "https://api.example.com" }, registry);
 * // table: [{ resource: null, scopes: ["openid"] }, { resource: "https://api.example.com", scopes: ["read"] }]
 * ```
 */
export function downscope(
  request: { scope: Scope; resource?: Resource },
  registry: Record<string, string[]>,
): Downscoping {
  const frame = new Frame().object(DOWNSCOPE_MEMBERS, "request", { ...structured("request", request), registry });
  const [table, dropped] = valued<[[string | null, string[]][], string[]]>(DOWNSCOPE, frame);
  return { table: table.map(([resource, scopes]) => ({ resource, scopes })), dropped };
}
