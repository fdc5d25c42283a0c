// @ts-check
/** The pieces that messages are drawn with. */
import { claims as claimMeanings, times } from "../explain.js";
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
      const meaning = meanings[name];
      return h(
        "div",
        {},
        h("dt", {}, h("code", {}, breakable(name))),
        h("dd", { className: "value" }, meaning?.secret ? secret(name, value) : readable(name, value)),
        h(
          "dd",
          { className: "why" },
          meaning ? [meaning.text, " ", spec(meaning.spec)] : "An addition of this provider’s own.",
        ),
      );
    }),
  );
}

/** A long name may break after its underscores. @param {string} name */
const breakable = (name) => name.split(/(?<=_)/).flatMap((part) => [part, h("wbr")]);

/** @param {string} section */
export const spec = (section) => h("span", { className: "spec" }, section);

/** @param {string} name @param {unknown} value @returns {Child} */
function readable(name, value) {
  if (times.has(name) && typeof value === "number")
    return [h("code", {}, value), h("span", { className: "gloss" }, time(value))];
  return h("code", {}, typeof value === "string" ? value : JSON.stringify(value));
}

/** @param {number} seconds */
function time(seconds) {
  const date = new Date(seconds * 1000);
  const away = Math.round((date.getTime() - Date.now()) / 60_000);
  const words =
    Math.abs(away) > 600
      ? date.toLocaleDateString("en-GB", { dateStyle: "long" })
      : `${date.toLocaleTimeString("en-GB")}, ${away === 0 ? "just now" : away > 0 ? `in ${away} min` : `${-away} min ago`}`;
  return ` ${words}`;
}

/** Hidden until its own button is pressed. @param {string} name @param {unknown} value */
export function secret(name, value) {
  const text = String(value);
  const hidden = `${"•".repeat(8)} ${text.length} characters`;
  const shown = h("code", {}, hidden);
  const button = h("button", { type: "button", className: "reveal", ariaExpanded: "false" });
  const label = () => {
    const open = button.ariaExpanded === "true";
    shown.textContent = open ? text : hidden;
    button.replaceChildren(open ? "Hide" : "Show", h("span", { className: "unseen" }, ` ${name}`));
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
  if (!reply) return h("p", { className: "wire none" }, h("b", {}, "No answer"));
  return h(
    "p",
    { className: "wire" },
    h("b", {}, reply.status),
    ` ${reply.status === 200 ? "OK" : "refused"}, after ${Math.max(1, Math.round(reply.milliseconds))} ms`,
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
  return h(
    "ul",
    { className: "token" },
    token
      .split(".")
      .map((part, index) =>
        h(
          "li",
          { className: names[index] ?? "" },
          h("span", { className: "part" }, names[index] ?? "more"),
          h("code", {}, part.length > 72 ? `${part.slice(0, 48)}…${part.slice(-12)}` : part),
        ),
      ),
  );
}

/** @param {import("oidc-wasm").Claims} claims */
export const claimList = (claims) => members(Object.entries(claims), claimMeanings);

const verdictWords = { pass: "passed", fail: "failed", skip: "not needed", warn: "warning" };

/** Every rule with its verdict. @param {Pick<import("oidc-wasm").TokenReport, "checks">} report */
export function ruleList({ checks }) {
  return h(
    "ul",
    { className: "rules" },
    checks.map((check) => {
      const verdict = "warning" in check && check.warning ? "warn" : check.verdict;
      return h(
        "li",
        { className: verdict },
        h(
          "span",
          { className: "verdict" },
          check.rule === "jws.signature" && verdict === "skip" ? "not looked at" : verdictWords[verdict],
        ),
        h("code", {}, check.rule),
        h("span", { className: "sentence" }, check.message, " ", spec(check.spec)),
      );
    }),
  );
}

/** @param {import("oidc-wasm").TokenReport} report */
export function countRules({ checks }) {
  const count = (/** @type {string} */ verdict) => checks.filter((check) => check.verdict === verdict).length;
  return { passed: count("pass"), failed: count("fail"), skipped: count("skip") };
}
