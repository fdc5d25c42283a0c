// @ts-check
/** The documentation of each rule. `www/documented.mjs` reads it when the site is built. */
import all from "docs:rules";

export const known = all;

/** The documentation's entry of a code: every `argument.…` has one. @param {string} code */
export const knownOf = (code) => known[code] ?? known[code.split(".")[0] ?? ""];
