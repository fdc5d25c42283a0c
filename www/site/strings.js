// @ts-check
/** The strings of the page's language, and how they become nodes. */
import { h } from "./view/dom.js";

/** @typedef {import("./view/dom.js").Child} Child */

export const language = document.documentElement.lang;

/** @type {typeof import("./strings/en.js").default} */
export const strings = (await import(`./strings/${language}.js`)).default;

/**
 * A string with `**strong**`, code between backticks, and values in the places `{name}`.
 * @param {string} text
 * @param {Record<string, Child>} [values]
 * @returns {Child[]}
 */
export const rich = (text, values = {}) =>
  text.split(/(\*\*.+?\*\*|`[^`]+`|\{\w+\})/).map((part) => {
    if (part.startsWith("**")) return h("strong", {}, rich(part.slice(2, -2), values));
    if (part.startsWith("`")) return h("code", {}, part.slice(1, -1));
    return part.startsWith("{") ? (values[part.slice(1, -1)] ?? "") : part;
  });

/**
 * A string with values in the places `{name}`.
 * @param {string} text
 * @param {Record<string, string | number>} values
 */
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => String(values[name] ?? ""));

const plural = new Intl.PluralRules(language);

/** A number of things. @param {{ one: string, other: string }} forms @param {number} n */
export const counted = (forms, n) => fill(plural.select(n) === "one" ? forms.one : forms.other, { n });
