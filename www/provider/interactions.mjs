/** The provider's pages for sign-in and consent, and the headers of every page. */
import { readFile } from "node:fs/promises";
import { localPages } from "./languages.mjs";
import { picture } from "./pages.mjs";

const interactionPath = /^\/interaction\/([\w-]+)$/;
const files = { "/style.css": "text/css", "/icon.svg": "image/svg+xml" };
const picturePath = /^\/people\/([\w-]+)\.svg$/;

export function interactions(provider, people) {
  return async (ctx, next) => {
    secure(ctx);
    const interaction = interactionPath.exec(ctx.path);
    const pictured = picturePath.exec(ctx.path);
    if (interaction) await interact(ctx);
    else if (pictured) drawPicture(ctx, pictured[1]);
    else if (Object.hasOwn(files, ctx.path)) await sendFile(ctx);
    else if (ctx.path === "/") ctx.body = localPages(ctx).home(provider.issuer);
    else await next();

    if (ctx.status === 404 && ctx.accepts("json", "html") === "html") {
      ctx.body = localPages(ctx).problem({
        error: "not_found",
        error_description: "There is no page at this address.",
      });
      ctx.status = 404;
    }
    if (ctx.type === "text/html") nameFormTargets(ctx);
  };

  async function interact(ctx) {
    ctx.set("Cache-Control", "no-store");
    let details;
    try {
      details = await provider.interactionDetails(ctx.req, ctx.res);
    } catch (error) {
      if (error.name !== "SessionNotFound") throw error;
      ctx.status = 400;
      ctx.body = localPages(ctx).problem({
        error: "session_not_found",
        error_description: "This sign-in is over, or it began in another browser.",
      });
      return;
    }
    const pages = localPages(ctx, details.params);
    const client = await provider.Client.find(details.params.client_id);
    ctx.state.client = client;

    if (ctx.method === "GET") {
      ctx.body =
        details.prompt.name === "login"
          ? pages.signIn({ client, people: people.listed, hint: details.params.login_hint })
          : pages.consent({
              client,
              params: details.params,
              missing: details.prompt.details.missingResourceScopes,
              person: people.find(details.session.accountId),
            });
      return;
    }

    const form = await readForm(ctx.req);
    const result = form.has("refuse")
      ? { error: "access_denied", error_description: "The person refused the request." }
      : details.prompt.name === "login"
        ? login(form)
        : await grant(details);
    if (result) {
      ctx.status = 303;
      ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result));
    } else {
      ctx.status = 422;
      ctx.body = pages.signIn({ client, people: people.listed, missing: true });
    }
  }

  function login(form) {
    const name = form.get("person") ?? form.get("username") ?? "";
    if (!name.trim()) return undefined;
    return { login: { accountId: people.signIn(name).sub, amr: ["pwd"] } };
  }

  async function grant({ params, prompt, session, grantId }) {
    const grant = grantId
      ? await provider.Grant.find(grantId)
      : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    const { missingOIDCScope, missingOIDCClaims, missingResourceScopes } = prompt.details;
    if (missingOIDCScope) grant.addOIDCScope(missingOIDCScope.join(" "));
    if (missingOIDCClaims) grant.addOIDCClaims(missingOIDCClaims);
    for (const [resource, scopes] of Object.entries(missingResourceScopes ?? {})) {
      grant.addResourceScope(resource, scopes.join(" "));
    }
    return { consent: { grantId: await grant.save() } };
  }

  function drawPicture(ctx, sub) {
    const person = people.find(sub);
    if (!person) return;
    ctx.type = "image/svg+xml";
    ctx.body = String(picture(person));
  }
}

async function sendFile(ctx) {
  ctx.type = files[ctx.path];
  ctx.body = await readFile(new URL(`.${ctx.path}`, import.meta.url), "utf8");
}

function secure(ctx) {
  ctx.set({
    // An empty script-src: oidc-provider adds the hash of its form_post script to it.
    "Content-Security-Policy":
      "default-src 'none'; script-src; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
  });
}

/** Browsers follow `form-action` through redirects, so a form must allow the client's redirect URI. */
function nameFormTargets(ctx) {
  const client = ctx.state.client ?? ctx.oidc?.entities?.Client;
  const targets = [...(client?.redirectUris ?? []), ...(client?.postLogoutRedirectUris ?? [])].map((uri) => {
    const { origin, protocol } = new URL(uri);
    return origin === "null" ? protocol : origin;
  });
  const policy = ctx.response.get("Content-Security-Policy");
  ctx.set("Content-Security-Policy", `${policy}; form-action ${["'self'", ...new Set(targets)].join(" ")}`);
}

async function readForm(request) {
  let body = "";
  for await (const chunk of request) {
    body += chunk;
    if (body.length > 65_536) throw new Error("the form is too long");
  }
  return new URLSearchParams(body);
}
