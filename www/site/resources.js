// @ts-check
/** Why resource indicators: a token for one service is useless at another. */
import { downscope, OidcError } from "oidc-wasm/full";
import { labButton, openLab, outcomeOf, record, setUp, tell } from "./lessons/lab.js";
import { fill, rich, strings } from "./strings.js";
import { choices } from "./view/ask.js";
import { h } from "./view/dom.js";
import { spec } from "./view/parts.js";
import { scopeTable, table } from "./view/receivers.js";

const { indicators: words, ask } = strings;
const registry = { "https://api.example.com": ["read", "write"], "https://api.another.com": ["read", "delete"] };
const { provider, rp, fetch } = await openLab({ resources: registry });
const services = Object.keys(registry);
const list = record();
const live = h("div", { ariaLive: "polite" });
const matrix = h("div", {});
const scopes = Object.entries(ask.scopes).filter(([name]) =>
  ["openid", "profile", "read", "write", "delete"].includes(name),
);

const form = h(
  "form",
  {},
  choices("checkbox", "scope", ask.scopesTitle, scopes, ["openid", "read", "write", "delete"]),
  choices(
    "checkbox",
    "resource",
    ask.resourcesTitle,
    Object.entries(registry).map(([name, known]) => [name, fill(ask.knows, { scopes: known.join(", ") })]),
    services,
  ),
);

const chosen = () => {
  const data = new FormData(form);
  return { scope: ["openid", ...data.getAll("scope").map(String)], resource: data.getAll("resource").map(String) };
};

function draw() {
  matrix.replaceChildren();
  const { table: rows, dropped } = downscope(chosen(), registry);
  live.replaceChildren(
    scopeTable(rows),
    ...(dropped.length ? [h("p", {}, rich(ask.dropped, { scopes: h("code", {}, dropped.join(" ")) }))] : []),
  );
}

/** One token for each service, and every token at every service. */
async function run() {
  const { scope, resource } = chosen();
  const request = rp.authorizationRequest({ scope, resource });
  const back = await provider.authorize(request.url, { user: "mara" });
  const login = await rp.callback(back.url, request.transaction, { fetch });
  let refreshToken = login.tokens.refresh_token ?? "";
  /** @type {import("./view/dom.js").Child[][]} */
  const rows = [];
  for (const one of resource) {
    const { tokens } = await rp.refresh(refreshToken, { resource: one, fetch });
    refreshToken = tokens.refresh_token ?? refreshToken;
    const cells = [];
    for (const service of services) {
      const met = await outcomeOf(() => rp.verifyAccessToken(tokens.access_token, { audience: service }, { fetch }));
      const isRefused = met instanceof OidcError;
      tell(list, service, rich(words.gets, { resource: h("code", {}, one) }), {
        isGood: isRefused === (service !== one),
        ...(isRefused ? { error: met } : { answer: rich(words.scopeIs, { scope: h("code", {}, String(met.scope)) }) }),
      });
      cells.push(isRefused ? [h("code", {}, met.code), " ", spec(met.spec)] : [words.accepted]);
    }
    rows.push([h("code", {}, one), ...cells]);
  }
  matrix.replaceChildren(
    rows.length
      ? table([words.tokenFor, ...services.map((service) => fill(words.atService, { service }))], rows)
      : h("p", {}, words.chooseOne),
  );
}

form.addEventListener("change", draw);
form.addEventListener("submit", (event) => event.preventDefault());
draw();
setUp(
  form,
  h("h2", {}, ask.whichReachesWhom),
  live,
  h("p", { className: "buttons" }, labButton(words.run, run, "primary")),
  matrix,
  list,
);
