// @ts-check
/** How a judged message is drawn: what it says, and each rule with its verdict. */
import { claims as claimMeanings, joseMembers, metadataMembers, redirectParameters, tokenMembers } from "../explain.js";
import { counted, fill, rich, strings } from "../strings.js";
import { h } from "../view/dom.js";
import { claimList, fold, json, members, ruleList, tokenParts } from "../view/parts.js";
import { isToken } from "./kinds.js";

/** @typedef {import("./verdicts.js").Judged} Judged */

const { inspect: words } = strings;

/**
 * @param {import("./kinds.js").Kind} kind
 * @param {string} text
 * @param {Judged} judged
 * @param {{ assumed: string[], inspectInside: (text: string) => void }} more
 * @returns {Node[]}
 */
export function drawJudged(kind, text, judged, { assumed, inspectInside }) {
  const parts = [
    assumed.length > 0 &&
      h("p", { className: "note" }, fill(words.assumed, { names: assumed.map(labelOf).join(", ") })),
    judged.signature && h("p", { className: `fact ${judged.signature}` }, rich(words.signature[judged.signature])),
    judged.isPrivate && h("p", { className: "fact invalid" }, rich(words.privateKey)),
    judged.rows.length > 0 && [ruleList({ checks: judged.rows })],
    judged.keys && drawKeys(judged.keys),
    judged.challenges && drawChallenges(judged),
    isToken(kind) && [tokenParts(text), drawToken(judged)],
    judged.members && drawMembers(kind, judged.members, inspectInside),
  ];
  return parts.flat(3).filter((part) => part instanceof Node);
}

const labelOf = (/** @type {string} */ name) =>
  words.settings[/** @type {keyof typeof words.settings} */ (name)]?.[0] ?? name;

/** @param {Judged} judged */
function drawToken({ header = {}, claims = {} }) {
  return [
    fold(strings.shown.header, members(Object.entries(header), joseMembers)),
    fold(counted(strings.shown.claims, Object.keys(claims).length), claimList(claims), true),
  ];
}

/** @param {NonNullable<Judged["keys"]>} keys */
const drawKeys = (keys) =>
  h(
    "ul",
    { className: "rules" },
    keys.map(({ name, verdict, code }) =>
      h(
        "li",
        { className: verdict },
        h("span", { className: "verdict" }, words.keyVerdicts[/** @type {"pass" | "fail" | "skip"} */ (verdict)]),
        h("code", {}, name),
        h("span", { className: "sentence" }, code && h("code", {}, code)),
      ),
    ),
  );

/** @param {Judged} judged */
const drawChallenges = ({ challenges = [], stepUp }) => [
  challenges.length === 0 && h("p", {}, words.noChallenge),
  challenges.map(({ scheme, parameters, token68 }) => [
    h("h3", {}, scheme),
    members(Object.entries({ ...parameters, ...(token68 ? { token68 } : {}) }), words.challengeMeanings),
  ]),
  stepUp && [h("p", {}, words.stepUp), json(stepUp)],
];

const meanings = { redirect: redirectParameters, tokenResponse: tokenMembers, metadata: metadataMembers };

/** @param {import("./kinds.js").Kind} kind @param {Iterable<[string, unknown]>} entries @param {(text: string) => void} inspectInside */
function drawMembers(kind, entries, inspectInside) {
  const list = [...entries];
  const inner = list.find(([name, value]) => name === "id_token" && typeof value === "string");
  return [
    inner && insideButton(String(inner[1]), inspectInside),
    fold(
      counted(strings.shown.members, list.length),
      members(list, { ...claimMeanings, ...meanings[/** @type {keyof typeof meanings} */ (kind)] }),
      kind !== "metadata",
    ),
  ];
}

/** @param {string} token @param {(text: string) => void} inspectInside */
function insideButton(token, inspectInside) {
  const button = h("button", { type: "button", className: "secondary" }, words.inside);
  button.addEventListener("click", () => inspectInside(token));
  return h("p", { className: "buttons" }, button);
}
