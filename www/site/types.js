// @ts-check
/** Which response type: what passes through the browser, and what happens when an attacker exchanges it there. */
import { OidcError } from "oidc-wasm/full";
import { brings } from "./asked.js";
import { labButton, openLab, outcomeOf, record, setUp, short, tell } from "./lessons/lab.js";
import { rich, strings } from "./strings.js";
import { choices } from "./view/ask.js";
import { h } from "./view/dom.js";

/** @typedef {import("oidc-wasm/full").ResponseType} ResponseType */

const { kinds: words, ask } = strings;
const { provider, rp, fetch } = await openLab();
const list = record();
const answer = h("div", { ariaLive: "polite" });
const attacks = h("p", { className: "buttons" });
const form = h("form", {}, choices("radio", "type", ask.comesBack, Object.entries(ask.types), ["code"]));
const chosen = () => /** @type {ResponseType} */ (String(new FormData(form).get("type")));

/** A login of this person, until the redirect. @param {string} user */
async function begin(user) {
  const request = rp.authorizationRequest({ responseType: chosen(), scope: "openid" });
  const { url } = await provider.authorize(request.url, { user });
  return { address: new URL(url), transaction: request.transaction };
}

/** The part of the address that has the answer. @param {URL} address */
const partOf = (address) => new URLSearchParams(address.hash ? address.hash.slice(1) : address.search);

/** The number of choices so far. */
let choice = 0;

async function draw() {
  const mine = ++choice;
  list.replaceChildren();
  // They belong to the answer before. A button that is replaced while a person presses it loses the press.
  attacks.replaceChildren();
  const { address } = await begin("mara");
  // An answer of another type came meanwhile, or comes later.
  if (mine !== choice) return;
  const sent = partOf(address);
  const keys = ["code", "id_token", "access_token"].filter((name) => sent.has(name));
  answer.replaceChildren(
    h("h2", {}, words.answer),
    h("p", {}, address.hash ? strings.places.fragment : strings.places.query),
    h(
      "ul",
      { className: "parameters" },
      [...sent].map(([name, value]) =>
        h(
          "li",
          {},
          h("code", {}, `${name}=${short(value)}`),
          keys.includes(name) && h("span", { className: "chip risk" }, words.worth),
        ),
      ),
    ),
    h("p", {}, rich(brings(chosen(), "code") ? words.thenTokens : words.noMore)),
  );
  attacks.replaceChildren(
    labButton(words.honest, () => finish(undefined), "primary"),
    ...keys.map((name) => labButton(`${words.swap} ${name}`, () => finish(name))),
  );
}

/** The app takes the answer, in which an attacker may have put a value of the attacker's own login. @param {string | undefined} swapped */
async function finish(swapped) {
  const { address, transaction } = await begin("mara");
  if (swapped) {
    const { address: other } = await begin("eve");
    const sent = partOf(address);
    sent.set(swapped, partOf(other).get(swapped) ?? "");
    if (address.hash) address.hash = `${sent}`;
    else address.search = `${sent}`;
  }
  const met = await outcomeOf(() => rp.callback(address, transaction, { fetch }));
  const isRefused = met instanceof OidcError;
  const who = swapped ? words.attacker : words.app;
  tell(list, who, swapped ? rich(words.putsIn, { name: h("code", {}, swapped) }) : words.takes, {
    isGood: swapped ? isRefused : !isRefused,
    ...(isRefused ? { error: met } : { answer: swapped ? words.notCaught : words.accepted }),
  });
}

form.addEventListener("change", draw);
form.addEventListener("submit", (event) => event.preventDefault());
await draw();
setUp(form, answer, attacks, list);
