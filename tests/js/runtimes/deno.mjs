import { bin } from "../lib.mjs";
import { byProgram } from "./program.mjs";

export const deno = (context) =>
  byProgram("deno", bin("deno"), ["run", "--allow-all", "js/entries/server.mjs"], context);
