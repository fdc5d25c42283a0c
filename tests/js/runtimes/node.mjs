import { byProgram } from "./program.mjs";

/** Runs the suite under node:test. */
export const node = (context) =>
  byProgram("node", process.execPath, ["--test-reporter=tap", "js/entries/node.mjs"], context);
