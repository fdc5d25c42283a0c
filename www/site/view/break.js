// @ts-check
/** The panel in which a visitor breaks their own login. */
import { OidcError } from "oidc-wasm/full";
import { fill, rich, strings } from "../strings.js";
import { choices } from "./ask.js";
import { h } from "./dom.js";
import { fold, ruleList, spec } from "./parts.js";

/**
 * @typedef {import("../trials.js").Trial} Trial
 * @typedef {import("../trials.js").Field} Field
 * @typedef {import("../trials.js").Judged} Judged
 * @typedef {{ code: string, spec: string, message: string } | undefined} Verdict undefined: it passed
 */

const { breaking: words } = strings;

/** What is inside the panel. @param {Trial[]} trials @returns {Node[]} */
export function breakPanel(trials) {
  const [first] = trials;
  const fields = h("div", { className: "fields" });
  const said = h("p", { role: "status", className: "said" });
  const outcome = h("div", { className: "outcome" });
  const form = h(
    "form",
    {},
    choices(
      "radio",
      "trial",
      words.what,
      trials.map(({ name, label }) => [name, label]),
      [first?.name ?? ""],
    ),
    fields,
    h("p", { className: "buttons" }, h("button", { className: "secondary" }, words.tryIt)),
  );
  let turn = 0;
  const chosen = () => trials.find(({ name }) => name === new FormData(form).get("trial")) ?? first;

  form.addEventListener("change", ({ target }) => {
    const { name = "" } = /** @type {HTMLInputElement} */ (target);
    if (name === "trial") drawFields();
    else followUp(name);
    clear();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const trial = chosen();
    if (!trial) return;
    clear();
    const mine = turn;
    const { was, now } = await trial.judge(values());
    const [before, after] = [await verdictOf(was), await verdictOf(now)];
    if (mine !== turn) return;
    said.replaceChildren(...summary(before, after));
    outcome.replaceChildren(
      h("p", { className: "gloss" }, rich(words.calledTwice, { call: h("code", {}, trial.call) })),
      h("div", { className: "sides" }, side(words.asItWas, was, before), side(words.altered, now, after)),
      ...rulesOf(now, after),
    );
  });
  drawFields();
  return [h("p", {}, words.about), form, said, outcome];

  /** @returns {import("../trials.js").Values} */
  function values() {
    const data = new FormData(form);
    return Object.fromEntries((chosen()?.fields ?? []).map(({ name }) => [name, String(data.get(name) ?? "")]));
  }

  function drawFields() {
    const trial = chosen();
    if (!trial) return;
    fields.replaceChildren(
      h("p", {}, trial.about),
      ...trial.fields.map((field) =>
        h("label", { className: "field" }, h("span", {}, field.label), control(field, field.value({}))),
      ),
    );
  }

  /** What was tried before says nothing of what is chosen now. */
  function clear() {
    turn += 1;
    said.textContent = "";
    outcome.replaceChildren();
  }

  /** A field may follow the one before it. @param {string} changed */
  function followUp(changed) {
    const list = chosen()?.fields ?? [];
    const [next] = list.slice(list.findIndex(({ name }) => name === changed) + 1);
    const input = next && form.elements.namedItem(next.name);
    if (next && input instanceof HTMLInputElement) input.value = next.value(values());
  }
}

/** @param {Field} field @param {string} value */
function control({ name, type = "text", options, limit }, value) {
  if (!options) {
    const bounds = limit === undefined ? {} : { required: true, min: String(-limit), max: String(limit), step: "any" };
    return h("input", { type, name, value, autocomplete: "off", spellcheck: false, ...bounds });
  }
  return h(
    "select",
    { name },
    options.map(([option, text]) => h("option", { value: option, selected: option === value }, text)),
  );
}

/** @param {Judged} judged @returns {Promise<Verdict>} */
async function verdictOf({ run }) {
  try {
    await run();
    return undefined;
  } catch (error) {
    if (error instanceof OidcError) return error;
    throw error;
  }
}

/** @param {Verdict} before @param {Verdict} after @returns {(Node | string)[]} */
function summary(before, after) {
  if (!after) return [h("span", {}, rich(words.passes))];
  return [
    h("span", {}, rich(words.caughtBy, { rule: h("code", {}, after.code) })),
    ` ${before ? words.unalteredFails : words.unalteredPasses}`,
  ];
}

/** @param {string} title @param {Judged} judged @param {Verdict} verdict */
const side = (title, { value }, verdict) =>
  h(
    "section",
    { className: verdict ? "fail" : "pass" },
    h("h3", {}, title),
    h("p", { className: "altered" }, h("code", {}, value || words.nothing)),
    h("p", {}, h("span", { className: "verdict" }, verdict ? words.refused : words.accepted)),
    verdict && h("p", {}, h("code", { className: "rule" }, verdict.code), " ", spec(verdict.spec)),
    verdict && h("p", { lang: "en" }, verdict.message),
  );

/**
 * What else the report of the claims says: the signature stands before the claims, but each has its own rule.
 * @param {Judged} judged
 * @param {Verdict} verdict
 */
function rulesOf(judged, verdict) {
  const report = verdict && reportOf(judged);
  if (!report) return [];
  const others = report.checks.filter((check) => check.verdict === "fail" && check.rule !== verdict.code);
  // The report does not include the signature. The rule below has failed.
  const checks = report.checks.map((check) =>
    check.rule === verdict.code ? { ...check, verdict: /** @type {const} */ ("fail") } : check,
  );
  return [
    others.length > 0 &&
      h(
        "p",
        {},
        rich(words.wouldHave, {
          rules: others.map(({ rule }, index) => [index > 0 && words.and, h("code", {}, rule)]),
        }),
      ),
    fold(fill(words.allRules, { n: checks.length }), ruleList({ checks })),
  ].filter((part) => part instanceof Node);
}

/** None where not even the claims can be looked at. @param {Judged} judged */
function reportOf({ report }) {
  try {
    return report?.();
  } catch (error) {
    if (error instanceof OidcError) return undefined;
    throw error;
  }
}
