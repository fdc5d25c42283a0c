// @ts-check
/** Where the site is, and where a login can take place: at the provider inside this browser, or at one on this machine. */
import { language } from "./strings.js";

/** The site's first folder. */
export const root = new URL(document.documentElement.dataset.root ?? "./", location.href);

const folder = new URL("./", location.href);

/** Here a provider sends the person back to. */
export const callback = new URL("callback.html", folder).href;
export const signedOut = new URL("signed-out.html", folder).href;
export const start = folder.href;

/** The name of the document. */
export const page = location.pathname.slice(folder.pathname.length).replace(/\.html$/, "") || "index";

/**
 * @typedef {object} Place
 * @property {"browser" | "machine"} name
 * @property {string} issuer
 * @property {string} clientId
 * @property {string} clients where the temporary clients are
 * @property {Record<string, string[]>} registry resource server → its scopes
 */

/** @type {{ issuer: string, clientId: string, resources: Record<string, string> } | undefined} */
const local =
  JSON.parse(/** @type {HTMLMetaElement} */ (document.querySelector('meta[name="oidc-local"]')).content || "null") ??
  undefined;

/** @param {Record<string, string>} resources */
const registryOf = (resources) =>
  Object.fromEntries(Object.entries(resources).map(([resource, scope]) => [resource, scope.split(" ")]));

/** @type {Record<string, Place>} */
export const places = {
  browser: {
    name: "browser",
    issuer: `${root.href}harbour`,
    clientId: "oidc-wasm-demo",
    clients: `${root.href}harbour/clients/`,
    registry: registryOf({ "https://api.example.com": "read write", "https://api.another.com": "read delete" }),
  },
  ...(local && {
    machine: {
      name: "machine",
      issuer: local.issuer,
      clientId: local.clientId,
      clients: `${root.href}clients/`,
      registry: registryOf(local.resources),
    },
  }),
};

const key = "provider";

/** The address chooses once, and this tab remembers it. */
function chosen() {
  const wanted = new URL(location.href).searchParams.get("at") ?? sessionStorage.getItem(key) ?? "";
  const place = places[wanted] ?? /** @type {Place} */ (places.browser);
  sessionStorage.setItem(key, place.name);
  return place;
}

export const place = chosen();

/** The language of the provider's pages (OpenID Connect Core §3.1.2.1, `ui_locales`). */
export const uiLocales = language;
