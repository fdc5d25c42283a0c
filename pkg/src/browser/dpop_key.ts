import type { DpopKey } from "../types.js";
import { kept } from "./database.js";
import { createDpopKey, OidcError } from "./engine.js";
import { problem } from "./problem.js";

/** The key that the tokens of a client at a provider are bound to (RFC 9449): one for all tabs, and for the worker that keeps the tokens. */
export async function dpopKey(client: string): Promise<DpopKey> {
  try {
    return await kept(`dpop ${client}`, createDpopKey);
  } catch (error) {
    throw error instanceof OidcError ? error : problem("session.storage", error);
  }
}
