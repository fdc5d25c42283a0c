/** The provider's pages, in plain words. */
import { html } from "./html.mjs";

/**
 * @param {object} options
 * @param {typeof import("../site/strings/en.js").harbour} options.strings
 * @param {string} options.lang
 * @param {string} options.base the provider's address, before the paths of its pictures and style
 */
export function createPages({ strings, lang, base }) {
  /** @param {{ client: any, people: any[], hint?: unknown, missing?: boolean }} shown */
  function signIn({ client, people, hint, missing }) {
    return page(
      strings.signIn,
      html`
    <p class="lead">${sentence(strings.wantsToKnow, nameOf(client))}</p>
    <p class="note">${strings.nobodyIsReal}</p>
    <form method="post">
      <fieldset>
        <legend>${strings.beOneOf}</legend>
        <ul class="people">
          ${people.map(
            (person) => html`<li><button class="person" name="person" value="${person.sub}">
            <img src="${base}/people/${person.sub}.svg" alt="" width="40" height="40">
            <span><span class="who" lang="${person.locale}">${person.name}</span><span class="mail">${person.email}</span></span>
          </button></li>`,
          )}
        </ul>
      </fieldset>
    </form>
    <form method="post">
      <fieldset>
        <legend>${strings.beSomebodyElse}</legend>
        ${missing && html`<p class="wrong" id="wrong" role="alert">${strings.typeAName}</p>`}
        <label for="username">${strings.name}</label>
        <input id="username" name="username" autocomplete="username" autocapitalize="none" spellcheck="false" required
          value="${hint}" ${missing && html`aria-invalid="true" aria-describedby="wrong"`}>
        <label for="password">${strings.password}</label>
        <input id="password" name="password" type="password" autocomplete="current-password" aria-describedby="any">
        <p class="hint" id="any">${strings.notARealOne}</p>
        <button class="primary">${strings.signIn}</button>
      </fieldset>
    </form>
    <form method="post"><button class="quiet" name="refuse" value="yes">${strings.cancel}</button></form>`,
    );
  }

  /** @param {{ client: any, params: any, missing?: Record<string, string[]>, person: any }} shown `missing`: scopes by resource that nobody allowed yet */
  function consent({ client, params, missing, person }) {
    const scopes = (params.scope ?? "").split(" ").filter((scope) => Object.hasOwn(strings.asks, scope));
    return page(
      strings.allowThis,
      html`
    ${badge(person)}
    <p class="lead">${sentence(strings.asksTo, nameOf(client))}</p>
    <ul class="asks">
      ${scopes.map((scope) => html`<li><strong>${strings.asks[scope][0]}</strong><span>${strings.asks[scope][1]}</span><code>${scope}</code></li>`)}
      ${Object.entries(missing ?? {}).map(
        ([resource, names]) =>
          html`<li><strong>${strings.anotherService}</strong><span>${sentence(strings.at, resource)}</span><code>${names.join(" ")}</code></li>`,
      )}
    </ul>
    <form method="post" class="choice">
      <button class="primary" name="allow" value="yes">${strings.allow}</button>
      <button class="secondary" name="refuse" value="yes">${strings.refuse}</button>
    </form>
    ${params.redirect_uri ? html`<p class="hint">${sentence(strings.eitherWay, html`<code>${originOf(params.redirect_uri)}</code>`)}</p>` : ""}`,
    );
  }

  function signOut({ action, secret, client, person }) {
    return page(
      strings.signOutQuestion,
      html`
    ${badge(person)}
    <p class="lead">${client ? sentence(strings.youLeft, nameOf(client)) : strings.wantToSignOut}</p>
    <form method="post" action="${action}" class="choice">
      <input type="hidden" name="xsrf" value="${secret}">
      <button class="primary" name="logout" value="yes">${strings.signOut}</button>
      <button class="secondary">${strings.stay}</button>
    </form>`,
    );
  }

  const signedOut = () => page(strings.signedOut, html`<p class="lead">${strings.signedOutHere}</p>`);

  const problem = ({ error, error_description }) =>
    page(
      strings.didNotWork,
      html`
    <p class="lead" lang="en">${whole(error_description)}</p>
    <p>${strings.goBack}</p>
    <p class="hint">${strings.errorCode}: <code>${error}</code></p>`,
    );

  const home = (issuer) =>
    page(
      strings.nothingHere,
      html`
    <p class="lead">${strings.behind}</p>
    <p><a href="${issuer}/.well-known/openid-configuration">${strings.discovery}</a></p>
    <p class="hint">${strings.issuer}: <code>${issuer}</code></p>`,
    );

  const badge = (person) =>
    person &&
    html`<p class="badge"><img src="${base}/people/${person.sub}.svg" alt="" width="32" height="32"><span>${sentence(strings.signedInAs, html`<strong lang="${person.locale}">${person.name}</strong>`)}</span></p>`;

  const nameOf = (client) => html`<strong>${client?.clientName ?? client?.clientId ?? strings.aSite}</strong>`;

  function page(title, content) {
    return String(html`<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Harbour</title>
<link rel="icon" href="${base}/icon.svg">
<link rel="stylesheet" href="${base}/style.css">
</head>
<body>
<header class="top"><span class="mark" aria-hidden="true"></span><span class="brand">Harbour</span><span class="kind">OpenID Provider</span></header>
<main>
<h1>${title}</h1>
${content}
</main>
<footer>${strings.forgets}</footer>
</body>
</html>
`);
  }

  return { signIn, consent, signOut, signedOut, problem, home };
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

/** A string with its place, `{it}`, filled in. */
function sentence(text, it) {
  const [before, after] = text.split("{it}");
  return html`${before}${it}${after}`;
}

const originOf = (uri) => {
  const { origin, protocol } = new URL(uri);
  return origin === "null" ? protocol : origin;
};

/** An error description of oidc-provider, as a sentence. */
function whole(text = "The request could not be answered.") {
  // The name of a parameter, such as client_id, keeps its letters.
  const first = /^[a-z]+_/.test(text) ? text : text[0].toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}
