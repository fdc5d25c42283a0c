// @ts-check
/** Why PKCE: a thief reads the code, and cannot use it. */
import { codeChallenge, createPkce, OidcError } from "oidc-wasm/full";
import { issuer, labButton, openLab, outcomeOf, record, redirectUri, setUp, short, tell } from "./lessons/lab.js";
import { rich, strings } from "./strings.js";
import { h } from "./view/dom.js";
import { spec } from "./view/parts.js";

const { pkce: words } = strings;
const { provider, rp, fetch } = await openLab();
const list = record();
const verifier = h("input", {
  id: "verifier",
  type: "text",
  spellcheck: false,
  autocomplete: "off",
  value: createPkce().verifier,
});
const challenge = h("output", { id: "challenge", htmlFor: "verifier" });

/** The challenge follows the verifier. */
async function derive() {
  const derived = await outcomeOf(() => codeChallenge(verifier.value));
  challenge.replaceChildren(
    derived instanceof OidcError
      ? h(
          "span",
          { className: "fact invalid" },
          h("code", {}, derived.code),
          " ",
          h("span", { lang: "en" }, derived.message),
          " ",
          spec(derived.spec),
        )
      : h("code", {}, derived),
  );
  return derived;
}

/** A login with this challenge, until the code is in the address. */
async function loggedIn() {
  const derived = await derive();
  if (derived instanceof OidcError) {
    tell(list, words.app, words.noChallenge, { error: derived, isGood: false });
    return undefined;
  }
  const url = new URL(rp.authorizationRequest({ scope: "openid" }).url);
  url.searchParams.set("code_challenge", derived);
  const back = await provider.authorize(url.href, { user: "mara" });
  return new URL(back.url).searchParams.get("code") ?? "";
}

/** @param {string} who @param {string} secret @param {boolean} mayGet whether it is good that tokens come */
async function exchange(who, secret, mayGet) {
  const code = await loggedIn();
  if (code === undefined) return;
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri,
    client_id: "app",
    code_verifier: secret,
  });
  const reply = await fetch(`${issuer}/token`, { method: "POST", body });
  const answer = await reply.json();
  tell(list, who, rich(words.sends, { code: h("code", {}, short(code)), verifier: h("code", {}, short(secret)) }), {
    isGood: reply.ok === mayGet,
    answer: [h("code", {}, `${reply.status}`), " ", reply.ok ? words.tokens : h("code", {}, answer.error)],
  });
}

verifier.addEventListener("input", derive);
setUp(
  h(
    "p",
    { className: "field" },
    h("label", { htmlFor: "verifier" }, words.verifier),
    verifier,
    h("span", { className: "gloss" }, words.verifierAbout),
  ),
  h(
    "p",
    { className: "field" },
    h("span", {}, words.challenge),
    challenge,
    h("span", { className: "gloss" }, words.challengeAbout),
  ),
  h(
    "p",
    { className: "buttons" },
    labButton(words.another, () => {
      verifier.value = createPkce().verifier;
      return derive();
    }),
    labButton(words.appExchanges, () => exchange(words.app, verifier.value, true), "primary"),
    labButton(words.thiefExchanges, () => exchange(words.thief, createPkce().verifier, false)),
    labButton(words.thiefKnows, async () => exchange(words.thief, String(await derive()), false)),
  ),
  list,
);
await derive();
