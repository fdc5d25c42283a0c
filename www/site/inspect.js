// @ts-check
/** The inspector: a message is pasted, and the package judges it. The document's policy forbids every connection. */
import init from "oidc-wasm/full";
import { takeOver } from "./handover.js";
import { example } from "./inspect/example.js";
import { judge } from "./inspect/judge.js";
import { algorithmOf, decoded, isToken, kindOf, kinds, textOf } from "./inspect/kinds.js";
import { shareAddress, shared } from "./inspect/share.js";
import { drawJudged } from "./inspect/view.js";
import { counted, fill, language, strings } from "./strings.js";
import { copyButton } from "./view/code.js";
import { h } from "./view/dom.js";

/** @typedef {import("./inspect/kinds.js").Kind} Kind */

const { inspect: words } = strings;
const byId = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
const [message, kindSelect, slider] = [byId("message"), byId("kind"), byId("slider")];
const text = () => message.value.trim().replace(/^bearer\s+(?=ey)/i, "");

/** What can be expected of each kind. @type {Record<Kind, string[]>} */
const settingsOf = {
  idToken: ["issuer", "clientId", "nonce", "algorithm", "accessToken", "code", "secret", "keys"],
  accessToken: ["issuer", "audience", "scope", "keys"],
  logoutToken: ["issuer", "clientId", "algorithm", "keys"],
  redirect: ["issuer", "transaction", "clientId", "keys"],
  tokenResponse: ["scope"],
  metadata: ["issuer"],
  keySet: [],
  challenge: [],
};

/** The visitor's own expectations. @type {Record<string, string>} */
const given = {};
/** The moment that the message is judged at; undefined is now. @type {number | undefined} */
let moment;
/** The kind that the visitor chose instead of the seen one. @type {Kind | undefined} */
let overruled;
/** Whether the expectations came with the message, and leave with it. */
let borrowed = false;
let turn = 0;

for (const kind of kinds) kindSelect.append(h("option", { value: kind }, words.kinds[kind]));

/** The message’s own values, where the visitor expects no other. @param {Kind} kind @returns {Record<string, string>} */
function ownWords(kind) {
  if (!isToken(kind)) return {};
  const { header, claims } = decoded(text());
  const first = (/** @type {unknown} */ value) => textOf([value].flat()[0]);
  return {
    issuer: first(claims.iss),
    clientId: (kind === "idToken" && first(claims.azp)) || first(claims.aud),
    audience: first(claims.aud),
    nonce: first(claims.nonce),
    algorithm: algorithmOf(header),
  };
}

const kindNow = () => overruled ?? kindOf(text());

/** Draws everything for a new message. */
function renew() {
  const kind = kindNow();
  kindSelect.value = kind ?? "";
  byId("shared").hidden = true;
  drawSettings(kind);
  drawTime(kind);
  refresh();
}

/** @param {Kind | undefined} kind */
function drawSettings(kind) {
  const own = kind ? ownWords(kind) : {};
  byId("settings").replaceChildren(
    ...(kind ? settingsOf[kind] : []).map((name) => {
      const [label, hint] = words.settings[/** @type {keyof typeof words.settings} */ (name)];
      const long = name === "keys" || name === "transaction";
      const control = h(long ? "textarea" : "input", {
        id: `setting-${name}`,
        name,
        value: given[name] ?? "",
        placeholder: own[name] ?? "",
        spellcheck: false,
        autocomplete: "off",
        ...(long ? { rows: 3 } : { type: "text" }),
      });
      control.setAttribute("aria-describedby", `about-${name}`);
      return h(
        "p",
        { className: "field" },
        h("label", { htmlFor: `setting-${name}` }, label),
        control,
        h("span", { className: "gloss", id: `about-${name}` }, hint),
      );
    }),
  );
}

/** The slider reaches from an hour before the message to an hour after its end. @param {Kind | undefined} kind */
function drawTime(kind) {
  const { claims } = decoded(kind && isToken(kind) ? text() : "");
  const times = [claims.iat, claims.nbf, claims.auth_time, claims.exp].filter((time) => Number.isFinite(time));
  byId("time").hidden = times.length === 0;
  if (times.length === 0) {
    moment = undefined;
    return;
  }
  const now = Math.floor(Date.now() / 1000);
  slider.min = Math.min(...times) - 3600;
  slider.max = Math.max(...times, now) + 3600;
  slider.value = moment ?? now;
}

/** Judges again with what is expected now. */
async function refresh() {
  const mine = ++turn;
  const kind = kindNow();
  const now = moment ?? Math.floor(Date.now() / 1000);
  byId("moment").textContent = new Date(now * 1000).toLocaleString(language, {
    dateStyle: "medium",
    timeStyle: "medium",
  });
  if (!kind) {
    byId("judged").removeAttribute("aria-busy");
    const waiting = given.keys ? fill(words.keysHere, { issuer: given.issuer ?? "" }) : "";
    byId("said").textContent = text() ? words.unknownKind : waiting;
    byId("judged").replaceChildren(h("p", { className: "gloss" }, words.pasteFirst));
    return;
  }
  const own = ownWords(kind);
  byId("judged").setAttribute("aria-busy", "true");
  const settings = { ...own, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value)) };
  const judged = await judge(kind, text(), settings, now).catch(() => undefined);
  if (mine !== turn) return;
  byId("judged").removeAttribute("aria-busy");
  if (!judged) {
    // The verdict of an earlier message must not stand beside this one.
    byId("said").textContent = words.notJudged;
    byId("judged").replaceChildren();
    return;
  }
  const failed = judged.rows.filter(({ verdict }) => verdict === "fail").length;
  byId("said").textContent = fill(failed ? words.saidFailed : words.saidPassed, {
    kind: words.kinds[kind],
    rules: counted(strings.shown.rules, failed),
  });
  const assumed = settingsOf[kind].filter((name) => own[name] && !given[name]);
  byId("judged").replaceChildren(...drawJudged(kind, text(), judged, { assumed, inspectInside }));
}

/** A message inside the message. @param {string} inner */
function inspectInside(inner) {
  message.value = inner;
  overruled = undefined;
  renew();
  message.focus();
}

message.addEventListener("input", () => {
  if (borrowed) for (const name of Object.keys(given)) delete given[name];
  borrowed = false;
  overruled = undefined;
  moment = undefined;
  renew();
});
kindSelect.addEventListener("change", () => {
  overruled = kindSelect.value || undefined;
  renew();
});
byId("settings").addEventListener("input", (/** @type {any} */ { target }) => {
  given[target.name] = target.value.trim();
  borrowed = false;
  refresh();
});
slider.addEventListener("input", () => {
  moment = Number(slider.value);
  refresh();
});
byId("now").addEventListener("click", () => {
  moment = undefined;
  slider.value = Math.floor(Date.now() / 1000);
  refresh();
});
byId("clear").addEventListener("click", () => {
  message.value = "";
  for (const name of Object.keys(given)) delete given[name];
  moment = undefined;
  overruled = undefined;
  if (location.hash) history.replaceState(null, "", location.pathname);
  renew();
  message.focus();
});
byId("example").addEventListener("click", async () => take(await example()));
byId("share").addEventListener("click", () => {
  const kind = kindNow();
  const address = kind && shareAddress(kind, text());
  if (!address) return;
  byId("shared").hidden = false;
  byId("shared").replaceChildren(
    words.sharedAbout,
    " ",
    h("code", {}, address),
    " ",
    copyButton(() => address, words.address),
  );
});
byId("inspector").addEventListener("submit", (/** @type {Event} */ event) => event.preventDefault());

/** @param {import("./handover.js").Handed} handed */
function take({ message: text, ...expected }) {
  message.value = text;
  overruled = undefined;
  moment = undefined;
  // Keys that came alone wait for the message that is pasted next.
  borrowed = text !== "";
  Object.assign(given, { issuer: "", clientId: "", nonce: "", keys: "", transaction: "" }, expected);
  renew();
}

/** The message of a shared address. Nothing that was expected of an earlier message is expected of this one. */
function takeLinked() {
  const linked = shared();
  if (!linked) return false;
  for (const name of Object.keys(given)) delete given[name];
  moment = undefined;
  message.value = linked.message;
  overruled = kinds.find((kind) => kind === linked.kind);
  renew();
  return true;
}

await init();
const handed = takeOver();
if (handed) take(handed);
else if (!takeLinked()) renew();
addEventListener("hashchange", takeLinked);
document.documentElement.dataset.ready = "";
