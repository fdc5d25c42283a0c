// @ts-check
/** The pieces that messages are drawn with. */
import { claims as claimMeanings, times } from "../explain.js";
import { knownOf } from "../known.js";
import { root } from "../place.js";
import { standardOf } from "../standard.js";
import { counted, fill, language, rich, strings } from "../strings.js";
import { h } from "./dom.js";

/** @typedef {import("./dom.js").Child} Child */
/** @typedef {import("../explain.js").Meaning} Meaning */

/**
 * Names, values and what they are for.
 * @param {Iterable<[string, unknown]>} entries
 * @param {Record<string, Meaning>} meanings
 */
export function members(entries, meanings) {
  return h(
    "dl",
    { className: "members" },
    [...entries].map(([name, value]) => {
      const meaning = Object.hasOwn(meanings, name) ? meanings[name] : undefined;
      return h(
        "div",
        {},
        h("dt", {}, h("code", {}, breakable(name))),
        h("dd", { className: "value" }, meaning?.secret ? secret(name, value) : readable(name, value)),
        h("dd", { className: "why" }, meaning ? [meaning.text, " ", spec(meaning.spec)] : strings.shown.ownAddition),
      );
    }),
  );
}

/** A long name may break after its underscores. @param {string} name */
const breakable = (name) => name.split(/(?<=_)/).flatMap((part) => [part, h("wbr")]);

/** A section, as a link to the standard. @param {string} section */
export function spec(section) {
  const address = standardOf(section);
  return address ? away(address, section, "spec") : h("span", { className: "spec" }, section);
}

/** A link to another document, in a tab of its own. @param {string} address @param {string} label @param {string} [className] */
export const away = (address, label, className = "") =>
  h("a", { href: address, target: "_blank", rel: "noopener noreferrer", className }, label);

/** Links to the place in the engine that applies a rule, and to its entry in the documentation. @param {string} code @returns {Child} */
export function source(code) {
  const entry = knownOf(code);
  return [
    entry?.source && listing(entry.source, strings.shown.source, code),
    " ",
    entry && listing(entry.docs, strings.shown.docs, code),
  ];
}

/** @param {string} place @param {string} label @param {string} code for a screen reader, which may list the links */
function listing(place, label, code) {
  const link = away(new URL(`source/${place.replace("#", ".html#")}`, root).href, label, "spec");
  link.append(h("span", { className: "unseen" }, ` ${code}`));
  return link;
}

/** @param {string} name @param {unknown} value @returns {Child} */
function readable(name, value) {
  if (times.has(name) && typeof value === "number")
    return [h("code", {}, value), h("span", { className: "gloss" }, time(value))];
  return h("code", {}, written(value));
}

/** @param {unknown} value */
const written = (value) => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""));

/** @param {number} seconds */
function time(seconds) {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return "";
  const minutes = Math.round((date.getTime() - Date.now()) / 60_000);
  if (Math.abs(minutes) > 600) return ` ${date.toLocaleDateString(language, { dateStyle: "long" })}`;
  const { justNow, inMinutes, minutesAgo } = strings.shown;
  const when = minutes === 0 ? justNow : fill(minutes > 0 ? inMinutes : minutesAgo, { n: Math.abs(minutes) });
  return ` ${date.toLocaleTimeString(language)}, ${when}`;
}

/** Hidden until its own button is pressed. @param {string} name @param {unknown} value */
export function secret(name, value) {
  const text = written(value);
  const hidden = `${"•".repeat(8)} ${fill(strings.shown.characters, { n: text.length })}`;
  const shown = h("code", {}, hidden);
  const button = h("button", { type: "button", className: "reveal", ariaExpanded: "false" });
  const label = () => {
    const open = button.ariaExpanded === "true";
    shown.textContent = open ? text : hidden;
    button.replaceChildren(
      open ? strings.shown.hide : strings.shown.show,
      h("span", { className: "unseen" }, ` ${name}`),
    );
  };
  button.addEventListener("click", () => {
    button.ariaExpanded = button.ariaExpanded === "true" ? "false" : "true";
    label();
  });
  label();
  return h("span", { className: "secret" }, shown, " ", button);
}

/** The line of a request. @param {string} method @param {string} url */
export function requestLine(method, url) {
  const { origin, pathname } = new URL(url);
  return h("p", { className: "wire" }, h("b", {}, method), " ", h("code", {}, origin, h("wbr"), pathname));
}

/** The line of a reply. @param {{ status: number, milliseconds: number } | undefined} reply */
export function replyLine(reply) {
  if (!reply) return h("p", { className: "wire none" }, h("b", {}, strings.shown.noAnswer));
  return h(
    "p",
    { className: "wire" },
    h("b", {}, reply.status),
    ` ${fill(reply.status === 200 ? strings.shown.ok : strings.shown.notOk, { n: Math.max(1, Math.round(reply.milliseconds)) })}`,
  );
}

/** @param {unknown} value */
export const json = (value) => h("pre", { className: "json" }, h("code", {}, JSON.stringify(value, null, 2)));

/** On a narrow screen everything starts folded. */
const wide = matchMedia("(min-width: 44rem)");

/** @param {string} label @param {Child} content @param {boolean} [open] */
export const fold = (label, content, open = false) =>
  h("details", { open: open && wide.matches }, h("summary", {}, label), h("div", { className: "folded" }, content));

/** @param {string} text */
export function parsed(text) {
  try {
    const value = JSON.parse(text);
    return value && typeof value === "object" && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The three parts of a signed token. @param {string} token */
export function tokenParts(token) {
  const names = ["header", "claims", "signature"];
  const { partHeader, partClaims, partSignature, partMore } = strings.shown;
  const labels = [partHeader, partClaims, partSignature];
  return h(
    "ul",
    { className: "token" },
    token
      .split(".")
      .map((part, index) =>
        h(
          "li",
          { className: names[index] ?? "" },
          h("span", { className: "part" }, labels[index] ?? partMore),
          h("code", {}, part.length > 72 ? `${part.slice(0, 48)}…${part.slice(-12)}` : part),
        ),
      ),
  );
}

/** @param {import("oidc-wasm/full").Claims} claims */
export const claimList = (claims) => members(Object.entries(claims), claimMeanings);

/** @typedef {{ rule: string, verdict: string, spec: string, message: string, warning?: true }} Row */

/** Every rule with its verdict. Those with nothing to check are folded. @param {{ checks: Row[] }} report */
export function ruleList({ checks }) {
  const idle = checks.filter(
    ({ verdict, rule, warning }) => verdict === "skip" && !warning && rule !== "jws.signature",
  );
  const busy = checks.filter((check) => !idle.includes(check));
  return [rows(busy), idle.length > 0 && fold(counted(strings.shown.notNeeded, idle.length), rows(idle))];
}

/** @param {Row[]} checks */
const rows = (checks) => h("ul", { className: "rules" }, checks.map(ruleRow));

/** One rule: its verdict, its sentence, and what to do where it failed. @param {Row} check */
export function ruleRow({ rule, verdict, spec: section, message, warning }) {
  const kind = warning ? "warn" : verdict;
  const { pass, fail, skip, warn, open, later, notLooked } = strings.shown;
  const verdicts = /** @type {Record<string, string>} */ ({ pass, fail, skip, warn, open, later });
  const remedy = kind === "fail" || kind === "warn" ? knownOf(rule)?.remedy : undefined;
  return h(
    "li",
    { className: kind },
    h("span", { className: "verdict" }, rule === "jws.signature" && kind === "skip" ? notLooked : verdicts[kind]),
    h("code", {}, rule),
    h(
      "span",
      { className: "sentence" },
      h("span", { lang: "en" }, message),
      " ",
      spec(section),
      " ",
      source(rule),
      remedy &&
        h(
          "span",
          { className: "remedy" },
          h("b", {}, strings.shown.whatToDo),
          " ",
          h("span", { lang: "en" }, rich(remedy)),
        ),
    ),
  );
}

/** @param {import("oidc-wasm/full").TokenReport} report */
export function countRules({ checks }) {
  const count = (/** @type {string} */ verdict) => checks.filter((check) => check.verdict === verdict).length;
  return { passed: count("pass"), failed: count("fail"), skipped: count("skip") };
}
