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

/** @typedef {{ access: string, refresh: string, claims: import("oidc-wasm/full").IdTokenClaims | undefined }} Held */
/** Every pair that was issued; the last is the app's. @type {Held[]} */
let held = [];

function draw() {
  clock.textContent = fill(words.clock, { n: ahead / 60 });
  tokens.replaceChildren(
    ...held.map((_one, index) => {
      const isLast = index === held.length - 1;
      return h(
        "li",
        {},
        fill(words.token, { n: index + 1 }),
        h("span", { className: isLast ? "chip" : "chip same" }, isLast ? words.current : words.spent),
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
  const login = await rp.callback(url, request.transaction, { fetch });
  held = [{ access: login.tokens.access_token, refresh: login.tokens.refresh_token ?? "", claims: login.claims }];
  tell(list, words.app, words.signedIn, { isGood: true });
  draw();
}

/** @param {string} who @param {Held | undefined} from @param {boolean} mayGet whether it is good that tokens come */
async function refresh(who, from, mayGet) {
  if (!from) return;
  const index = held.indexOf(from) + 1;
  // The engine's clock is the real one, so it checks the ID token only while this page's clock agrees.
  const previous = ahead === 0 ? from.claims : undefined;
  const met = await outcomeOf(() => renewed(from.refresh, previous));
  const isRefused = met instanceof OidcError;
  if (!isRefused)
    held.push({ access: met.access_token, refresh: met.refresh_token ?? from.refresh, claims: from.claims });
  tell(list, who, fill(words.uses, { n: index }), {
    isGood: isRefused !== mayGet,
    ...(isRefused ? { error: met } : { answer: words.newPair }),
  });
  draw();
}

/** @param {string} refreshToken @param {import("oidc-wasm/full").IdTokenClaims | undefined} previous */
async function renewed(refreshToken, previous) {
  if (previous) return (await rp.refresh(refreshToken, { previous, fetch })).tokens;
  return rp.grant({ type: "refresh_token", refreshToken }, { fetch });
}

/** The app asks the provider with its access token. */
async function ask() {
  const last = held.at(-1);
  if (!last) return;
  const met = await outcomeOf(() => rp.userInfo(last.access, "mara", { fetch }));
  tell(list, words.app, words.asks, met instanceof OidcError ? { error: met } : { answer: words.answered });
}

const thief = () => refresh(words.thief, held[0], held.length < 2);

/** The provider answers a refresh with another person's ID token. */
async function confuse() {
  provider.break("id_token.previous");
  await refresh(words.app, held.at(-1), false);
  provider.mend();
}

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
    labButton(words.refresh, () => refresh(words.app, held.at(-1), true), "primary"),
    labButton(words.steal, thief),
    labButton(words.confuse, confuse),
  ),
  h("p", {}, clock),
  tokens,
  list,
);

await signIn();
