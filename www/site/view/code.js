// @ts-check
/** A block of code with a button that copies it. */
import { fill, strings } from "../strings.js";
import { h } from "./dom.js";

/** @param {() => string} read @param {string} what is copied, for a screen reader */
export function copyButton(read, what) {
  const button = h("button", { type: "button", className: "quiet copy" });
  const label = (/** @type {string} */ text) =>
    button.replaceChildren(text, h("span", { className: "unseen" }, ` ${what}`));
  label(strings.code.copy);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(read());
      label(strings.code.copied);
    } catch {
      label(strings.code.notCopied);
    }
  });
  return button;
}

/** @param {string} title @param {string} code */
export const codeBlock = (title, code) =>
  h(
    "figure",
    { className: "code" },
    h(
      "figcaption",
      {},
      h("span", {}, title),
      copyButton(() => code, fill(strings.code.of, { title })),
    ),
    h("pre", { tabIndex: 0 }, h("code", {}, code)),
  );
