// @ts-check
/** The page: which screen the address asks for, and what the buttons do. */
import init, { RelyingParty } from "oidc-wasm/full";
import { readAnswer } from "./answer.js";
import { brings, usual } from "./asked.js";
import { handOver } from "./handover.js";
import { createLogin, Failure, parametersOf } from "./login.js";
import { memory } from "./memory.js";
import { callback, page, place, places, start } from "./place.js";
import { describeProblem } from "./problems.js";
import { rich, strings } from "./strings.js";
import { createTrials } from "./trials.js";
import { askPanel } from "./view/ask.js";
import { breakPanel } from "./view/break.js";
import { h } from "./view/dom.js";
import { countRules, spec } from "./view/parts.js";
import { createSequence } from "./view/sequence.js";
import { loginSteps } from "./view/steps.js";
import { startWorker } from "./worker.js";

const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const { back, out, failed: failing, start: begin, request: going } = strings;

const sequence = createSequence(byId("sequence"));
/** The facts about the login at the top of the page. @type {{ report?: import("oidc-wasm/full").TokenReport, name?: string }} */
const known = {};

const login = createLogin({
  place,
  begin: (asked) => sequence.start(loginSteps(asked)),
  show(step, shown) {
    sequence.show(step, shown);
    if (shown?.discovered) offerToAsk(shown.discovered.metadata);
    if (step === "report") known.report = shown?.report;
    if (step === "userinfo" && typeof shown?.userinfo?.name === "string") known.name = shown.userinfo.name;
  },
});

/** The provider inside this browser needs a service worker. */
function showNoWorker() {
  stand(begin.heading, [
    h("p", { className: "lead" }, begin.noWorker),
    h("p", { className: "buttons" }, otherPlaces()),
  ]);
}

/** Hands the ID token and the key set to the inspector, inside this browser. @param {import("./login.js").Evidence} evidence */
function inspect({ idToken = "", keys, metadata, client, url }) {
  const nonce = new URL(url).searchParams.get("nonce") ?? "";
  handOver({ message: idToken, keys, issuer: metadata.issuer, clientId: client.clientId, nonce });
  location.assign("inspect.html");
}

/** One action at a time, in the order of the presses: a provider treats a refresh token sent twice as stolen. */
let acting = Promise.resolve();

/** @param {string} label @param {() => unknown} press @param {string} [kind] */
function button(label, press, kind = "secondary") {
  const element = h("button", { type: "button", className: kind }, label);
  let pressed = false;
  element.addEventListener("click", async () => {
    if (pressed) return;
    pressed = true;
    acting = acting.then(() => attempt(async () => press()));
    await acting;
    pressed = false;
  });
  return element;
}

/** @param {string} text */
const say = (text) => {
  byId("progress").textContent = text;
};

/**
 * The top of the page.
 * @param {string} heading
 * @param {import("./view/dom.js").Child[]} content
 * @param {{ tone?: "good" | "bad", focus?: boolean }} [options]
 */
function stand(heading, content, { tone, focus = true } = {}) {
  byId("status").dataset.tone = tone ?? "";
  const title = byId("heading");
  title.textContent = heading;
  document.title = `${heading} · oidc-wasm`;
  byId("standing").replaceChildren(h("div", { className: "standing" }, content));
  // Screen readers cannot see the page change, so the focus moves to what changed.
  if (focus) title.focus();
}

/** Runs something that may fail, and shows how. @param {() => Promise<unknown>} run */
async function attempt(run) {
  try {
    await run();
  } catch (error) {
    say("");
    showProblem(error instanceof Failure ? error : new Failure("discovery", error), run);
  }
}

const signInButton = () => button(begin.signIn, () => signIn(), "primary");

async function signIn(asked = usual) {
  say(begin.going);
  login.leave(await login.prepare(asked));
}

/** What is inside a panel of the page. @param {string} id */
const inside = (id) => /** @type {HTMLElement | null} */ (document.querySelector(`#${id} > .folded`));

/** The panel is made once, with what the provider says it can do. @param {import("oidc-wasm/full").ProviderMetadata} metadata */
function offerToAsk(metadata) {
  const panel = inside("ask");
  if (!panel || panel.firstChild) return;
  const party = new RelyingParty(metadata, { clientId: place.clientId, redirectUri: callback });
  const ask = askPanel({
    metadata,
    registry: place.registry,
    asked: usual,
    preview: (asked) => new URL(party.authorizationRequest(parametersOf(asked)).url),
    buttons: (read) => [
      button(strings.ask.signInWith, () => signIn(read()), "primary"),
      button(strings.ask.seeThis, () => showRequest(read())),
    ],
  });
  panel.append(...ask);
}

/** @param {import("./login.js").Evidence} evidence */
function offerToBreak(evidence) {
  inside("break")?.replaceChildren(...breakPanel(createTrials(evidence)));
}

/** @param {{ note?: string, focus?: boolean }} [options] */
async function showStart({ note, focus = false } = {}) {
  sequence.start(loginSteps(usual));
  stand(
    begin.heading,
    [
      note && h("p", { className: "note" }, note),
      h("p", { className: "lead" }, begin.lead),
      h("p", {}, place.name === "machine" ? begin.whereMachine : begin.where),
      h(
        "p",
        { className: "buttons" },
        signInButton(),
        button(begin.seeFirst, () => showRequest()),
        otherPlaces(),
      ),
    ],
    { focus },
  );
  await login.discover();
}

/** Links to the other providers. */
function otherPlaces() {
  const other = places[place.name === "machine" ? "browser" : "machine"];
  return [
    other && h("a", { href: `./?at=${other.name}` }, other.name === "machine" ? begin.useMachine : begin.useBrowser),
    h("a", { href: "provider.html" }, begin.useOther),
  ];
}

async function showRequest(asked = usual) {
  const request = await login.prepare(asked);
  stand(going.heading, [
    h("p", { className: "lead" }, going.lead),
    h(
      "p",
      { className: "buttons" },
      button(going.go, () => login.leave(request), "primary"),
    ),
  ]);
  byId("step-authorization").scrollIntoView({ block: "nearest" });
}

/** @param {import("./answer.js").Answer} answer */
async function showLogin(answer) {
  say(back.reading);
  const outcome = await login.complete(answer);
  say("");
  if (!outcome.claims) return showYes(outcome);
  await attempt(async () => {
    if (outcome.tokens.access_token) await login.userInfo();
    if (outcome.tokens.refresh_token && outcome.asked.resource.length > 0) await login.resourceTokens();
    showSignedIn(outcome);
  });
}

/** Response type "none": nothing came that says who. @param {import("./login.js").Outcome} outcome */
function showYes({ evidence }) {
  stand(
    back.saysYes,
    [
      h("p", { className: "lead" }, back.allowed),
      h("p", { className: "buttons" }, button(back.again, startAgain, "primary")),
    ],
    { tone: "good" },
  );
  offerToBreak(evidence);
}

/** @param {import("./login.js").Outcome} outcome @param {{ focus?: boolean }} [options] */
function showSignedIn(outcome, { focus = true } = {}) {
  const { asked, claims, evidence } = outcome;
  const passed = known.report ? countRules(known.report).passed : 0;
  const refresh = async () => {
    say(back.refreshing);
    await login.refresh();
    showSignedIn(outcome, { focus: false });
    say(back.refreshed);
    byId("step-refresh").scrollIntoView({ block: "nearest" });
  };
  const renewable = brings(asked.responseType, "code");
  stand(
    back.signedIn,
    [
      h("p", { className: "lead" }, rich(back.youAre, { name: known.name ?? String(claims?.name ?? claims?.sub) })),
      h("ul", { className: "facts" }, [
        h("li", {}, rich(back.verified)),
        h("li", {}, rich(back.passed, { n: passed })),
        h("li", {}, rich(back.knownAs, { sub: h("code", {}, claims?.sub), iss: h("code", {}, claims?.iss) })),
      ]),
      h(
        "p",
        { className: "buttons" },
        renewable && button(back.refresh, refresh),
        signOutButton(back.signOut),
        button(back.inspect, () => inspect(evidence)),
      ),
    ],
    { tone: "good", focus },
  );
  if (renewable) sequence.offer("refresh", button(back.refreshNow, refresh));
  sequence.offer("sign_out", signOutButton(back.signOutAt));
  if (!inside("break")?.firstChild) offerToBreak(evidence);
}

const signOutButton = (/** @type {string} */ label) =>
  button(label, () => {
    say(begin.going);
    return login.signOut();
  });

/** @param {URL} address */
async function showSignedOut(address) {
  const leaving = memory.takeSignOut();
  const state = address.searchParams.get("state");
  sequence.start(["sign_out", "signed_out"]);
  if (leaving) sequence.show("sign_out", { url: leaving.url });
  sequence.show("signed_out", { parameters: address.searchParams });
  const expected = leaving !== null && leaving.state === state;
  stand(
    expected ? out.done : out.nobody,
    [
      h("p", { className: "lead" }, expected ? out.sentBack : out.notStarted),
      h("p", { className: "buttons" }, button(out.again, startAgain, "primary")),
    ],
    { tone: expected ? "good" : undefined },
  );
}

const startAgain = () => signIn();

/** @param {Failure} failure @param {() => Promise<unknown>} run what failed, to run it again */
function showProblem(failure, run) {
  const problem = describeProblem(failure);
  const { heading, text, verdict, answer, next } = problem;
  sequence.fail(failure.step, problem);
  stand(
    heading,
    [
      text.map((sentence, index) => h("p", { className: index === 0 ? "lead" : "" }, sentence)),
      (verdict || answer) &&
        h(
          "dl",
          { className: "verdict-box" },
          answer && [
            h("dt", {}, failing.providerSays),
            h("dd", {}, h("code", {}, answer.error), answer.description && ` ${answer.description}`),
          ],
          verdict && [
            h("dt", {}, failing.rule),
            h(
              "dd",
              {},
              h("code", {}, verdict.code),
              " ",
              h("span", { lang: "en" }, verdict.message),
              " ",
              verdict.spec && spec(verdict.spec),
            ),
          ],
        ),
      h(
        "p",
        { className: "buttons" },
        next === "retry" ? button(failing.retry, run, "primary") : button(failing.again, startAgain, "primary"),
        h("a", { href: `#step-${failure.step}` }, failing.see),
      ),
    ],
    { tone: "bad" },
  );
}

function offerOpenAll() {
  const toggle = /** @type {HTMLButtonElement} */ (byId("open-all"));
  // Of the messages. Their code, and rules that had nothing to check, stay folded.
  const folds = () =>
    /** @type {HTMLDetailsElement[]} */ ([...byId("sequence").querySelectorAll(".seen > div > details")]);
  toggle.hidden = false;
  toggle.addEventListener("click", () => {
    const open = folds().some((fold) => !fold.open);
    for (const fold of folds()) fold.open = open;
    toggle.textContent = open ? strings.messages.closeAll : strings.messages.openAll;
  });
}

// The Back button must not restore a page with tokens, or one that is leaving.
addEventListener("pageshow", ({ persisted }) => persisted && location.reload());

const address = new URL(location.href);
const posted = /** @type {HTMLMetaElement} */ (document.querySelector('meta[name="oidc-form"]'));
const answer = readAnswer(address, posted.content);
// The answer is read once, and leaves no code in the address bar, the history or the page.
posted.remove();
if (page !== "index" || address.search) history.replaceState(null, "", start);

const working = startWorker();
await attempt(async () => {
  await init();
  offerOpenAll();
  if (!(await working) && place.name === "browser") return showNoWorker();
  if (page === "callback") return showLogin(answer);
  if (page === "signed-out") return showSignedOut(address);
  const reloaded = memory.wasSignedIn();
  memory.markSignedIn(false);
  return showStart(
    reloaded
      ? {
          note: begin.reloaded,
          focus: true,
        }
      : {},
  );
});
