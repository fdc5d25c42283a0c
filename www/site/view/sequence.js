// @ts-check
/** The login as a list of messages that fills up as they happen. */
import { strings } from "../strings.js";
import { h } from "./dom.js";
import { inspectButton } from "./inspectable.js";
import { lanes } from "./lanes.js";
import { stepCode } from "./step_code.js";
import { steps } from "./steps.js";

/** @typedef {import("../login.js").StepName} StepName */

/** @param {HTMLElement} list */
export function createSequence(list) {
  /** @type {Map<StepName, HTMLElement>} */
  const items = new Map();

  /** Every step of the list, none of them happened yet. @param {StepName[]} names */
  function start(names) {
    items.clear();
    list.replaceChildren(
      ...names.map((name) => {
        const { path } = steps[name];
        const { title, about } = strings.steps[name];
        const item = h(
          "li",
          { className: "step", id: `step-${name}` },
          h("div", { className: "lanes" }, lanes(path)),
          h(
            "div",
            { className: "message" },
            h("h3", {}, title, h("span", { className: "when" }, strings.messages.notYet)),
            h("p", { className: "route" }, strings.routes[path]),
            h("p", { className: "about" }, about),
            h("div", { className: "seen" }),
            h("div", { className: "act" }),
            h("div", { className: "how" }, stepCode(name)),
          ),
        );
        item.dataset.state = "todo";
        items.set(name, item);
        return item;
      }),
    );
  }

  /** @param {StepName} name @param {string} part */
  const part = (name, part) => /** @type {HTMLElement} */ (items.get(name)?.querySelector(part));

  return {
    start,
    /** @param {StepName} name @param {import("../login.js").Shown} [shown] */
    show(name, shown = {}) {
      const item = items.get(name);
      if (!item) return;
      item.dataset.state = "done";
      part(name, ".when").textContent = "";
      part(name, ".seen").replaceChildren(h("div", {}, steps[name].draw(shown), inspectButton(name, shown)));
    },
    /** @param {StepName} name @param {import("../problems.js").Problem} problem */
    fail(name, { verdict }) {
      const item = items.get(name);
      if (!item) return;
      item.dataset.state = "failed";
      part(name, ".when").textContent = strings.messages.stopped;
      for (const [later, { dataset }] of items)
        if (dataset.state === "todo") part(later, ".when").textContent = strings.messages.notReached;
      if (verdict)
        part(name, ".seen").append(
          h("p", { className: "fact invalid" }, h("code", {}, verdict.code), ` ${verdict.message}`),
        );
    },
    /** Puts a button into a step. @param {StepName} name @param {HTMLElement | null} button */
    offer(name, button) {
      part(name, ".act")?.replaceChildren(...(button ? [button] : []));
    },
  };
}
