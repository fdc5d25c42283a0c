// @ts-check
/** A provider, an application and a person inside one page: every message is real, and none leaves the page. */
import init, { OidcError, RelyingParty } from "oidc-wasm/full";
import { createTestProvider } from "oidc-wasm/testing";
import { rich, strings } from "../strings.js";
import { h } from "../view/dom.js";
import { spec } from "../view/parts.js";

export const issuer = "https://harbour.example";
export const redirectUri = "https://app.example/cb";
const { lab: words } = strings;

/** @param {object} [options] of the test provider */
export async function openLab(options = {}) {
  await init();
  const provider = await createTestProvider({
    issuer,
    users: { mara: { name: "Mara Lindqvist" }, eve: { name: "Eve" } },
    ...options,
  });
  const rp = await RelyingParty.discover(issuer, { clientId: "app", redirectUri }, { fetch: provider.fetch });
  return { provider, rp, fetch: provider.fetch };
}

/** What came of a call: a value, or the error of a broken rule. @template T @param {() => T | Promise<T>} run @returns {Promise<T | OidcError>} */
export async function outcomeOf(run) {
  try {
    return await run();
  } catch (error) {
    if (error instanceof OidcError) return error;
    throw error;
  }
}

/**
 * A line of what happened: who did it, what was answered, and whether it is good for the person.
 * @param {HTMLElement} list
 * @param {string} who
 * @param {import("../view/dom.js").Child} what
 * @param {{ isGood?: boolean, answer?: import("../view/dom.js").Child, error?: OidcError }} [result]
 */
export function tell(list, who, what, { isGood, answer, error } = {}) {
  const kind = isGood === undefined ? "" : isGood ? "pass" : "fail";
  list.prepend(
    h(
      "li",
      { className: kind },
      h("p", {}, rich(words.line, { who: h("strong", {}, who), what })),
      answer && h("p", { className: "gloss" }, answer),
      error &&
        h(
          "p",
          { className: "gloss" },
          h("code", {}, error.error ?? error.code),
          " ",
          h("span", { lang: "en" }, error.message),
          " ",
          spec(error.spec),
        ),
      kind && h("span", { className: "verdict" }, isGood ? words.good : words.bad),
    ),
  );
}

/** @param {string} label @param {() => unknown} press @param {string} [kind] */
export function labButton(label, press, kind = "secondary") {
  const button = h("button", { type: "button", className: kind }, label);
  let busy = false;
  button.addEventListener("click", async () => {
    if (busy) return;
    busy = true;
    await press();
    busy = false;
  });
  return button;
}

/** The place of the page for its experiment. @param {...import("../view/dom.js").Child} children */
export function setUp(...children) {
  const place = /** @type {HTMLElement} */ (document.getElementById("lab"));
  place.replaceChildren(h("div", { className: "lab" }, children));
  document.documentElement.dataset.ready = "";
}

/** The list that `tell` writes to. A screen reader announces each line. */
export const record = () => h("ol", { className: "log", ariaLive: "polite", ariaLabel: words.record, reversed: true });

/** A value of a message, shortened. @param {string} text */
export const short = (text) => (text.length > 40 ? `${text.slice(0, 24)}…${text.slice(-8)}` : text);

export { rich };
