// @ts-check
/** The page: which screen the address asks for, and what the buttons do. */
import init, { RelyingParty } from "oidc-wasm";
import { readAnswer } from "./answer.js";
import { brings, usual } from "./asked.js";
import { createLogin, Failure, parametersOf } from "./login.js";
import { memory } from "./memory.js";
import { describeProblem } from "./problems.js";
import { createTrials } from "./trials.js";
import { askPanel } from "./view/ask.js";
import { breakPanel } from "./view/break.js";
import { h } from "./view/dom.js";
import { countRules, spec } from "./view/parts.js";
import { createSequence } from "./view/sequence.js";
import { loginSteps } from "./view/steps.js";

const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const configured = (/** @type {string} */ name) =>
  /** @type {HTMLMetaElement} */ (document.querySelector(`meta[name="${name}"]`)).content;

/** @type {Record<string, string[]>} */
const registry = Object.fromEntries(
  Object.entries(JSON.parse(configured("oidc-resources"))).map(([resource, scope]) => [resource, scope.split(" ")]),
);

const sequence = createSequence(byId("sequence"));
/** The facts about the login at the top of the page. @type {{ report?: import("oidc-wasm").TokenReport, name?: string }} */
const known = {};

const clientId = configured("oidc-client-id");
const login = createLogin({
  issuer: configured("oidc-issuer"),
  clientId,
  registry,
  begin: (asked) => sequence.start(loginSteps(asked)),
  show(step, shown) {
    sequence.show(step, shown);
    if (shown?.discovered) offerToAsk(shown.discovered.metadata);
    if (step === "report") known.report = shown?.report;
    if (step === "userinfo" && typeof shown?.userinfo?.name === "string") known.name = shown.userinfo.name;
  },
});

/** One action at a time: a provider treats a refresh token sent twice as stolen. */
let busy = false;

/** @param {string} label @param {() => unknown} press @param {string} [kind] */
function button(label, press, kind = "secondary") {
  const element = h("button", { type: "button", className: kind }, label);
  element.addEventListener("click", async () => {
    if (busy) return;
    busy = true;
    await attempt(async () => press());
    busy = false;
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

const signInButton = (label = "Sign in at Harbour") => button(label, signIn, "primary");

async function signIn(asked = usual) {
  say("Going to Harbour…");
  login.leave(await login.prepare(asked));
}

/** The panel is made once, with what the provider says it can do. @param {import("oidc-wasm").ProviderMetadata} metadata */
function offerToAsk(metadata) {
  if (document.getElementById("ask")) return;
  const party = new RelyingParty(metadata, { clientId, redirectUri: `${location.origin}/callback` });
  const ask = askPanel({
    metadata,
    registry,
    asked: usual,
    preview: (asked) => new URL(party.authorizationRequest(parametersOf(asked)).url),
    buttons: (read) => [
      button("Sign in with this", () => signIn(read()), "primary"),
      button("See this request first", () => showRequest(read())),
    ],
  });
  byId("panels").append(ask);
}

function openBreak() {
  const panel = /** @type {HTMLDetailsElement} */ (byId("break"));
  panel.open = true;
  panel.querySelector("summary")?.focus();
  panel.scrollIntoView({ block: "start" });
}

/** @param {import("./login.js").Evidence} evidence */
function offerToBreak(evidence) {
  document.getElementById("break")?.remove();
  byId("panels").prepend(breakPanel(createTrials(evidence)));
}

/** @param {{ note?: string, focus?: boolean }} [options] */
async function showStart({ note, focus = false } = {}) {
  sequence.start(loginSteps(usual));
  stand(
    "A login you can watch",
    [
      note && h("p", { className: "note" }, note),
      h(
        "p",
        { className: "lead" },
        "Sign in, and see every message of your login: each request, each answer, and each rule.",
      ),
      h(
        "p",
        {},
        "You sign in at Harbour, a real OpenID Provider that runs on this machine. You can be any person there.",
      ),
      h(
        "p",
        { className: "buttons" },
        signInButton(),
        button("See the request first", () => showRequest()),
      ),
    ],
    { focus },
  );
  await login.discover();
}

async function showRequest(asked = usual) {
  const request = await login.prepare(asked);
  stand("This is what you will be sent with", [
    h("p", { className: "lead" }, "The request is the second message below. Nothing has left this page with it yet."),
    h(
      "p",
      { className: "buttons" },
      button("Go to Harbour", () => login.leave(request), "primary"),
    ),
  ]);
  byId("step-authorization").scrollIntoView({ block: "nearest" });
}

/** @param {import("./answer.js").Answer} answer */
async function showLogin(answer) {
  stand("Welcome back", [h("p", { className: "lead" }, "Reading the answer…")], { focus: false });
  say("Reading the answer…");
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
    "Harbour says yes",
    [
      h(
        "p",
        { className: "lead" },
        "You allowed it. The answer has no code and no token, and does not tell who you are.",
      ),
      h("p", { className: "buttons" }, button("Sign in", startAgain, "primary")),
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
    say("Asking for new tokens…");
    await login.refresh();
    showSignedIn(outcome, { focus: false });
    say("The tokens are new. What changed is listed below.");
    byId("step-refresh").scrollIntoView({ block: "nearest" });
  };
  const renewable = brings(asked.responseType, "code");
  stand(
    "You are signed in",
    [
      h(
        "p",
        { className: "lead" },
        "Harbour says that you are ",
        h("strong", {}, known.name ?? String(claims?.name ?? claims?.sub)),
        ".",
      ),
      h("ul", { className: "facts" }, [
        h("li", {}, h("strong", {}, "Signature verified"), " with Harbour’s public key"),
        h("li", {}, h("strong", {}, `${passed} rules passed`), ", none failed"),
        h("li", {}, "Known there as ", h("code", {}, claims?.sub), " at ", h("code", {}, claims?.iss)),
      ]),
      h(
        "p",
        { className: "buttons" },
        renewable && button("Refresh the tokens", refresh),
        signOutButton("Sign out"),
        button("Break this login", openBreak),
      ),
    ],
    { tone: "good", focus },
  );
  if (renewable) sequence.offer("refresh", button("Refresh now", refresh));
  sequence.offer("sign_out", signOutButton("Sign out at Harbour"));
  if (!document.getElementById("break")) offerToBreak(evidence);
}

const signOutButton = (/** @type {string} */ label) =>
  button(label, () => {
    say("Going to Harbour…");
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
    expected ? "You are signed out" : "Nobody is signed in here",
    [
      h(
        "p",
        { className: "lead" },
        expected
          ? "Harbour sent you back, and its answer repeats this site’s state. This page has deleted the tokens."
          : "This is where a sign-out ends. This tab did not start one, or opened this address a second time.",
      ),
      h("p", { className: "buttons" }, button("Sign in again", startAgain, "primary")),
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
            h("dt", {}, "The provider says"),
            h("dd", {}, h("code", {}, answer.error), answer.description && ` ${answer.description}`),
          ],
          verdict && [
            h("dt", {}, "The rule"),
            h("dd", {}, h("code", {}, verdict.code), ` ${verdict.message} `, verdict.spec && spec(verdict.spec)),
          ],
        ),
      h(
        "p",
        { className: "buttons" },
        next === "retry" ? button("Try again", run, "primary") : button("Start a new login", startAgain, "primary"),
        h("a", { href: `#step-${failure.step}` }, "See the message that it stopped at"),
      ),
    ],
    { tone: "bad" },
  );
}

function offerOpenAll() {
  const toggle = /** @type {HTMLButtonElement} */ (byId("open-all"));
  const folds = () => [...byId("sequence").querySelectorAll("details")];
  toggle.hidden = false;
  toggle.addEventListener("click", () => {
    const open = folds().some((fold) => !fold.open);
    for (const fold of folds()) fold.open = open;
    toggle.textContent = open ? "Close all" : "Open all";
  });
}

// The Back button must not restore a page with tokens, or one that is leaving.
addEventListener("pageshow", ({ persisted }) => persisted && location.reload());

const address = new URL(location.href);
const posted = /** @type {HTMLMetaElement} */ (document.querySelector('meta[name="oidc-form"]'));
const answer = readAnswer(address, posted.content);
// The answer is read once, and leaves no code in the address bar, the history or the page.
posted.remove();
if (address.pathname !== "/") history.replaceState(null, "", "/");

await attempt(async () => {
  await init();
  offerOpenAll();
  if (address.pathname === "/callback") return showLogin(answer);
  if (address.pathname === "/signed-out") return showSignedOut(address);
  const reloaded = memory.wasSignedIn();
  memory.markSignedIn(false);
  return showStart(
    reloaded
      ? {
          note: "You reloaded the page, and its tokens are gone: it never stores them. Harbour still knows you.",
          focus: true,
        }
      : {},
  );
});
