import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../lib.mjs";
import { byProgram } from "./program.mjs";

/** npm runs only approved install scripts. Bun's script just moves this file. */
export async function bun(context, entry = "js/entries/server.mjs") {
  const folder = join(root, "node_modules/@oven");
  const [platform] = await readdir(folder);
  return byProgram("bun", join(folder, platform, "bin/bun"), [entry], context);
}
