// @ts-check
/** Any provider: its metadata is read and judged, and a registered client can log in there. */
import providers from "docs:providers";
import init, { OidcError, RelyingParty } from "oidc-wasm/full";
import { loginCode } from "./code/provider.js";
import { metadataMembers } from "./explain.js";
import { handOver } from "./handover.js";
import { accept, examine, relaxations } from "./metadata.js";
import { root, uiLocales } from "./place.js";
import { counted, fill, rich, strings } from "./strings.js";
import { codeBlock } from "./view/code.js";
import { h } from "./view/dom.js";
import { away, claimList, fold, json, members, ruleList, ruleRow, spec } from "./view/parts.js";
import { createRecorder } from "./wire.js";

const { any: words } = strings;
const byId = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
const redirectUri = location.href.split(/[?#]/)[0] ?? "";
const key = "login elsewhere";

/** What was read last. @type {{ metadata: import("oidc-wasm/full").ProviderMetadata, needs: import("./metadata.js").Needs } | undefined} */
let read;

const say = (/** @type {string} */ text) => {
  byId("progress").textContent = text;
};

/** @param {string} heading @param {import("./view/dom.js").Child[]} content */
function show(heading, content) {
  byId("outcome").hidden = false;
  byId("outcome-heading").textContent = heading;
  byId("found").replaceChildren(h("div", {}, content));
  byId("outcome-heading").focus();
}

/** @param {OidcError} error @param {import("./view/dom.js").Child} [more] */
const showError = (error, more) =>
  show(words.refused, [
    h(
      "ul",
      { className: "rules" },
      ruleRow({ rule: error.code, verdict: "fail", spec: error.spec, message: error.message }),
    ),
    more,
  ]);

const clientOf = () => ({ clientId: byId("client").value.trim() || "your-client-id", redirectUri });

/** Reads the metadata over the network, once, and judges what came. */
async function readMetadata() {
  const issuer = byId("issuer").value.trim();
  const wire = createRecorder();
  read = undefined;
  byId("login").disabled = true;
  say(words.reading);
  const met = await attempt(() => RelyingParty.discover(issuer, clientOf(), { fetch: wire.fetch }));
  say("");
  const { body, headers } = wire.exchanges.at(-1)?.reply ?? {};
  if (body === undefined)
    return showError(
      /** @type {OidcError} */ (met),
      met instanceof OidcError && met.code === "http.failed" && h("p", {}, rich(words.noCors)),
    );
  const accepted = await accept(issuer, { body, type: headers?.get("content-type") ?? "" }, clientOf());
  if ("error" in accepted) return showError(met instanceof OidcError ? met : accepted.error);
  const { needs, rp } = accepted;
  read = { metadata: rp.provider, needs };
  byId("login").disabled = false;
  return draw(issuer, rp.provider, needs);
}

/** @param {string} issuer @param {import("oidc-wasm/full").ProviderMetadata} metadata @param {import("./metadata.js").Needs} needs */
async function draw(issuer, metadata, needs) {
  const { abilities, algorithms, gaps } = await examine(metadata, { ...clientOf(), relax: needs.relax });
  const known = providers.find(({ pattern }) => pattern && new RegExp(pattern).test(issuer));
  const wanted = [...new Set([...needs.relax, ...abilities.flatMap(({ relax }) => relax ?? [])])];
  show(fill(words.judged, { issuer: metadata.issuer }), [
    known &&
      h(
        "p",
        { className: "note" },
        rich(words.documented, {
          name: known.name,
          page: listingLink(known.page),
          needs: known.needs ? rich(known.needs) : words.nothing,
        }),
      ),
    h("h3", {}, words.settings),
    wanted.length + (needs.expectedIssuer ? 1 : 0) === 0
      ? h("p", { className: "fact valid" }, words.noSettings)
      : h("ul", {}, [
          needs.expectedIssuer &&
            h(
              "li",
              {},
              h("code", {}, "expectedIssuer"),
              ` ${needs.expectedIssuer}`,
              h("p", {}, rich(words.otherIssuer)),
            ),
          wanted.map((name) =>
            h(
              "li",
              {},
              h("code", {}, name),
              " ",
              h("span", { lang: "en" }, rich(relaxations.find((one) => one.name === name)?.permits ?? "")),
            ),
          ),
        ]),
    h("h3", {}, words.works),
    h(
      "ul",
      { className: "rules abilities" },
      abilities.map(({ name, verdict, error, relax }) => {
        const isOptional = !["authorization", "token", "keys"].includes(name);
        return h(
          "li",
          { className: verdict === "fail" && isOptional ? "skip" : verdict },
          h("span", { className: "verdict" }, verdict === "pass" ? words.can : isOptional ? words.lacks : words.cannot),
          h("b", {}, words.abilities[/** @type {keyof typeof words.abilities} */ (name)]),
          h(
            "span",
            { className: "sentence" },
            error && [h("code", {}, error.code), " ", spec(error.spec)],
            relax && ` relax: ${relax}`,
          ),
        );
      }),
    ),
    h(
      "p",
      {},
      rich(algorithms.length ? words.algorithms : words.noAlgorithms, { names: h("code", {}, algorithms.join(" ")) }),
    ),
    gaps.length > 0 && [
      h("h3", {}, words.weak),
      h(
        "ul",
        {},
        gaps.map((gap) => h("li", {}, rich(words.gaps[/** @type {keyof typeof words.gaps} */ (gap)]))),
      ),
    ],
    h("h3", {}, words.code),
    codeBlock(
      "JavaScript",
      loginCode({
        issuer,
        clientId: clientOf().clientId,
        scope: byId("scope").value,
        relax: wanted,
        expectedIssuer: needs.expectedIssuer,
      }),
    ),
    metadata.jwks_uri && h("p", { className: "buttons" }, keysButton(metadata)),
    fold(
      counted(strings.shown.members, Object.keys(metadata).length),
      members(Object.entries(metadata), metadataMembers),
    ),
  ]);
}

/** Takes the keys to the inspector, for a token of another login. @param {import("oidc-wasm/full").ProviderMetadata} metadata */
function keysButton({ issuer, jwks_uri: address = "" }) {
  const button = h("button", { type: "button", className: "secondary" }, words.takeKeys);
  button.addEventListener("click", async () => {
    say(words.reading);
    // The inspector judges what comes.
    const reply = await fetch(address, { credentials: "omit", redirect: "error" }).catch(() => undefined);
    if (!reply?.ok) return say(words.noKeys);
    handOver({ message: "", keys: await reply.text(), issuer });
    return location.assign("inspect.html");
  });
  return button;
}

/** @param {string} file */
const listingLink = (file) => away(new URL(`source/${file}.html`, root).href, file);

async function login() {
  if (!read) return;
  const client = { ...clientOf(), relax: read.needs.relax };
  const { metadata } = read;
  const request = await attempt(() =>
    new RelyingParty(metadata, client).authorizationRequest({ scope: byId("scope").value, uiLocales }),
  );
  if (request instanceof OidcError) return showError(request);
  sessionStorage.setItem(key, JSON.stringify({ metadata, client, transaction: request.transaction }));
  location.assign(request.url);
}

/** The answer of the provider is in the address. @param {URL} address */
async function complete(address) {
  const text = sessionStorage.getItem(key);
  sessionStorage.removeItem(key);
  history.replaceState(null, "", redirectUri);
  if (!text) return show(words.refused, [h("p", {}, words.lost)]);
  const { metadata, client, transaction } = JSON.parse(text);
  byId("issuer").value = metadata.issuer;
  byId("client").value = client.clientId;
  const wire = createRecorder();
  say(words.reading);
  const rp = new RelyingParty(metadata, client);
  const outcome = await attempt(() => rp.callback(address, transaction, { fetch: wire.fetch }));
  say("");
  if (outcome instanceof OidcError)
    return showError(
      outcome,
      outcome.error && json({ error: outcome.error, error_description: outcome.error_description }),
    );
  const { tokens, report } = outcome;
  /** @type {import("oidc-wasm/full").Claims} */
  const claims = outcome.claims ?? {};
  const keys = wire.exchanges.find(({ url }) => url === metadata.jwks_uri)?.reply?.body ?? "";
  const inspect = h("button", { type: "button", className: "primary" }, words.inspect);
  inspect.addEventListener("click", () => {
    handOver({
      message: tokens.id_token ?? "",
      keys,
      issuer: metadata.issuer,
      clientId: client.clientId,
      nonce: String(claims.nonce ?? ""),
    });
    location.assign("inspect.html");
  });
  return show(words.signedIn, [
    h(
      "p",
      { className: "lead" },
      rich(words.youAre, { sub: h("code", {}, String(claims.sub)), issuer: h("code", {}, metadata.issuer) }),
    ),
    report && ruleList(report),
    fold(counted(strings.shown.claims, Object.keys(claims).length), claimList(claims), true),
    tokens.id_token && keys && h("p", { className: "buttons" }, inspect),
  ]);
}

/** @template T @param {() => T | Promise<T>} run @returns {Promise<T | OidcError>} */
async function attempt(run) {
  try {
    return await run();
  } catch (error) {
    if (error instanceof OidcError) return error;
    throw error;
  }
}

byId("redirect").textContent = redirectUri;
byId("provider").addEventListener("submit", (/** @type {Event} */ event) => {
  event.preventDefault();
  readMetadata();
});
byId("login").addEventListener("click", login);
await init();
const address = new URL(location.href);
if (address.searchParams.has("state") || address.searchParams.has("error") || address.hash.includes("state="))
  await complete(address);
document.documentElement.dataset.ready = "";
