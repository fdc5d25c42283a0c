import { OidcError } from "./engine.js";
import { asProblem, EXPIRED, isFinal, problem } from "./problem.js";
import { random } from "./random.js";
import { VERSION } from "./session.js";

/**
 * Functions for parts that load later. They are arguments, because a bundler would put shared imports into more files.
 */
export const tools = { OidcError, problem, asProblem, isFinal, EXPIRED, random, VERSION } as const;
export type Tools = typeof tools;
