// @ts-check
/** The panel where a visitor chooses the parameters of a login, and sees the request before it is sent. */
import { downscope, OidcError } from "oidc-wasm/full";
import { brings, keepsOutOfQuery, modeOf, usual } from "../asked.js";
import { callback } from "../place.js";
import { fill, rich, strings } from "../strings.js";
import { h } from "./dom.js";
import { spec } from "./parts.js";
import { scopeTable } from "./receivers.js";

/** @typedef {import("../asked.js").Asked} Asked */
/** @typedef {[value: string, text: string]} Option */

const { ask: words } = strings;

/** @type {Option[]} */
const responseTypes = Object.entries(words.types);

/** @type {Option[]} */
const responseModes = Object.entries(words.modes).map(([mode, text]) => [mode === "default" ? "" : mode, text]);

/** @type {Option[]} */
const scopes = Object.entries(words.scopes);

/** Nobody Harbour knows. */
const stranger = "https://api.elsewhere.example";

const assertion = "client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion=…";

/** What each method to authenticate sends. @type {Record<Asked["method"], string>} */
const sends = {
  none: "client_id=…",
  client_secret_basic: `Authorization: Basic … (${words.headerNote})`,
  client_secret_post: "client_id=…&client_secret=…",
  client_secret_jwt: assertion,
  private_key_jwt: assertion,
};

/** @type {Option[]} */
const methods = Object.entries(words.methods);

/**
 * What is inside the panel.
 * @param {object} options
 * @param {import("oidc-wasm/full").ProviderMetadata} options.metadata
 * @param {Record<string, string[]>} options.registry
 * @param {Asked} options.asked what is chosen at first
 * @param {(asked: Asked) => URL} options.preview the authorization request
 * @param {(read: () => Asked) => import("./dom.js").Child} options.buttons
 */
export function askPanel({ metadata, registry, asked, preview, buttons }) {
  const supported = (/** @type {string} */ member, /** @type {string} */ value) => {
    const listed = metadata[member];
    return !Array.isArray(listed) || listed.includes(value);
  };
  const types = responseTypes.filter(([type]) => supported("response_types_supported", type));
  const known = methods.filter(([method]) => supported("token_endpoint_auth_methods_supported", method));
  const resources = Object.entries(registry).map(([uri, names]) => [
    uri,
    fill(words.knows, { scopes: names.join(", ") }),
  ]);

  const table = h("div", {});
  const wire = h("dl", { className: "preview" });
  /** @type {HTMLFormElement} */
  const form = h(
    "form",
    { className: "ask" },
    choices("radio", "responseType", words.comesBack, types, [asked.responseType]),
    choices("radio", "responseMode", words.how, responseModes, [asked.responseMode]),
    choices("checkbox", "scope", words.scopesTitle, scopes, asked.scope),
    choices("checkbox", "resource", words.resourcesTitle, [...resources, [stranger, words.stranger]], asked.resource),
    choices("radio", "method", words.whoAmI, known, [asked.method]),
    h("p", { className: "note" }, words.neverInAPage),
    h("section", {}, h("h3", {}, words.whichReachesWhom), table),
    h("section", {}, h("h3", {}, words.overTheWire), wire),
    h(
      "p",
      { className: "buttons" },
      buttons(() => readChoices(form)),
    ),
  );
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", redraw);
  redraw();
  return [h("p", {}, words.about), form];

  function redraw() {
    const outOfQuery = keepsOutOfQuery(readChoices(form).responseType);
    const [own, query] = /** @type {NodeListOf<HTMLInputElement>} */ (
      form.querySelectorAll('[name="responseMode"]:is([value=""], [value="query"])')
    );
    if (own && query) {
      query.disabled = outOfQuery;
      if (outOfQuery && query.checked) own.checked = true;
    }
    const asked = readChoices(form);
    table.replaceChildren(...drawTable(asked));
    wire.replaceChildren(...drawWire(asked));
  }

  /** @param {Asked} asked */
  function drawTable(asked) {
    try {
      const { scope, resource } = asked;
      const { table, dropped } = downscope({ scope, resource }, registry);
      return [
        scopeTable(table),
        dropped.length > 0 && h("p", {}, rich(words.dropped, { scopes: h("code", {}, dropped.join(" ")) })),
        asked.resource.length > 0 && !brings(asked.responseType, "code") && h("p", {}, words.needsCode),
      ].filter((part) => part instanceof Node);
    } catch (error) {
      if (!(error instanceof OidcError)) throw error;
      return [
        h(
          "p",
          { className: "fact invalid" },
          h("code", {}, error.code),
          " ",
          h("span", { lang: "en" }, error.message),
          " ",
          spec(error.spec),
          ` ${words.goAnyway}`,
        ),
      ];
    }
  }

  /** @param {Asked} asked */
  function drawWire(asked) {
    const url = preview(asked);
    const fresh = [
      "client_id",
      "redirect_uri",
      "state",
      "nonce",
      "code_challenge",
      "code_challenge_method",
      "ui_locales",
    ];
    const told = [...url.searchParams].filter(([name]) => !fresh.includes(name));
    const also = fresh.filter((name) => url.searchParams.has(name));
    const back = [
      ...asked.responseType.split(" ").map((what) => ({ none: "", token: "access_token" })[what] ?? what),
      "state",
      "iss",
    ].filter(Boolean);
    const answer = back.map((name) => `${name}=…`).join("&");
    const mode = modeOf(asked);
    const { pathname } = new URL(callback);
    return [
      row(
        words.theRequest,
        told.map(([name, value]) => h("code", {}, `${name}=${value}`)),
        fill(words.andAlso, { names: also.join(", ") }),
      ),
      row(
        words.theAnswer,
        [
          h(
            "code",
            {},
            mode === "form_post" ? `POST ${pathname}` : `GET ${pathname}${mode === "query" ? `?${answer}` : ""}`,
          ),
          mode === "form_post" && h("code", {}, answer),
        ],
        mode === "fragment" && [h("code", {}, `#${answer}`), ` ${words.staysInBrowser}`],
      ),
      brings(asked.responseType, "code")
        ? row(words.theTokenRequest, [
            h("code", {}, "grant_type=authorization_code&code=…&redirect_uri=…&code_verifier=…"),
            h("code", {}, sends[asked.method]),
          ])
        : row(words.theTokenRequest, [], words.thereIsNone),
    ];
  }
}

/** @param {string} name @param {import("./dom.js").Child[]} lines @param {import("./dom.js").Child} [more] */
const row = (name, lines, more) =>
  h(
    "div",
    {},
    h("dt", {}, name),
    h(
      "dd",
      {},
      lines.map((line) => line && h("div", {}, line)),
      more && h("div", { className: "gloss" }, more),
    ),
  );

/**
 * @param {"radio" | "checkbox"} type
 * @param {string} name
 * @param {string} legend
 * @param {string[][]} options
 * @param {string[]} chosen
 */
export const choices = (type, name, legend, options, chosen) =>
  h(
    "fieldset",
    { className: "choices" },
    h("legend", {}, legend),
    options.map(([value = "", text]) => {
      // Without openid there is no ID token, and nothing here to watch.
      const fixed = name === "scope" && value === "openid";
      return h(
        "label",
        {},
        h("input", { type, name, value, checked: chosen.includes(value), disabled: fixed }),
        h("span", {}, name !== "trial" && value && [h("code", {}, value), " "], text),
      );
    }),
  );

/** @param {HTMLFormElement} form @returns {Asked} */
function readChoices(form) {
  const data = new FormData(form);
  const one = (/** @type {string} */ name) => String(data.get(name) ?? "");
  return {
    responseType: /** @type {Asked["responseType"]} */ (one("responseType") || usual.responseType),
    responseMode: /** @type {Asked["responseMode"]} */ (one("responseMode")),
    scope: ["openid", ...data.getAll("scope").map(String)],
    resource: data.getAll("resource").map(String),
    method: /** @type {Asked["method"]} */ (one("method") || usual.method),
  };
}
