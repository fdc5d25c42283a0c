import { OidcError } from "oidc-wasm";
import { readCookies, writeChunks } from "./cookies.js";
import { jarOf } from "./jar.js";
import { isForeign, isNavigation, placeOf } from "./place.js";
import { refusal } from "./problem.js";
import { hashed, open, seal } from "./seal.js";
import { inTurn } from "./turn.js";

/** True for an error of a rule, false for a defect. */
export const isRefusal = (problem: unknown): problem is OidcError => problem instanceof OidcError;

/**
 * Functions for parts that load later. They are arguments, because a bundler would put shared imports into more files.
 */
export const tools = {
  OidcError,
  isRefusal,
  refusal,
  readCookies,
  writeChunks,
  jarOf,
  isForeign,
  isNavigation,
  placeOf,
  hashed,
  open,
  seal,
  inTurn,
};
export type Tools = typeof tools;
