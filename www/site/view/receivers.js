// @ts-check
/** Which scopes reach whom: the table before a login, and with the tokens beside it afterwards. */
import { strings } from "../strings.js";
import { h } from "./dom.js";

const { table: words } = strings;

/** @typedef {import("../login.js").Receiver} Receiver */

/** @param {Receiver} receiver */
export const agrees = ({ resource, scopes, granted, audience }) =>
  (resource === null || audience === resource) && [...scopes].sort().join(" ") === [...granted].sort().join(" ");

/** @param {string | null} resource */
const nameOf = (resource) => (resource === null ? words.itself : uri(resource));

/** Breaks before the host rather than within it. @param {string} text */
const uri = (text) =>
  h(
    "code",
    {},
    text.split(/(?<=\/\/)/).flatMap((part, index) => [index > 0 && h("wbr"), part]),
  );

/** @param {string[]} scopes */
const scopeList = (scopes) =>
  scopes.length ? h("code", {}, scopes.join(" ")) : h("span", { className: "none" }, words.none);

/** @param {import("oidc-wasm/full").Downscoping["table"]} rows */
export const scopeTable = (rows) =>
  table(
    [words.for, words.scopes],
    rows.map(({ resource, scopes }) => [nameOf(resource), scopeList(scopes)]),
  );

/** @param {Receiver[]} receivers */
export const receiversTable = (receivers) =>
  table(
    [words.for, words.says, words.audience, words.scope, ""],
    receivers.map((receiver) => {
      const { resource, scopes, audience, granted } = receiver;
      const good = agrees(receiver);
      return [
        nameOf(resource),
        scopeList(scopes),
        resource === null ? words.opaque : uri(audience ?? words.none),
        scopeList(granted),
        h(
          "span",
          { className: good ? "pass" : "fail" },
          h("span", { className: "verdict" }, good ? words.agrees : words.differs),
        ),
      ];
    }),
  );

/**
 * On a narrow screen each row stands as a block, with the column's name before each value.
 * @param {string[]} names
 * @param {import("./dom.js").Child[][]} rows
 */
export function table(names, rows) {
  return h(
    "table",
    { className: "receivers" },
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        names.map((name) => h("th", { scope: "col" }, name || h("span", { className: "unseen" }, words.verdict))),
      ),
    ),
    h(
      "tbody",
      {},
      rows.map(([first, ...rest]) =>
        h(
          "tr",
          {},
          h("th", { scope: "row" }, first),
          rest.map((value, index) => {
            const cell = h("td", {}, value);
            cell.dataset.name = names[index + 1];
            return cell;
          }),
        ),
      ),
    ),
  );
}
