/** The provider's pages, in plain words. */
import { html } from "./html.mjs";

/**
 * @param {object} options
 * @param {typeof import("../site/texts/en.js").harbour} options.texts
 * @param {string} options.lang
 * @param {string} options.base the provider's address, before the paths of its pictures and style
 */
export function createPages({ texts, lang, base }) {
  /** @param {{ client: any, people: any[], hint?: unknown, missing?: boolean }} shown */
  function signIn({ client, people, hint, missing }) {
    return page(
      texts.signIn,
      html`
    <p class="lead">${sentence(texts.wantsToKnow, nameOf(client))}</p>
    <p class="note">${texts.nobodyIsReal}</p>
    <form method="post">
      <fieldset>
        <legend>${texts.beOneOf}</legend>
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
        <legend>${texts.beSomebodyElse}</legend>
        ${missing && html`<p class="wrong" id="wrong" role="alert">${texts.typeAName}</p>`}
        <label for="username">${texts.name}</label>
        <input id="username" name="username" autocomplete="username" autocapitalize="none" spellcheck="false" required
          value="${hint}" ${missing && html`aria-invalid="true" aria-describedby="wrong"`}>
        <label for="password">${texts.password}</label>
        <input id="password" name="password" type="password" autocomplete="current-password" aria-describedby="any">
        <p class="hint" id="any">${texts.notARealOne}</p>
        <button class="primary">${texts.signIn}</button>
      </fieldset>
    </form>
    <form method="post"><button class="quiet" name="refuse" value="yes">${texts.cancel}</button></form>`,
    );
  }

  /** @param {{ client: any, params: any, missing?: Record<string, string[]>, person: any }} shown `missing`: scopes by resource that nobody allowed yet */
  function consent({ client, params, missing, person }) {
    const scopes = (params.scope ?? "").split(" ").filter((scope) => Object.hasOwn(texts.asks, scope));
    return page(
      texts.allowThis,
      html`
    ${badge(person)}
    <p class="lead">${sentence(texts.asksTo, nameOf(client))}</p>
    <ul class="asks">
      ${scopes.map((scope) => html`<li><strong>${texts.asks[scope][0]}</strong><span>${texts.asks[scope][1]}</span><code>${scope}</code></li>`)}
      ${Object.entries(missing ?? {}).map(
        ([resource, names]) =>
          html`<li><strong>${texts.anotherService}</strong><span>${sentence(texts.at, resource)}</span><code>${names.join(" ")}</code></li>`,
      )}
    </ul>
    <form method="post" class="choice">
      <button class="primary" name="allow" value="yes">${texts.allow}</button>
      <button class="secondary" name="refuse" value="yes">${texts.refuse}</button>
    </form>
    ${params.redirect_uri ? html`<p class="hint">${sentence(texts.eitherWay, html`<code>${originOf(params.redirect_uri)}</code>`)}</p>` : ""}`,
    );
  }

  function signOut({ action, secret, client, person }) {
    return page(
      texts.signOutQuestion,
      html`
    ${badge(person)}
    <p class="lead">${client ? sentence(texts.youLeft, nameOf(client)) : texts.wantToSignOut}</p>
    <form method="post" action="${action}" class="choice">
      <input type="hidden" name="xsrf" value="${secret}">
      <button class="primary" name="logout" value="yes">${texts.signOut}</button>
      <button class="secondary">${texts.stay}</button>
    </form>`,
    );
  }

  const signedOut = () => page(texts.signedOut, html`<p class="lead">${texts.signedOutHere}</p>`);

  const problem = ({ error, error_description }) =>
    page(
      texts.didNotWork,
      html`
    <p class="lead" lang="en">${whole(error_description)}</p>
    <p>${texts.goBack}</p>
    <p class="hint">${texts.errorCode}: <code>${error}</code></p>`,
    );

  const home = (issuer) =>
    page(
      texts.nothingHere,
      html`
    <p class="lead">${texts.behind}</p>
    <p><a href="${issuer}/.well-known/openid-configuration">${texts.discovery}</a></p>
    <p class="hint">${texts.issuer}: <code>${issuer}</code></p>`,
    );

  const badge = (person) =>
    person &&
    html`<p class="badge"><img src="${base}/people/${person.sub}.svg" alt="" width="32" height="32"><span>${sentence(texts.signedInAs, html`<strong lang="${person.locale}">${person.name}</strong>`)}</span></p>`;

  const nameOf = (client) => html`<strong>${client?.clientName ?? client?.clientId ?? texts.aSite}</strong>`;

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
<footer>${texts.forgets}</footer>
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

/** A text with its place, `{it}`, filled in. */
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
  const first = text[0].toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}
