/** The provider's pages, in plain words. */
import { html } from "./html.mjs";

const asks = {
  openid: ["Know that it is you", "A name for you that only this provider gives out, and when you signed in."],
  profile: ["See your profile", "Your name, picture, birthday, language and time zone."],
  email: ["See your email address", "And whether it has been confirmed."],
  phone: ["See your phone number", "And whether it has been confirmed."],
  address: ["See your postal address", "Street, town and country."],
  offline_access: ["Stay connected while you are away", "It can renew its access until you sign out or withdraw this."],
};

/** @param {{ client: any, people: any[], hint?: unknown, missing?: boolean }} shown */
export function signIn({ client, people, hint, missing }) {
  return page(
    "Sign in",
    html`
    <p class="lead"><strong>${nameOf(client)}</strong> would like to know who you are.</p>
    <p class="note">This is a demonstration. Nobody here is real, and any name and password will do.</p>
    <form method="post">
      <fieldset>
        <legend>Be one of these people</legend>
        <ul class="people">
          ${people.map(
            (person) => html`<li><button class="person" name="person" value="${person.sub}">
            <img src="/people/${person.sub}.svg" alt="" width="40" height="40">
            <span><span class="who" lang="${person.locale}">${person.name}</span><span class="mail">${person.email}</span></span>
          </button></li>`,
          )}
        </ul>
      </fieldset>
    </form>
    <form method="post">
      <fieldset>
        <legend>Or be somebody else</legend>
        ${missing && html`<p class="wrong" id="wrong" role="alert">Type a name first. Any will do.</p>`}
        <label for="username">Name</label>
        <input id="username" name="username" autocomplete="username" autocapitalize="none" spellcheck="false" required
          value="${hint}" ${missing && html`aria-invalid="true" aria-describedby="wrong"`}>
        <label for="password">Password</label>
        <input id="password" name="password" type="password" autocomplete="current-password" aria-describedby="any">
        <p class="hint" id="any">It is not checked and not kept. Don’t type a real one.</p>
        <button class="primary">Sign in</button>
      </fieldset>
    </form>
    <form method="post"><button class="quiet" name="refuse" value="yes">Cancel and go back</button></form>`,
  );
}

export function consent({ client, details, person }) {
  const { params, prompt } = details;
  const scopes = (params.scope ?? "").split(" ").filter((scope) => Object.hasOwn(asks, scope));
  const resources = Object.entries(prompt.details.missingResourceScopes ?? {});
  return page(
    "Allow this?",
    html`
    ${badge(person)}
    <p class="lead"><strong>${nameOf(client)}</strong> asks to:</p>
    <ul class="asks">
      ${scopes.map((scope) => html`<li><strong>${asks[scope][0]}</strong><span>${asks[scope][1]}</span><code>${scope}</code></li>`)}
      ${resources.map(
        ([resource, names]) =>
          html`<li><strong>Use another service for you</strong><span>At ${resource}</span><code>${names.join(" ")}</code></li>`,
      )}
    </ul>
    <form method="post" class="choice">
      <button class="primary">Allow</button>
      <button class="secondary" name="refuse" value="yes">Refuse</button>
    </form>
    ${params.redirect_uri ? html`<p class="hint">Either way you go back to <code>${originOf(params.redirect_uri)}</code>.</p>` : ""}`,
  );
}

export function signOut({ action, secret, client, person }) {
  return page(
    "Sign out?",
    html`
    ${badge(person)}
    <p class="lead">${client ? html`You have left <strong>${nameOf(client)}</strong>. Sign out here as well?` : "Do you want to sign out here?"}</p>
    <form method="post" action="${action}" class="choice">
      <input type="hidden" name="xsrf" value="${secret}">
      <button class="primary" name="logout" value="yes">Sign out</button>
      <button class="secondary">Stay signed in</button>
    </form>`,
  );
}

export function signedOut() {
  return page("Signed out", html`<p class="lead">You are signed out here. You can close this page.</p>`);
}

export function problem({ error, error_description }) {
  return page(
    "That did not work",
    html`
    <p class="lead">${sentence(error_description)}</p>
    <p>Go back to the site that sent you here and start again. If it happens again, that site needs to be put right.</p>
    <p class="hint">Error code: <code>${error}</code></p>`,
  );
}

export function home(issuer) {
  return page(
    "Nothing to do here",
    html`
    <p class="lead">This is the OpenID Provider behind a demonstration. People come here from the demo’s own page.</p>
    <p>Programs start at the <a href="/.well-known/openid-configuration">discovery document</a>.</p>
    <p class="hint">Issuer: <code>${issuer}</code></p>`,
  );
}

const hues = ["#7a3b69", "#1f5f70", "#7a4a12", "#3d5a2c"];

export function picture({ name, sub }) {
  const initials = name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => [...word][0])
    .join("");
  const hue = hues[[...sub].reduce((sum, character) => sum + character.codePointAt(0), 0) % hues.length];
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><circle cx="20" cy="20" r="20" fill="${hue}"/><text x="20" y="25.5" fill="#fff" font-family="sans-serif" font-size="15" text-anchor="middle">${initials}</text></svg>`;
}

function badge(person) {
  return (
    person &&
    html`<p class="badge"><img src="/people/${person.sub}.svg" alt="" width="32" height="32"><span>Signed in as <strong lang="${person.locale}">${person.name}</strong></span></p>`
  );
}

function page(title, content) {
  return String(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Harbour</title>
<link rel="icon" href="/icon.svg">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header class="top"><span class="mark" aria-hidden="true"></span><span class="brand">Harbour</span><span class="kind">OpenID Provider</span></header>
<main>
<h1>${title}</h1>
${content}
</main>
<footer>Harbour is a demonstration on your own machine. It forgets everything when it stops.</footer>
</body>
</html>
`);
}

const nameOf = (client) => client?.clientName ?? client?.clientId ?? "A site";

const originOf = (uri) => {
  const { origin, protocol } = new URL(uri);
  return origin === "null" ? protocol : origin;
};

function sentence(text = "The request could not be answered.") {
  const first = text[0].toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}
