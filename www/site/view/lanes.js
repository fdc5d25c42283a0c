// @ts-check
/** The three lanes beside a step, and the arrows of its messages. */
import { svg } from "./dom.js";

const site = 40;
const browser = 120;
const provider = 200;

/**
 * @typedef {"ask" | "send" | "receive" | "leave" | "return" | "person" | "inside"} Path
 * ask: straight to the provider and back; send, receive: one half of that; leave, return: through the browser's address;
 * person: between you and the provider; inside: nothing crosses.
 */

/** @type {Record<Path, () => SVGElement[]>} */
const paths = {
  ask: () => [...straight(site, provider, 18), ...straight(provider, site, 38, "reply")],
  send: () => straight(site, provider, 24),
  receive: () => straight(provider, site, 24, "reply"),
  leave: () => through(site, provider),
  return: () => through(provider, site),
  person: () => [arrow(browser, provider, 18, "front"), arrow(provider, browser, 38, "front")],
  inside: () => [svg("rect", { class: "inside", x: site - 9, y: 17, width: 18, height: 18, rx: 5 })],
};

/** @param {Path} path */
export const lanes = (path) =>
  svg("svg", { viewBox: "0 0 240 52", "aria-hidden": "true", focusable: "false" }, ...paths[path]());

/** A message that hops over the browser's lane: it never shows in the address bar. @param {number} from @param {number} to @param {number} y @param {string} [kind] */
function straight(from, to, y, kind = "ask") {
  const sign = Math.sign(to - from);
  const hop = `M${from + sign * 5} ${y}H${browser - sign * 9}a9 9 0 0 ${sign > 0 ? 1 : 0} ${sign * 18} 0H${to - sign * 6}`;
  return [svg("path", { class: kind, d: hop }), head(to - sign * 5, y, sign, kind)];
}

/** A message that passes through the browser's address bar. @param {number} from @param {number} to */
function through(from, to) {
  return [arrow(from, to, 26, "front"), svg("circle", { class: "front knot", cx: browser, cy: 26, r: 6 })];
}

/** @param {number} from @param {number} to @param {number} y @param {string} kind */
function arrow(from, to, y, kind) {
  const sign = Math.sign(to - from);
  return svg(
    "g",
    {},
    svg("path", { class: kind, d: `M${from + sign * 5} ${y}H${to - sign * 6}` }),
    head(to - sign * 5, y, sign, kind),
  );
}

/** @param {number} x @param {number} y @param {number} sign @param {string} kind */
const head = (x, y, sign, kind) => svg("path", { class: `${kind} head`, d: `M${x} ${y}l${-sign * 8} -5v10z` });
