// @ts-check
/**
 * The login itself, one function per protocol message. It draws nothing: each message is handed to `show` as it happens,
 * and a step that fails throws a `Failure` that names it.
 */
import { downscope, OidcError, RelyingParty } from "oidc-wasm/full";
import { usual } from "./asked.js";
import { loadClient } from "./client.js";
import { memory } from "./memory.js";
import { callback, signedOut, uiLocales } from "./place.js";
import { createRecorder } from "./wire.js";

/**
 * @typedef {"discovery" | "authorization" | "person" | "redirect" | "keys" | "front_token" | "token_request" | "token_response"
 *   | "id_token" | "report" | "userinfo" | "resources" | "refresh" | "sign_out" | "signed_out"} StepName
 * @typedef {import("./asked.js").Asked} Asked
 * @typedef {import("./answer.js").Answer} Answer
 * @typedef {import("./wire.js").Exchange} Exchange
 * @typedef {object} Receiver one row of the table of `downscope`, and the token that was got for it
 * @property {string | null} resource `null` is the provider itself
 * @property {string[]} scopes what the table says
 * @property {string[]} granted what the token says
 * @property {string} [audience] what the token says, where it can be read
 * @property {Exchange} [exchange]
 * @typedef {object} Shown what there is to see of a step; each step fills in its own part
 * @property {import("./memory.js").Discovered} [discovered]
 * @property {string} [url]
 * @property {Answer} [answer]
 * @property {string} [transaction] of the login that the answer belongs to
 * @property {URLSearchParams} [parameters]
 * @property {boolean} [refused]
 * @property {Exchange} [exchange]
 * @property {string} [idToken]
 * @property {string} [keyId]
 * @property {import("oidc-wasm/full").IdTokenClaims} [claims]
 * @property {import("oidc-wasm/full").TokenReport} [report]
 * @property {import("oidc-wasm/full").Claims} [userinfo]
 * @property {Receiver[]} [receivers]
 * @property {{ before: Partial<import("oidc-wasm/full").TokenSet>, after: import("oidc-wasm/full").TokenSet, count: number }} [change]
 * @typedef {object} Outcome what a login ended with
 * @property {Asked} asked
 * @property {Partial<import("oidc-wasm/full").TokenSet>} tokens
 * @property {import("oidc-wasm/full").IdTokenClaims} [claims] absent where no ID token was asked for
 * @property {Evidence} evidence
 * @typedef {object} Evidence everything that is needed to check the login again
 * @property {import("oidc-wasm/full").ProviderMetadata} metadata
 * @property {import("oidc-wasm/full").ClientConfig} client
 * @property {string} url the authorization request
 * @property {string} transaction
 * @property {Answer} answer
 * @property {string} keys the provider's key set, as it came
 * @property {string} [idToken]
 * @property {import("oidc-wasm/full").IdTokenExpected} [expected]
 */

/** Why a login stopped, and at which message. */
export class Failure extends Error {
  /**
   * @param {StepName} step
   * @param {unknown} cause
   * @param {"lost" | "used"} [circumstance] what only this page knows about it
   */
  constructor(step, cause, circumstance) {
    super(`${step} failed`, { cause });
    this.step = step;
    this.circumstance = circumstance;
  }
}

/**
 * @param {object} options
 * @param {import("./place.js").Place} options.place
 * @param {(asked: Asked) => void} options.begin a login begins, or is taken up again: nothing of it is shown yet
 * @param {(step: StepName, shown?: Shown) => void} options.show
 */
export function createLogin({ place: { issuer, clientId, clients, registry }, begin, show }) {
  const publicClient = { clientId, redirectUri: callback };
  const wire = createRecorder();
  /** @type {RelyingParty | undefined} */
  let rp;
  /** @type {import("./memory.js").Discovered | undefined} */
  let discovered;
  /** @type {Promise<import("./memory.js").Discovered> | undefined} */
  let reading;
  /** @type {Outcome | undefined} */
  let outcome;
  let refreshes = 0;

  /**
   * Runs one step. Its errors carry the step's name.
   * @template T
   * @param {StepName} step
   * @param {() => T | Promise<T>} run
   */
  async function at(step, run) {
    try {
      return await run();
    } catch (error) {
      throw error instanceof Failure ? error : new Failure(step, error);
    }
  }

  const lastExchange = () => wire.exchanges.at(-1);

  /** Reads the provider's metadata once, also for concurrent callers. */
  async function discover() {
    if (!discovered) {
      reading ??= at("discovery", read).finally(() => {
        reading = undefined;
      });
      discovered = await reading;
    }
    show("discovery", { discovered });
    return discovered;
  }

  async function read() {
    const { provider } = await RelyingParty.discover(issuer, publicClient, { fetch: wire.fetch });
    const { url = "", reply } = lastExchange() ?? {};
    return { url, status: reply?.status ?? 0, milliseconds: reply?.milliseconds ?? 0, metadata: provider };
  }

  /** Makes the authorization request and shows it. @param {Asked} asked */
  async function prepare(asked = usual) {
    begin(asked);
    const { metadata } = await discover();
    return at("authorization", async () => {
      rp = new RelyingParty(metadata, await loadClient(asked.method, publicClient, clients));
      const request = rp.authorizationRequest(parametersOf(asked));
      show("authorization", { url: request.url });
      return { ...request, asked };
    });
  }

  /** Leaves for the provider. @param {import("oidc-wasm/full").AuthorizationRequest & { asked: Asked }} request */
  function leave(request) {
    if (!discovered) throw new Error("a request is made after discovery");
    memory.keepLogin({ ...request, discovered });
    location.assign(request.url);
  }

  /**
   * Everything from the redirect to the tokens.
   * @param {Answer} answer
   */
  async function complete(answer) {
    const state = answer.parameters.get("state");
    const pending = memory.pendingLogin();
    begin(pending?.asked ?? usual);
    if (!pending) throw await strayed(answer, memory.wasAnswered(state) ? "used" : "lost");
    const { url, transaction, asked } = pending;
    discovered = pending.discovered;
    show("discovery", { discovered });
    show("authorization", { url });
    show("person", { refused: answer.parameters.get("error") === "access_denied" });
    show("redirect", { answer, transaction });

    const { metadata } = discovered;
    const client = await at("redirect", () => loadClient(asked.method, publicClient, clients));
    const party = new RelyingParty(metadata, client);
    rp = party;
    const front = await at("redirect", () => {
      // Only an answer to this login uses it up: a forged one must not stop the real one.
      if (state === pending.state) memory.answerLogin(state);
      return party.authorizationResponse(answer.response, transaction);
    });
    const { code, access_token: accessToken } = front;

    /** @type {Outcome} */
    const login = {
      asked,
      tokens: { ...front },
      evidence: { metadata, client, url, transaction, answer, keys: "" },
    };
    /** @param {string} idToken @param {import("oidc-wasm/full").IdTokenExpected} expected @param {boolean} [early] */
    const judge = async (idToken, expected, early) => {
      login.claims = await checkIdToken(party, idToken, expected, early);
      const keys = wire.exchanges.find((exchange) => exchange.url === metadata.jwks_uri)?.reply?.body ?? "";
      // Checked again without the transaction: another login's nonce is one of the trials.
      login.evidence = { ...login.evidence, idToken, expected, keys };
    };

    // Values from the browser count only after the ID token is verified: a code beside it is not sent before.
    if (front.id_token) {
      await judge(front.id_token, { transaction, channel: "front", accessToken, code }, code !== undefined);
    }
    if (code) {
      // This token is for userinfo. A refresh then gets one for each resource.
      const tokens = await exchange(party, { type: "authorization_code", code, transaction, resource: [] });
      login.tokens = tokens;
      if (tokens.id_token) {
        const { claims: sibling } = login;
        const expected = /** @type {const} */ ({
          transaction,
          channel: "token",
          code,
          accessToken: tokens.access_token,
          sibling,
        });
        await judge(tokens.id_token, expected);
      }
    }
    outcome = login;
    if (login.claims) memory.markSignedIn(true);
    return login;
  }

  /** @param {RelyingParty} party @param {import("oidc-wasm/full").Grant} grant */
  async function exchange(party, grant) {
    try {
      return await party.grant(grant, { fetch: wire.fetch });
    } catch (error) {
      const unanswered = error instanceof OidcError && /^(request|http)\./.test(error.code);
      throw new Failure(unanswered ? "token_request" : "token_response", error);
    } finally {
      const exchange = lastExchange();
      show("token_request", { exchange });
      if (exchange?.reply) show("token_response", { exchange });
    }
  }

  /**
   * @param {RelyingParty} party
   * @param {string} idToken
   * @param {import("oidc-wasm/full").IdTokenExpected} expected
   * @param {boolean} [early] whether it is the first of two
   */
  async function checkIdToken(party, idToken, expected, early = false) {
    const report = party.checkIdToken(idToken, expected);
    const before = wire.exchanges.length;
    const showToken = () => {
      const exchange = wire.exchanges[before];
      if (exchange) show("keys", { exchange, keyId: String(report.header.kid ?? "") });
      if (early) return show("front_token", { idToken, report });
      show("id_token", { idToken, report });
      show("report", { report });
    };
    try {
      const verified = await party.verifyIdToken(idToken, expected, { fetch: wire.fetch });
      judgeSignature(report, "valid");
      showToken();
      return verified;
    } catch (error) {
      const code = error instanceof OidcError ? error.code : "";
      const keysFailed = /^(http|jwks\.malformed)/.test(code);
      if (code === "jws.signature") judgeSignature(report, "invalid");
      if (!keysFailed) showToken();
      throw new Failure(keysFailed ? "keys" : early ? "front_token" : "report", error);
    }
  }

  /**
   * The report of the claims does not know about the signature yet.
   * @param {import("oidc-wasm/full").TokenReport} report
   * @param {"valid" | "invalid"} signature
   */
  function judgeSignature(report, signature) {
    report.signature = signature;
    const check = report.checks.find(({ rule }) => rule === "jws.signature");
    if (check) check.verdict = signature === "valid" ? "pass" : "fail";
  }

  async function userInfo() {
    const [party, { tokens, claims }] = current();
    return at("userinfo", async () => {
      try {
        const userinfo = await party.userInfo(tokens.access_token ?? "", claims?.sub ?? "", { fetch: wire.fetch });
        show("userinfo", { exchange: lastExchange(), userinfo });
      } catch (error) {
        show("userinfo", { exchange: lastExchange() });
        throw error;
      }
    });
  }

  /** One token for each resource, from the same login: the refresh token gets them one after another (RFC 8707 §2.2). */
  async function resourceTokens() {
    const [party, login] = current();
    return at("resources", async () => {
      /** @type {Receiver[]} */
      const receivers = [];
      const { scope, resource } = login.asked;
      for (const row of downscope({ scope, resource }, registry).table) {
        receivers.push({ ...row, ...(row.resource === null ? own() : await forResource(row.resource)) });
        show("resources", { receivers });
      }
    });

    /** The code's access token is for the provider itself. This page does not read it. */
    function own() {
      return { granted: words(login.tokens.scope) };
    }

    /** @param {string} resource */
    async function forResource(resource) {
      const { tokens, claims } = await party.refresh(login.tokens.refresh_token ?? "", {
        resource,
        previous: login.claims,
        fetch: wire.fetch,
      });
      login.tokens = { ...login.tokens, refresh_token: tokens.refresh_token };
      login.claims = claims ?? login.claims;
      const exchange = wire.exchanges.findLast(({ method }) => method === "POST");
      const { aud, scope } = await party.verifyAccessToken(
        tokens.access_token,
        { audience: resource },
        { fetch: wire.fetch },
      );
      return { audience: String(aud), granted: words(scope), exchange };
    }
  }

  async function refresh() {
    const [party, login] = current();
    return at("refresh", async () => {
      const before = login.tokens;
      const fresh = await party.refresh(before.refresh_token ?? "", { fetch: wire.fetch, previous: login.claims });
      // A provider may leave out what has not changed.
      const after = { ...before, ...fresh.tokens };
      login.tokens = after;
      login.claims = fresh.claims ?? login.claims;
      refreshes += 1;
      show("refresh", {
        exchange: wire.exchanges.findLast(({ method }) => method === "POST"),
        change: { before, after, count: refreshes },
        report: fresh.report,
      });
    });
  }

  /** Leaves for the provider to sign out there. */
  async function signOut() {
    const [party, { tokens, evidence }] = current();
    await at("sign_out", () => {
      const state = crypto.randomUUID();
      const url = party.endSessionUrl({
        idTokenHint: tokens.id_token ?? evidence.idToken,
        postLogoutRedirectUri: signedOut,
        state,
      });
      memory.keepSignOut({ url, state });
      memory.markSignedIn(false);
      location.assign(url);
    });
  }

  /** @returns {[RelyingParty, Outcome]} */
  function current() {
    if (!rp || !outcome) throw new Error("nobody is signed in");
    return [rp, outcome];
  }

  /** An answer with no login of this tab behind it: the engine says why it can't be accepted. @param {Answer} answer @param {"lost" | "used"} circumstance */
  async function strayed(answer, circumstance) {
    show("redirect", { answer });
    /** @type {unknown} */
    let verdict;
    try {
      const { metadata } = await discover();
      new RelyingParty(metadata, publicClient).authorizationResponse(answer.response, "none");
    } catch (error) {
      verdict = error instanceof Failure ? error.cause : error;
    }
    return new Failure("redirect", verdict, circumstance);
  }

  return { discover, prepare, leave, complete, userInfo, resourceTokens, refresh, signOut };
}

/** What the package is asked for. @param {Asked} asked @returns {import("oidc-wasm/full").AuthorizationParams} */
export const parametersOf = ({ responseType, responseMode, scope, resource }) => ({
  responseType,
  responseMode: responseMode || undefined,
  scope,
  resource: resource.length > 0 ? resource : undefined,
  uiLocales,
});

/** @param {unknown} text */
const words = (text) => (typeof text === "string" ? text.split(" ").filter(Boolean) : []);
