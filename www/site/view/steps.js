// @ts-check
/** Every message of a login: its title, its way, what it is for, and how what was seen of it is drawn. */

import { brings } from "../asked.js";
import {
  authorizationParameters,
  headerNames,
  joseMembers,
  keyMembers,
  logoutParameters,
  metadataMembers,
  redirectParameters,
  tokenHeaders,
  tokenMembers,
  tokenParameters,
} from "../explain.js";
import { h } from "./dom.js";
import {
  claimList,
  countRules,
  fold,
  json,
  members,
  parsed,
  replyLine,
  requestLine,
  ruleList,
  spec,
  tokenParts,
} from "./parts.js";
import { agrees, receiversTable } from "./receivers.js";

/**
 * @typedef {import("../login.js").StepName} StepName
 * @typedef {import("../login.js").Shown} Shown
 * @typedef {object} Step
 * @property {string} title
 * @property {import("./lanes.js").Path} path
 * @property {string} about
 * @property {(shown: Shown) => import("./dom.js").Child} draw
 */

/** @type {Record<import("./lanes.js").Path, string>} */
export const routes = {
  ask: "This site asks Harbour, and it answers",
  send: "From this site straight to Harbour",
  receive: "From Harbour straight to this site",
  leave: "From this site through your browser to Harbour",
  return: "From Harbour through your browser to this site",
  person: "Between you and Harbour",
  inside: "Inside this page",
};

/** The messages of the login that is asked for, in order. @param {import("../asked.js").Asked} asked @returns {StepName[]} */
export function loginSteps({ responseType, resource }) {
  const code = brings(responseType, "code");
  const front = brings(responseType, "id_token");
  const token = code || brings(responseType, "token");
  /** @type {[boolean, StepName[]][]} */
  const parts = [
    [true, ["discovery", "authorization", "person", "redirect"]],
    [code && front, ["keys", "front_token"]],
    [code, ["token_request", "token_response"]],
    [code !== front, ["keys"]],
    [code || front, ["id_token", "report"]],
    [token, ["userinfo"]],
    [code && resource.length > 0, ["resources"]],
    [code, ["refresh"]],
    [code || front, ["sign_out"]],
  ];
  return parts.flatMap(([there, names]) => (there ? names : []));
}

/** How each response mode brings the answer. */
const places = {
  query: "In the address, after the question mark.",
  fragment: "In the address, after the hash. The browser does not send that part to a server; only this page reads it.",
  form_post:
    "In a form that the provider’s page sent by POST. This site’s server put it into the page, and stored nothing.",
};

/** @type {Record<StepName, Step>} */
export const steps = {
  discovery: {
    title: "Where everything is",
    path: "ask",
    about: "This site reads the provider’s metadata: a file that says where to ask for what, and how.",
    draw({ discovered }) {
      if (!discovered) return null;
      const { metadata } = discovered;
      const used = Object.entries(metadata).filter(([name]) => name in metadataMembers);
      return [
        requestLine("GET", discovered.url),
        replyLine(discovered),
        fold(`${used.length} members that this login uses`, members(used, metadataMembers)),
        fold(`All ${Object.keys(metadata).length} members`, json(metadata)),
      ];
    },
  },
  authorization: {
    title: "The authorization request",
    path: "leave",
    about: "Your browser goes to the provider. The address asks: may this site know who you are?",
    draw({ url = "" }) {
      const { searchParams } = new URL(url);
      return [
        requestLine("GET", url),
        fold(`${searchParams.size} parameters`, members(searchParams, authorizationParameters), true),
      ];
    },
  },
  person: {
    title: "You sign in and decide",
    path: "person",
    about:
      "This happens at the provider. This site sees nothing of it, and never your password. If the provider knows you already, it may ask nothing.",
    draw: ({ refused }) =>
      refused
        ? h("p", { className: "fact" }, "You refused.")
        : h("p", { className: "fact" }, "You came back with an answer."),
  },
  redirect: {
    title: "The answer comes back",
    path: "return",
    about: "The provider sends you back with its answer. This page takes it out of the address bar at once.",
    draw: ({ answer }) =>
      answer && [
        requestLine(answer.mode === "form_post" ? "POST" : "GET", `${location.origin}/callback`),
        h("p", { className: "place" }, places[answer.mode]),
        fold(`${answer.parameters.size} parameters`, members(answer.parameters, redirectParameters), true),
      ],
  },
  token_request: {
    title: "The code is exchanged",
    path: "send",
    about: "This site sends the code with a secret. Only the browser that started this login knows it.",
    draw({ exchange }) {
      if (!exchange) return null;
      const body = new URLSearchParams(exchange.body);
      return [
        requestLine(exchange.method, exchange.url),
        !exchange.reply && replyLine(undefined),
        fold(`${body.size} parameters`, members(body, tokenParameters)),
        fold("Headers", members(Object.entries(exchange.headers), tokenHeaders)),
      ];
    },
  },
  token_response: {
    title: "Tokens arrive",
    path: "receive",
    about: "Three tokens: one says who you are, one opens the provider’s services, one gets new ones.",
    draw: ({ exchange }) => [replyLine(exchange?.reply), exchange && replyBody(exchange, true)],
  },
  keys: {
    title: "The provider’s public keys",
    path: "ask",
    about: "The ID token is signed. To check the signature, this site reads the keys that the metadata points to.",
    draw({ exchange, keyId }) {
      if (!exchange) return null;
      const keys = parsed(exchange.reply?.body ?? "")?.keys ?? [];
      return [
        requestLine(exchange.method, exchange.url),
        replyLine(exchange.reply),
        fold(
          `${keys.length} keys`,
          h(
            "ul",
            { className: "keys" },
            keys.map((/** @type {Record<string, string>} */ key) =>
              h(
                "li",
                {},
                h("strong", {}, [key.kty, key.crv, key.alg].filter(Boolean).join(" · ")),
                key.kid === keyId && h("span", { className: "chip" }, "signed your ID token"),
                members(
                  Object.entries(key).filter(([name]) => name === "kid"),
                  keyMembers,
                ),
              ),
            ),
          ),
        ),
      ];
    },
  },
  front_token: {
    title: "The ID token beside the code",
    path: "inside",
    about:
      "It came through the browser, where an attacker could have put it. So this page sends no code before the ID token has passed every rule.",
    draw: (shown) => [drawToken(shown, false), drawReport(shown, false)],
  },
  id_token: {
    title: "The ID token, taken apart",
    path: "inside",
    about: "Three parts, joined by dots: how it is signed, what it says, and the signature over both.",
    draw: (shown) => drawToken(shown, true),
  },
  report: {
    title: "The rules it was checked against",
    path: "inside",
    about: "This page uses nothing of the token until every rule has passed.",
    draw: (shown) => drawReport(shown, true),
  },
  userinfo: {
    title: "More about you",
    path: "ask",
    about:
      "With the access token this site asks for the rest of your profile. The answer has to be about the same person.",
    draw({ exchange, userinfo }) {
      if (!exchange) return null;
      return [
        requestLine(exchange.method, exchange.url),
        replyLine(exchange.reply),
        fold("Headers of the request", members(Object.entries(exchange.headers), headerNames)),
        userinfo && fold(`${Object.keys(userinfo).length} claims`, claimList(userinfo)),
      ];
    },
  },
  resources: {
    title: "A token for each service",
    path: "ask",
    about:
      "Each token is for one service, so no service can use it at another. The refresh token gets one for each, from the same login.",
    draw: ({ receivers = [] }) => [
      h("p", { className: "fact valid" }, agreement(receivers)),
      receiversTable(receivers),
      receivers.map(
        ({ resource, exchange }) =>
          exchange && [
            fold(`Asking for ${resource}`, [
              requestLine(exchange.method, exchange.url),
              replyLine(exchange.reply),
              members(new URLSearchParams(exchange.body), tokenParameters),
              replyBody(exchange, true, false),
            ]),
          ],
      ),
    ],
  },
  refresh: {
    title: "New tokens without asking you",
    path: "ask",
    about: "Access tokens are short-lived. The refresh token gets the next one.",
    draw({ exchange, change, report }) {
      if (!exchange || !change) return null;
      const { before, after, count } = change;
      const body = new URLSearchParams(exchange.body);
      return [
        requestLine(exchange.method, exchange.url),
        replyLine(exchange.reply),
        h("p", { className: "fact valid" }, count === 1 ? "Refreshed." : `Refreshed ${count} times.`),
        fold("What changed", changes(before, after), true),
        fold(`${body.size} parameters of the request`, members(body, tokenParameters)),
        fold("The response", replyBody(exchange, true, false)),
        report && fold(`${report.checks.length} rules for the new ID token`, ruleList(report)),
      ];
    },
  },
  sign_out: {
    title: "Signing out at the provider",
    path: "leave",
    about: "Your browser goes to the provider once more, to end the session there.",
    draw({ url }) {
      if (!url) return null;
      const { searchParams } = new URL(url);
      return [
        requestLine("GET", url),
        fold(`${searchParams.size} parameters`, members(searchParams, logoutParameters), true),
      ];
    },
  },
  signed_out: {
    title: "Back from signing out",
    path: "return",
    about: "The provider sends you to the address that this site registered for it.",
    draw: ({ parameters = new URLSearchParams() }) =>
      fold(
        `${parameters.size} parameter${parameters.size === 1 ? "" : "s"}`,
        members(parameters, logoutParameters),
        true,
      ),
  },
};

/** @param {Shown} shown @param {boolean} open */
function drawToken({ idToken = "", report }, open) {
  if (!report) return null;
  const { header, claims, signature } = report;
  const signed = { valid: "is valid", invalid: "is not valid", unchecked: "was not checked" }[signature];
  return [
    tokenParts(idToken),
    h(
      "p",
      { className: `fact ${signature}` },
      h("strong", {}, `The signature ${signed}.`),
      ` Algorithm ${header.alg}, checked by this browser’s own cryptography. `,
      spec("RFC 7515 §5.2"),
    ),
    fold("Header", members(Object.entries(header), joseMembers), open),
    fold(`${Object.keys(claims).length} claims`, claimList(claims), open),
  ];
}

/** @param {Shown} shown @param {boolean} open */
function drawReport({ report }, open) {
  if (!report) return null;
  const { passed, failed, skipped } = countRules(report);
  return [
    h(
      "p",
      { className: `fact ${failed ? "invalid" : "valid"}` },
      h("strong", {}, failed ? `${failed} failed.` : "None failed."),
      ` ${passed} passed, ${skipped} had nothing to check.`,
    ),
    fold(`${report.checks.length} rules`, ruleList(report), open),
  ];
}

/** @param {import("../login.js").Receiver[]} receivers */
function agreement(receivers) {
  const wrong = receivers.filter((receiver) => !agrees(receiver)).length;
  const tokens = receivers.length === 1 ? "1 token" : `${receivers.length} tokens`;
  return [h("strong", {}, `${tokens}.`), wrong ? ` ${wrong} not as the table says.` : " Each is as the table says."];
}

/** @param {import("../login.js").Exchange} exchange @param {boolean} open @param {boolean} [folded] */
function replyBody(exchange, open, folded = true) {
  const body = parsed(exchange.reply?.body ?? "");
  if (!body) return null;
  const list = members(Object.entries(body), tokenMembers);
  return folded ? fold(`${Object.keys(body).length} members`, list, open) : list;
}

/** @param {Partial<import("oidc-wasm").TokenSet>} before @param {import("oidc-wasm").TokenSet} after */
function changes(before, after) {
  const told = {
    access_token: "access token",
    refresh_token: "refresh token",
    id_token: "ID token",
    scope: "scope",
    expires_in: "lifetime",
  };
  return h(
    "ul",
    { className: "changes" },
    Object.entries(told).map(([name, words]) => {
      const changed = before[name] !== after[name];
      return h(
        "li",
        {},
        h("strong", {}, words),
        h("span", { className: changed ? "chip" : "chip same" }, changed ? "new" : "the same"),
        changed && name === "refresh_token" && h("span", {}, " The old one no longer works."),
      );
    }),
  );
}
