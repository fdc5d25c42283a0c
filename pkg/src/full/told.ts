import type { Answer } from "../engine/engine.js";

/** The texts of an answer that are there, by name. */
export function told<Name extends string>(answer: Answer, names: Name[]): Partial<Record<Name, string>> {
  const texts: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const text = answer.text();
    if (text !== undefined) texts[name] = text;
  }
  return texts;
}
