import { byProgram } from "./program.mjs";

export const node = (context) => byProgram("node", process.execPath, ["js/entries/node.mjs"], context);
