// @ts-check
/** The texts of the page's language, and how they become nodes. */
import { h } from "./view/dom.js";

/** @typedef {import("./view/dom.js").Child} Child */

export const language = document.documentElement.lang;

/** @type {typeof import("./texts/en.js").default} */
export const texts = (await import(`./texts/${language}.js`)).default;

/**
 * A text with `**strong**`, code between backticks, and values in the places `{name}`.
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
 * A text with values in the places `{name}`.
 * @param {string} text
 * @param {Record<string, string | number>} values
 */
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => String(values[name] ?? ""));

const plural = new Intl.PluralRules(language);

/** A number of things. @param {{ one: string, other: string }} forms @param {number} n */
export const counted = (forms, n) => fill(plural.select(n) === "one" ? forms.one : forms.other, { n });
