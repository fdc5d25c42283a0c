import type { DpopKey } from "../types.js";
import { kept } from "./database.js";
import { createDpopKey } from "./engine.js";

/** The key that a client's tokens at a provider are bound to (RFC 9449). All tabs and the worker that holds the tokens share it. */
export const dpopKey = (client: string): Promise<DpopKey> => kept(`dpop ${client}`, createDpopKey);
