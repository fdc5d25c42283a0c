// @ts-check
/** The page: which screen the address asks for, and what the buttons do. */
import init from "oidc-wasm";
import { createLogin, Failure } from "./login.js";
import { memory } from "./memory.js";
import { describeProblem } from "./problems.js";
import { h } from "./view/dom.js";
import { countRules, spec } from "./view/parts.js";
import { createSequence } from "./view/sequence.js";
import { loginSteps } from "./view/steps.js";

const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const configured = (/** @type {string} */ name) =>
  /** @type {HTMLMetaElement} */ (document.querySelector(`meta[name="${name}"]`)).content;

const sequence = createSequence(byId("sequence"));
/** What the top of the page tells of the login. @type {{ report?: import("oidc-wasm").TokenReport, name?: string }} */
const known = {};

const login = createLogin({
  issuer: configured("oidc-issuer"),
  clientId: configured("oidc-client-id"),
  show(step, shown) {
    sequence.show(step, shown);
    if (step === "report") known.report = shown?.report;
    if (step === "userinfo" && typeof shown?.userinfo?.name === "string") known.name = shown.userinfo.name;
  },
});

/** One thing at a time: a refresh token sent twice is taken for a stolen one. */
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
 * What stands at the top of the page.
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
  // Whoever can't see the page change is taken to what changed.
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

async function signIn() {
  say("Going to Harbour…");
  login.leave(await login.prepare());
}

/** @param {{ note?: string, focus?: boolean }} [options] */
async function showStart({ note, focus = false } = {}) {
  sequence.start(loginSteps);
  stand(
    "A login you can watch",
    [
      note && h("p", { className: "note" }, note),
      h(
        "p",
        { className: "lead" },
        "Sign in, and see every message that your login is made of: what was sent, what came back, and each rule it was checked against.",
      ),
      h(
        "p",
        {},
        "You sign in at Harbour, a real OpenID Provider that runs on this machine beside this site. You may be anybody there.",
      ),
      h("p", { className: "buttons" }, signInButton(), button("See the request first", showRequest)),
    ],
    { focus },
  );
  await login.discover();
}

async function showRequest() {
  const request = await login.prepare();
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

/** @param {URL} redirect */
async function showLogin(redirect) {
  sequence.start(loginSteps);
  stand("Welcome back", [h("p", { className: "lead" }, "Reading the answer…")], { focus: false });
  say("Reading the answer…");
  const claims = await login.complete(redirect);
  if (!claims) return;
  say("");
  await attempt(async () => {
    await login.userInfo();
    showSignedIn(claims);
  });
}

/** @param {import("oidc-wasm").IdTokenClaims} claims @param {{ focus?: boolean }} [options] */
function showSignedIn(claims, { focus = true } = {}) {
  const passed = known.report ? countRules(known.report).passed : 0;
  const refresh = async () => {
    say("Asking for new tokens…");
    await login.refresh();
    showSignedIn(claims, { focus: false });
    say("The tokens are new. What changed is listed below.");
    byId("step-refresh").scrollIntoView({ block: "nearest" });
  };
  stand(
    "You are signed in",
    [
      h("p", { className: "lead" }, "Harbour says that you are ", h("strong", {}, known.name ?? claims.sub), "."),
      h("ul", { className: "facts" }, [
        h("li", {}, h("strong", {}, "Signature verified"), " with Harbour’s public key"),
        h("li", {}, h("strong", {}, `${passed} rules passed`), ", none failed"),
        h("li", {}, "Known there as ", h("code", {}, claims.sub), " at ", h("code", {}, claims.iss)),
      ]),
      h("p", { className: "buttons" }, button("Refresh the tokens", refresh), signOutButton("Sign out")),
    ],
    { tone: "good", focus },
  );
  sequence.offer("refresh", button("Refresh now", refresh));
  sequence.offer("sign_out", signOutButton("Sign out at Harbour"));
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
          ? "Harbour sent you back, and its answer repeats the word this site sent. The tokens are gone from this page."
          : "This is where a sign-out ends. This tab did not start one, or opened this address a second time.",
      ),
      h("p", { className: "buttons" }, button("Sign in again", startAgain, "primary")),
    ],
    { tone: expected ? "good" : undefined },
  );
}

const startAgain = async () => {
  sequence.start(loginSteps);
  await signIn();
};

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

// The Back button must not bring back a page with its tokens, or one that is about to leave.
addEventListener("pageshow", ({ persisted }) => persisted && location.reload());

await attempt(async () => {
  await init();
  offerOpenAll();
  const address = new URL(location.href);
  // The answer is read once, and leaves no code in the address bar or the history.
  if (address.pathname !== "/") history.replaceState(null, "", "/");
  if (address.pathname === "/callback") return showLogin(address);
  if (address.pathname === "/signed-out") return showSignedOut(address);
  const reloaded = memory.wasSignedIn();
  memory.markSignedIn(false);
  return showStart(
    reloaded
      ? {
          note: "The page was loaded anew, and the tokens it held are gone with it: they are never written down. Harbour still knows you.",
          focus: true,
        }
      : {},
  );
});
