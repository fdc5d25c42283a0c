import { OidcError } from "./engine.js";
import { asProblem, EXPIRED, isFinal, problem } from "./problem.js";
import { random } from "./random.js";
import { VERSION } from "./session.js";

/**
 * Functions shared with parts that are loaded later. They are passed as arguments, because a bundler would put shared imports into
 * further files.
 */
export const tools = { OidcError, problem, asProblem, isFinal, EXPIRED, random, VERSION } as const;
export type Tools = typeof tools;
