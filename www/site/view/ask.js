// @ts-check
/** The panel where a visitor chooses the parameters of a login, and sees the request before it is sent. */
import { downscope, OidcError } from "oidc-wasm";
import { brings, keepsOutOfQuery, modeOf, usual } from "../asked.js";
import { h } from "./dom.js";
import { spec } from "./parts.js";
import { scopeTable } from "./receivers.js";

/** @typedef {import("../asked.js").Asked} Asked */
/** @typedef {[value: string, text: string]} Option */

/** @type {Option[]} */
const responseTypes = [
  ["code", "A code. This site exchanges it for tokens. The usual way, and the best."],
  ["code id_token", "A code, and an ID token at once."],
  ["code token", "A code, and an access token at once."],
  ["code id_token token", "All three at once."],
  ["id_token", "An ID token only: it tells who you are, and opens no service."],
  ["id_token token", "An ID token and an access token, with no code. The old way of pages."],
  ["none", "Nothing but a yes."],
];

/** @type {Option[]} */
const responseModes = [
  ["", "As the response type has it"],
  ["query", "In the address, after a question mark"],
  ["fragment", "In the address, after a hash. Browsers do not send it to servers"],
  ["form_post", "In a form that is posted to this site"],
];

/** @type {Option[]} */
const scopes = [
  ["openid", "who you are; without it, this is no login"],
  ["profile", "your name, picture, birthday"],
  ["email", "your email address"],
  ["phone", "your phone number"],
  ["address", "your postal address"],
  ["offline_access", "while you are away"],
  ["read", "known to both services"],
  ["write", "known to the first"],
  ["delete", "known to the second"],
];

/** Nobody Harbour knows. */
const stranger = "https://api.elsewhere.example";

/** @type {[method: Asked["method"], text: string, sends: string][]} */
const methods = [
  ["none", "None: a page cannot keep a secret. PKCE replaces it.", "client_id=…"],
  [
    "client_secret_basic",
    "A password, in the header",
    "Authorization: Basic … (client and secret, form-encoded, then base64)",
  ],
  ["client_secret_post", "A password, in the body", "client_id=…&client_secret=…"],
  [
    "client_secret_jwt",
    "A short-lived token, signed with a password (HS256)",
    "client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion=…",
  ],
  [
    "private_key_jwt",
    "A short-lived token, signed with a private key (ES256)",
    "client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion=…",
  ],
];

/**
 * @param {object} options
 * @param {import("oidc-wasm").ProviderMetadata} options.metadata
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
  const resources = Object.entries(registry).map(([uri, words]) => [uri, `knows ${words.join(" and ")}`]);

  const table = h("div", {});
  const wire = h("dl", { className: "preview" });
  /** @type {HTMLFormElement} */
  const form = h(
    "form",
    { className: "ask" },
    choices("radio", "responseType", "What should come back", types, [asked.responseType]),
    choices("radio", "responseMode", "How it comes back", responseModes, [asked.responseMode]),
    choices("checkbox", "scope", "Scopes: what is asked for", scopes, asked.scope),
    choices(
      "checkbox",
      "resource",
      "Resources: services that want a token of their own",
      [...resources, [stranger, "is nobody Harbour knows"]],
      asked.resource,
    ),
    choices(
      "radio",
      "method",
      "How this site shows who it is",
      known.map(([method, text]) => [method, text]),
      [asked.method],
    ),
    h(
      "p",
      { className: "note" },
      "A page must never hold a password or a private key, because every visitor can read them. All but the first are for servers. This demo uses temporary ones, so that you can watch them. They work on this machine only.",
    ),
    h("section", {}, h("h3", {}, "Which scope reaches whom"), table),
    h("section", {}, h("h3", {}, "What will go over the wire"), wire),
    h(
      "p",
      { className: "buttons" },
      buttons(() => readChoices(form)),
    ),
  );
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", redraw);
  redraw();
  return panel("ask", "Ask for something else", [
    h(
      "p",
      {},
      "The usual login requests a code, with openid, profile and email. Change something, and see what changes in the messages.",
    ),
    form,
  ]);

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
        dropped.length > 0 &&
          h("p", {}, h("code", {}, dropped.join(" ")), " reaches no service: none of the chosen ones has it."),
        asked.resource.length > 0 &&
          !brings(asked.responseType, "code") &&
          h("p", {}, "A token for each service needs a refresh token. Only a login with a code brings one."),
      ].filter((part) => part instanceof Node);
    } catch (error) {
      if (!(error instanceof OidcError)) throw error;
      return [
        h(
          "p",
          { className: "fact invalid" },
          h("code", {}, error.code),
          ` ${error.message} `,
          spec(error.spec),
          " Go there anyway, and read Harbour’s answer.",
        ),
      ];
    }
  }

  /** @param {Asked} asked */
  function drawWire(asked) {
    const url = preview(asked);
    const fresh = ["client_id", "redirect_uri", "state", "nonce", "code_challenge", "code_challenge_method"];
    const told = [...url.searchParams].filter(([name]) => !fresh.includes(name));
    const also = fresh.filter((name) => url.searchParams.has(name));
    const back = [
      ...asked.responseType.split(" ").map((what) => ({ none: "", token: "access_token" })[what] ?? what),
      "state",
      // oidc-provider leaves it out where an ID token says the same.
      !brings(asked.responseType, "id_token") && "iss",
    ].filter(Boolean);
    const answer = back.map((name) => `${name}=…`).join("&");
    const mode = modeOf(asked);
    const [, , sends = ""] = methods.find(([method]) => method === asked.method) ?? [];
    return [
      row(
        "The request",
        told.map(([name, value]) => h("code", {}, `${name}=${value}`)),
        `and ${also.join(", ")}`,
      ),
      row(
        "The answer",
        [
          h(
            "code",
            {},
            mode === "form_post" ? "POST /callback" : `GET /callback${mode === "query" ? `?${answer}` : ""}`,
          ),
          mode === "form_post" && h("code", {}, answer),
        ],
        mode === "fragment" && [h("code", {}, `#${answer}`), " stays in the browser"],
      ),
      brings(asked.responseType, "code")
        ? row("The token request", [
            h("code", {}, "grant_type=authorization_code&code=…&redirect_uri=…&code_verifier=…"),
            h("code", {}, sends),
          ])
        : row("The token request", [], "There is none: no code comes."),
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

/** A part of the page that starts folded. @param {string} id @param {string} title @param {import("./dom.js").Child} content */
export const panel = (id, title, content) =>
  h(
    "details",
    { className: "panel", id },
    h("summary", {}, h("h2", {}, title)),
    h("div", { className: "folded" }, content),
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
