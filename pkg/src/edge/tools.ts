import { OidcError } from "oidc-wasm";
import { readCookies } from "./cookies.js";
import { jarOf } from "./jar.js";
import { isNavigation, placeOf } from "./place.js";
import { refusal } from "./refusal.js";
import { hashed, open, seal } from "./seal.js";
import { inTurn } from "./turn.js";

/** Whether it is an error of a rule, not a defect. */
export const isRefusal = (problem: unknown): problem is OidcError => problem instanceof OidcError;

/**
 * Functions shared with parts that are loaded later. They are passed as arguments, because a bundler would put shared imports into
 * further files.
 */
export const tools = {
  OidcError,
  isRefusal,
  refusal,
  readCookies,
  jarOf,
  isNavigation,
  placeOf,
  hashed,
  open,
  seal,
  inTurn,
};
export type Tools = typeof tools;
