import { OidcError } from "oidc-wasm";
import { readCookies } from "./cookies.js";
import { formOf } from "./form.js";
import { jarOf } from "./jar.js";
import { isNavigation, placeOf } from "./place.js";
import { refusal } from "./refusal.js";
import { hashed, open, seal } from "./seal.js";
import { inTurn } from "./turn.js";

/** Whether it is a refusal, and no defect. */
export const isRefusal = (problem: unknown): problem is OidcError => problem instanceof OidcError;

/**
 * What the parts that are loaded later share with those that are there. They are handed it and import nothing of it, because a bundler
 * puts what both import into further files.
 */
export const tools = {
  OidcError,
  isRefusal,
  refusal,
  readCookies,
  formOf,
  jarOf,
  isNavigation,
  placeOf,
  hashed,
  open,
  seal,
  inTurn,
};
export type Tools = typeof tools;
