import { child } from "../child.mjs";

/** Every case and how cost grows, in one Node of their own. */
export async function node({ only, pace, progress }) {
  return { version: process.version.slice(1), ...(await child("node.mjs", { given: { only, pace }, progress })) };
}
