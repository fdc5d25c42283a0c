import { createDpopKey } from "oidc-wasm";
import type { DpopKey } from "../types.js";
import { kept } from "./database.js";

/** The key that the tokens of a client at a provider are bound to (RFC 9449): one for all tabs, and for the worker that keeps the tokens. */
export const dpopKey = (client: string): Promise<DpopKey> => kept(`dpop ${client}`, createDpopKey);
