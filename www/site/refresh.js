// @ts-check
/** Why refresh tokens rotate: a stolen one ends the session. */
import { OidcError } from "oidc-wasm/full";
import { labButton, openLab, outcomeOf, record, setUp, tell } from "./lessons/lab.js";
import { fill, strings } from "./strings.js";
import { h } from "./view/dom.js";

const { renewal: words } = strings;
/** How far the clock of the page is ahead, in seconds. */
let ahead = 0;
const now = () => Math.floor(Date.now() / 1000) + ahead;
const { provider, rp, fetch } = await openLab({ now });
const list = record();
const clock = h("output", {});
const tokens = h("ol", { className: "tokens", ariaLabel: words.tokens });

/**
 * @typedef {object} Held
 * @property {string} who holds it
 * @property {boolean} isSpent whether the provider has taken it
 * @property {string} access
 * @property {string} refresh
 * @property {import("oidc-wasm/full").IdTokenClaims | undefined} claims
 */
/** Every pair that somebody has got. @type {Held[]} */
let held = [];
/** Whether a refresh token came twice, so that the provider has ended the session. */
let hasEnded = false;

const ofApp = () => held.findLast(({ who }) => who === words.app);

function draw() {
  clock.textContent = fill(words.clock, { n: ahead / 60 });
  tokens.replaceChildren(
    ...held.map(({ who, isSpent }, index) => {
      const state = isSpent ? words.spent : hasEnded ? words.ended : who === words.app ? words.current : words.stolen;
      return h(
        "li",
        {},
        fill(words.token, { n: index + 1 }),
        h("span", { className: state === words.current ? "chip" : "chip same" }, state),
      );
    }),
  );
}

async function signIn() {
  list.replaceChildren();
  provider.mend();
  const request = rp.authorizationRequest({ scope: "openid offline_access" });
  const { url } = await provider.authorize(request.url, { user: "mara" });
  ahead = 0;
  hasEnded = false;
  const { tokens: got, claims } = await rp.callback(url, request.transaction, { fetch });
  held = [{ who: words.app, isSpent: false, access: got.access_token, refresh: got.refresh_token ?? "", claims }];
  tell(list, words.app, words.signedIn, { isGood: true });
  draw();
}

/** @param {string} who @param {Held | undefined} from @param {{ isConfused?: boolean }} [more] */
async function refresh(who, from, { isConfused = false } = {}) {
  if (!from) return;
  const index = held.indexOf(from) + 1;
  const isDead = from.isSpent || hasEnded;
  const met = await outcomeOf(() => renewed(from));
  const isRefused = met instanceof OidcError;
  hasEnded ||= from.isSpent;
  from.isSpent = true;
  if (!isRefused) {
    const { access_token: access, refresh_token = from.refresh } = met;
    held.push({ who, isSpent: false, access, refresh: refresh_token, claims: from.claims });
  }
  // A thief who is first gets tokens. That is not good, but nobody can know it yet.
  const isOpen = who === words.thief && !isDead && !isRefused;
  tell(list, who, fill(words.uses, { n: index }), {
    ...(isOpen ? {} : { isGood: isRefused === (isDead || isConfused) }),
    ...(isRefused ? { error: met } : { answer: words.newPair }),
  });
  draw();
}

/** `rp.refresh` checks by the real clock. Here the ID token is checked by the clock of this page. @param {Held} from */
async function renewed({ refresh: refreshToken, claims: previous }) {
  const got = await rp.grant({ type: "refresh_token", refreshToken }, { fetch });
  if (previous && got.id_token) await rp.verifyIdToken(got.id_token, { previous, now: now() }, { fetch });
  return got;
}

/** The app asks the provider with its access token. */
async function ask() {
  const last = ofApp();
  if (!last) return;
  const met = await outcomeOf(() => rp.userInfo(last.access, "mara", { fetch }));
  tell(list, words.app, words.asks, met instanceof OidcError ? { error: met } : { answer: words.answered });
}

const thief = () => refresh(words.thief, held[0]);

/** The provider answers a refresh with another person's ID token. */
async function confuse() {
  provider.break("id_token.previous");
  await refresh(words.app, ofApp(), { isConfused: true });
  provider.mend();
}

// Before the buttons come: without tokens, a press would do nothing.
await signIn();
setUp(
  h(
    "p",
    { className: "buttons" },
    labButton(words.signIn, signIn),
    labButton(words.ask, ask),
    labButton(words.later, () => {
      ahead += 360;
      tell(list, words.time, words.passes);
      draw();
    }),
    labButton(words.refresh, () => refresh(words.app, ofApp()), "primary"),
    labButton(words.steal, thief),
    labButton(words.confuse, confuse),
  ),
  h("p", {}, clock),
  tokens,
  list,
);
