import { bin } from "../lib.mjs";
import { byProgram } from "./program.mjs";

export const deno = (context, entry = "js/entries/server.mjs") =>
  byProgram("deno", bin("deno"), ["run", "--allow-all", entry], context);
