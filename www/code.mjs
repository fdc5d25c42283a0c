/** The code beside each message. It comes from three programs that the tests run: in JavaScript, for a shell, and in Rust. */
import { readFile } from "node:fs/promises";

const root = new URL("../", import.meta.url);

export const programs = {
  javascript: "www/code/login.js",
  curl: "www/code/login.sh",
  rust: "tests/native/walkthrough.rs",
};

/** @param {string} text @returns {Record<string, string>} the code of each step, by the step's name */
export function stepsOf(text) {
  const parts = text.split(/^[ \t]*(?:\/\/|#) (step: \w+|end)$/m).slice(1);
  /** @type {Record<string, string>} */
  const steps = {};
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [, name] = /^step: (\w+)$/.exec(parts[at]) ?? [];
    if (name) steps[name] = dedented(parts[at + 1]);
  }
  return steps;
}

/** @param {string} code */
function dedented(code) {
  const lines = code.replace(/^\n|\s+$/g, "").split("\n");
  const indents = lines.filter((line) => line.trim()).map((line) => /^ */.exec(line)[0].length);
  const indent = Math.min(...indents);
  return lines.map((line) => line.slice(indent)).join("\n");
}

/** Each program's steps. */
export async function readCode() {
  const read = Object.entries(programs).map(async ([name, file]) => [
    name,
    stepsOf(await readFile(new URL(file, root), "utf8")),
  ]);
  return Object.fromEntries(await Promise.all(read));
}
