import init, { createDpopKey, OidcError, parseChallenges, RelyingParty } from "oidc-wasm/login";
import { asProblem, problem, STORAGE, wrongArgument } from "./problem.js";
import { nameOf, VERSION } from "./session.js";

/**
 * Functions for parts that load later, in a page or in a worker. They are arguments, because a bundler would put shared imports into more files.
 */
export const tools = {
  init,
  RelyingParty,
  OidcError,
  parseChallenges,
  createDpopKey,
  problem,
  asProblem,
  wrongArgument,
  STORAGE,
  nameOf,
  VERSION,
} as const;
export type Tools = typeof tools;
