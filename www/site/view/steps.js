// @ts-check
/** Every message of a login: its way, and how what was seen of it is drawn. */

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
import { callback } from "../place.js";
import { counted, fill, strings } from "../strings.js";
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
 * @property {import("./lanes.js").Path} path
 * @property {(shown: Shown) => import("./dom.js").Child} draw
 */

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

const { shown: words } = strings;

/** @type {Record<StepName, Step>} */
export const steps = {
  discovery: {
    path: "ask",
    draw({ discovered }) {
      if (!discovered) return null;
      const { metadata } = discovered;
      const used = Object.entries(metadata).filter(([name]) => name in metadataMembers);
      return [
        requestLine("GET", discovered.url),
        replyLine(discovered),
        fold(fill(words.usedMembers, { n: used.length }), members(used, metadataMembers)),
        fold(fill(words.allMembers, { n: Object.keys(metadata).length }), json(metadata)),
      ];
    },
  },
  authorization: {
    path: "leave",
    draw({ url = "" }) {
      const { searchParams } = new URL(url);
      return [
        requestLine("GET", url),
        fold(counted(words.parameters, searchParams.size), members(searchParams, authorizationParameters), true),
      ];
    },
  },
  person: {
    path: "person",
    draw: ({ refused }) =>
      refused ? h("p", { className: "fact" }, words.refused) : h("p", { className: "fact" }, words.cameBack),
  },
  redirect: {
    path: "return",
    draw: ({ answer }) =>
      answer && [
        requestLine(answer.mode === "form_post" ? "POST" : "GET", callback),
        h("p", { className: "place" }, strings.places[answer.mode]),
        fold(counted(words.parameters, answer.parameters.size), members(answer.parameters, redirectParameters), true),
      ],
  },
  token_request: {
    path: "send",
    draw({ exchange }) {
      if (!exchange) return null;
      const body = new URLSearchParams(exchange.body);
      return [
        requestLine(exchange.method, exchange.url),
        !exchange.reply && replyLine(undefined),
        fold(counted(words.parameters, body.size), members(body, tokenParameters)),
        fold(words.headers, members(Object.entries(exchange.headers), tokenHeaders)),
      ];
    },
  },
  token_response: {
    path: "receive",
    draw: ({ exchange }) => [replyLine(exchange?.reply), exchange && replyBody(exchange)],
  },
  keys: {
    path: "ask",
    draw({ exchange, keyId }) {
      if (!exchange) return null;
      const keys = parsed(exchange.reply?.body ?? "")?.keys ?? [];
      return [
        requestLine(exchange.method, exchange.url),
        replyLine(exchange.reply),
        fold(
          counted(words.keys, keys.length),
          h(
            "ul",
            { className: "keys" },
            keys.map((/** @type {Record<string, string>} */ key) =>
              h(
                "li",
                {},
                h("strong", {}, [key.kty, key.crv, key.alg].filter(Boolean).join(" · ")),
                key.kid === keyId && h("span", { className: "chip" }, words.signedYours),
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
    path: "inside",
    draw: (shown) => [drawToken(shown), drawReport(shown)],
  },
  id_token: {
    path: "inside",
    draw: (shown) => drawToken(shown),
  },
  report: {
    path: "inside",
    draw: (shown) => drawReport(shown),
  },
  userinfo: {
    path: "ask",
    draw({ exchange, userinfo }) {
      if (!exchange) return null;
      return [
        requestLine(exchange.method, exchange.url),
        replyLine(exchange.reply),
        fold(words.requestHeaders, members(Object.entries(exchange.headers), headerNames)),
        userinfo && fold(counted(words.claims, Object.keys(userinfo).length), claimList(userinfo)),
      ];
    },
  },
  resources: {
    path: "ask",
    draw: ({ receivers = [] }) => [
      h("p", { className: "fact valid" }, agreement(receivers)),
      receiversTable(receivers),
      receivers.map(
        ({ resource, exchange }) =>
          exchange && [
            fold(fill(words.asking, { resource: resource ?? "" }), [
              requestLine(exchange.method, exchange.url),
              replyLine(exchange.reply),
              members(new URLSearchParams(exchange.body), tokenParameters),
              replyBody(exchange, false),
            ]),
          ],
      ),
    ],
  },
  refresh: {
    path: "ask",
    draw({ exchange, change, report }) {
      if (!exchange || !change) return null;
      const { before, after, count } = change;
      const body = new URLSearchParams(exchange.body);
      return [
        requestLine(exchange.method, exchange.url),
        replyLine(exchange.reply),
        h("p", { className: "fact valid" }, counted(words.refreshed, count)),
        fold(words.changed, changes(before, after), true),
        fold(fill(words.requestParameters, { n: body.size }), members(body, tokenParameters)),
        fold(words.response, replyBody(exchange, false)),
        report && fold(fill(words.newRules, { n: report.checks.length }), ruleList(report)),
      ];
    },
  },
  sign_out: {
    path: "leave",
    draw({ url }) {
      if (!url) return null;
      const { searchParams } = new URL(url);
      return [
        requestLine("GET", url),
        fold(counted(words.parameters, searchParams.size), members(searchParams, logoutParameters), true),
      ];
    },
  },
  signed_out: {
    path: "return",
    draw: ({ parameters = new URLSearchParams() }) =>
      fold(counted(words.parameters, parameters.size), members(parameters, logoutParameters), true),
  },
};

/** @param {Shown} shown */
function drawToken({ idToken = "", report }) {
  if (!report) return null;
  const { header, claims, signature } = report;
  const { signatureValid: valid, signatureInvalid: invalid, signatureUnchecked: unchecked } = words;
  return [
    tokenParts(idToken),
    h(
      "p",
      { className: `fact ${signature}` },
      h("strong", {}, { valid, invalid, unchecked }[signature]),
      ` ${fill(words.algorithm, { alg: String(header.alg) })} `,
      spec("RFC 7515 §5.2"),
    ),
    fold(words.header, members(Object.entries(header), joseMembers)),
    fold(counted(words.claims, Object.keys(claims).length), claimList(claims)),
  ];
}

/** @param {Shown} shown */
function drawReport({ report }) {
  if (!report) return null;
  const { passed, failed, skipped } = countRules(report);
  return [
    h(
      "p",
      { className: `fact ${failed ? "invalid" : "valid"}` },
      h("strong", {}, failed ? counted(words.someFailed, failed) : words.noneFailed),
      ` ${fill(words.passedAndSkipped, { passed, skipped })}`,
    ),
    fold(counted(words.rules, report.checks.length), ruleList(report), failed > 0),
  ];
}

/** @param {import("../login.js").Receiver[]} receivers */
function agreement(receivers) {
  const wrong = receivers.filter((receiver) => !agrees(receiver)).length;
  return [
    h("strong", {}, counted(words.agreed, receivers.length)),
    ` ${wrong ? fill(words.someDiffer, { n: wrong }) : words.allAgree}`,
  ];
}

/** @param {import("../login.js").Exchange} exchange @param {boolean} [folded] */
function replyBody(exchange, folded = true) {
  const body = parsed(exchange.reply?.body ?? "");
  if (!body) return null;
  const list = members(Object.entries(body), tokenMembers);
  return folded ? fold(counted(words.members, Object.keys(body).length), list) : list;
}

/** @param {Partial<import("oidc-wasm/full").TokenSet>} before @param {import("oidc-wasm/full").TokenSet} after */
function changes(before, after) {
  const told = {
    access_token: words.accessToken,
    refresh_token: words.refreshToken,
    id_token: words.idToken,
    scope: words.scope,
    expires_in: words.lifetime,
  };
  return h(
    "ul",
    { className: "changes" },
    Object.entries(told).map(([name, label]) => {
      const changed = before[name] !== after[name];
      return h(
        "li",
        {},
        h("strong", {}, label),
        h("span", { className: changed ? "chip" : "chip same" }, changed ? words.theNew : words.theSame),
        changed && name === "refresh_token" && h("span", {}, ` ${words.oldOneEnded}`),
      );
    }),
  );
}
