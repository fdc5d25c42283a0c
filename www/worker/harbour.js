/**
 * Harbour inside a service worker: the test provider's protocol, and the local provider's pages and people. It really signs. What it
 * remembers is one object, which the worker keeps: a browser may stop a worker at any time.
 */
import { createTestProvider } from "../../tests/support/provider/index.js";
import { createKey } from "../../tests/support/provider/jws.js";
import { formPost } from "../../tests/support/provider/messages.js";
import { createClients, demoResources } from "../clients.mjs";
import { pagesIn } from "../provider/languages.mjs";
import { picture } from "../provider/pages.mjs";
import { claimsOfScopes, createPeople } from "../provider/people.mjs";

/**
 * @param {object} options
 * @param {string} options.issuer
 * @param {{ redirectUris: string[], postLogoutRedirectUris: string[] }} options.site
 * @param {any} [options.memory] what an earlier run of the worker remembered
 */
export async function createHarbour({ issuer, site, memory }) {
  memory ??= await newMemory(site);
  const { state, guests, allowed, registered, given } = memory;
  const people = createPeople(issuer);
  for (const name of guests) people.signIn(name);
  // The site may have moved, or have a new language, since the clients were made.
  for (const client of registered) Object.assign(client, site);
  const users = new Proxy({}, { get: (_, sub) => people.find(sub) });
  const resources = Object.fromEntries(Object.entries(demoResources).map(([name, scope]) => [name, scope.split(" ")]));
  const provider = await createTestProvider({
    issuer,
    keys: memory.keys,
    clients: registered,
    users,
    resources,
    state,
  });

  // OpenID Connect Core §5.4: the scope decides which claims come back.
  provider.change({
    userinfo(claims, { scope }) {
      const granted = new Set(scope.split(" ").flatMap((word) => claimsOfScopes[word] ?? []));
      for (const name of Object.keys(claims)) if (!granted.has(name)) delete claims[name];
    },
    // What no resource server knows stays with the provider (RFC 8707 §2.2).
    tokens(body, form) {
      const isOwn = (word) => word === "offline_access" || Object.hasOwn(claimsOfScopes, word);
      if (!form.has("resource")) body.scope = body.scope.split(" ").filter(isOwn).join(" ");
    },
    metadata(metadata) {
      metadata.scopes_supported = ["openid", "offline_access", ...Object.keys(claimsOfScopes).slice(1)];
      metadata.token_endpoint_auth_methods_supported = [...given.keys()];
    },
  });

  const signedIn = () => people.find(memory.person);

  /** @param {Request} request @param {string} path what follows the issuer */
  async function answer(request, path) {
    const url = new URL(request.url);
    // The requests are for tests. They and expired tokens would only grow.
    provider.requests.length = 0;
    for (const [token, { expires }] of state.accessTokens)
      if (expires < Date.now() / 1000) state.accessTokens.delete(token);
    const name = /^\/people\/([\w-]+)\.svg$/.exec(path)?.[1];
    if (name) return drawn(people.find(name));
    const method = /^\/clients\/(\w+)\.json$/.exec(path)?.[1];
    if (method && given.has(method))
      return Response.json(given.get(method), { headers: { "cache-control": "no-store" } });
    if (path === "/" || path === "") return page(pagesIn(memory.language, issuer).home(issuer));
    if (path === "/authorize") return authorize(request, url);
    if (path === "/logout") return logout(request, url);
    return provider.fetch(request);
  }

  async function authorize(request, { href, searchParams: asked }) {
    memory.language = asked.get("ui_locales") ?? memory.language;
    const pages = pagesIn(memory.language, issuer);
    const client = registered.find(({ clientId }) => clientId === asked.get("client_id"));
    if (!client?.redirectUris.includes(asked.get("redirect_uri")))
      return page(
        pages.problem({ error: "invalid_request", error_description: "client_id or redirect_uri is unknown" }),
        400,
      );
    const prompts = (asked.get("prompt") ?? "").split(" ");
    // A prompt is met once for each request, and its state names the request.
    const form = request.method === "POST" ? new URLSearchParams(await request.text()) : new URLSearchParams();
    if (memory.prompted.state !== asked.get("state")) memory.prompted = { state: asked.get("state") };
    if (form.has("refuse")) return back(await provider.authorize(href, { deny: "access_denied" }));
    if (form.has("person") || form.has("username")) {
      const name = (form.get("person") ?? form.get("username")).trim();
      if (!name) return page(pages.signIn({ client, people: people.listed, missing: true }), 422);
      const { sub } = people.signIn(name);
      if (sub.startsWith("guest-") && !guests.includes(name)) guests.push(name);
      memory.person = sub;
      memory.prompted.login = true;
    }
    if (prompts.includes("none")) return back(await provider.authorize(href, { user: memory.person }));
    if (!signedIn() || (prompts.includes("login") && !memory.prompted.login))
      return page(pages.signIn({ client, people: people.listed, hint: asked.get("login_hint") }));

    const wanted = asked.getAll("resource").filter((resource) => Object.hasOwn(resources, resource));
    const consent = [client.clientId, memory.person, asked.get("scope"), ...wanted.sort()].join("\n");
    if (form.has("allow")) {
      allowed.add(consent);
      memory.prompted.consent = true;
    }
    if (!allowed.has(consent) || (prompts.includes("consent") && !memory.prompted.consent))
      return page(
        pages.consent({
          client,
          params: Object.fromEntries(asked),
          missing: Object.fromEntries(wanted.map((resource) => [resource, resources[resource]])),
          person: signedIn(),
        }),
      );
    return back(await provider.authorize(href, { user: memory.person }));
  }

  async function logout(request, { href, searchParams: asked }) {
    const pages = pagesIn(asked.get("ui_locales") ?? memory.language, issuer);
    const form = request.method === "POST" ? new URLSearchParams(await request.text()) : new URLSearchParams();
    memory.secret ??= crypto.randomUUID();
    const target = asked.get("post_logout_redirect_uri");
    const client = registered.find(({ clientId }) => clientId === asked.get("client_id"));
    const isKnown = !target || registered.some(({ postLogoutRedirectUris: known }) => known.includes(target));
    if (!isKnown)
      return page(
        pages.problem({ error: "invalid_request", error_description: "this address is not registered" }),
        400,
      );
    if (form.get("xsrf") !== memory.secret)
      return page(pages.signOut({ action: href, secret: memory.secret, client, person: signedIn() }));
    if (form.has("logout")) {
      memory.person = undefined;
      memory.secret = undefined;
    }
    const reply = form.has("logout") ? await provider.fetch(href) : undefined;
    return target ? Response.redirect(reply?.headers.get("location") ?? target, 303) : page(pages.signedOut());
  }

  return { answer, memory };
}

/** Keys, clients and an empty memory. A JWK outlives the worker in every browser, a `CryptoKey` does not. */
async function newMemory(site) {
  const { privateKey, ...key } = await createKey("RS256");
  const { registered, given } = await createClients(site);
  return {
    keys: [{ ...key, privateKey: await crypto.subtle.exportKey("jwk", privateKey) }],
    registered: registered.map(clientOf),
    given,
    state: { codes: new Map(), accessTokens: new Map(), refreshTokens: new Map() },
    guests: [],
    allowed: new Set(),
    prompted: {},
  };
}

/** A registration, in the words of the test provider. */
const clientOf = (client) => ({
  clientId: client.client_id,
  clientName: client.client_name,
  secret: client.client_secret,
  auth: client.token_endpoint_auth_method,
  key: client.jwks?.keys[0],
  redirectUris: client.redirect_uris,
  postLogoutRedirectUris: client.post_logout_redirect_uris,
});

/** The redirect, or the page that posts the answer. */
function back({ url, body }) {
  return body ? page(formPost(url, body).body, 200, "script-src 'unsafe-inline'; ") : Response.redirect(url, 303);
}

const page = (html, status = 200, more = "") =>
  new Response(html, {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "content-security-policy": `${more}default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'`,
    },
  });

const drawn = (person) =>
  person
    ? new Response(String(picture(person)), { headers: { "content-type": "image/svg+xml" } })
    : new Response("", { status: 404 });
