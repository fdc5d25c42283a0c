// @ts-check
/** The messages of a login that the inspector takes, with what it needs to judge each. */
import { handOver } from "../handover.js";
import { callback, place } from "../place.js";
import { strings } from "../strings.js";
import { h } from "./dom.js";

/** @typedef {import("../login.js").Shown} Shown */
/** @typedef {import("../handover.js").Handed} Handed */

const { issuer, clientId } = place;

/** @type {Partial<Record<import("../login.js").StepName, (shown: Shown) => Handed | undefined>>} */
const messages = {
  discovery: ({ discovered }) => discovered && { message: JSON.stringify(discovered.metadata, null, 2), issuer },
  redirect: ({ answer, transaction }) =>
    answer && {
      message: `${callback}${answer.mode === "fragment" ? "#" : "?"}${answer.parameters}`,
      issuer,
      clientId,
      transaction,
    },
  token_response: ({ exchange }) => (exchange?.reply ? { message: exchange.reply.body } : undefined),
  keys: ({ exchange }) => (exchange?.reply ? { message: exchange.reply.body } : undefined),
};

/** A button that takes this message to the inspector. @param {import("../login.js").StepName} step @param {Shown} shown */
export function inspectButton(step, shown) {
  const handed = messages[step]?.(shown);
  if (!handed) return null;
  const button = h("button", { type: "button", className: "quiet" }, strings.messages.inspect);
  button.addEventListener("click", () => {
    handOver(handed);
    location.assign("inspect.html");
  });
  return button;
}
