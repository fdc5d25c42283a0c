// @ts-check
/**
 * The login itself, one function per protocol message. It draws nothing: each message is handed to `show` as it happens,
 * and a step that fails throws a `Failure` that names it.
 */
import { OidcError, RelyingParty } from "oidc-wasm";
import { memory } from "./memory.js";
import { createRecorder } from "./wire.js";

/**
 * @typedef {"discovery" | "authorization" | "person" | "redirect" | "token_request" | "token_response" | "keys" | "id_token"
 *   | "report" | "userinfo" | "refresh" | "sign_out" | "signed_out"} StepName
 * @typedef {import("./wire.js").Exchange} Exchange
 * @typedef {object} Shown what there is to see of a step; each step fills in its own part
 * @property {import("./memory.js").Discovered} [discovered]
 * @property {string} [url]
 * @property {URLSearchParams} [parameters]
 * @property {boolean} [refused]
 * @property {Exchange} [exchange]
 * @property {string} [idToken]
 * @property {string} [keyId]
 * @property {import("oidc-wasm").IdTokenClaims} [claims]
 * @property {import("oidc-wasm").TokenReport} [report]
 * @property {import("oidc-wasm").Claims} [userinfo]
 * @property {{ before: import("oidc-wasm").TokenSet, after: import("oidc-wasm").TokenSet, count: number }} [change]
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

/** @param {{ issuer: string, clientId: string, show: (step: StepName, shown?: Shown) => void }} options */
export function createLogin({ issuer, clientId, show }) {
  const client = { clientId, redirectUri: `${location.origin}/callback` };
  const wire = createRecorder();
  /** @type {RelyingParty | undefined} */
  let rp;
  /** @type {import("./memory.js").Discovered | undefined} */
  let discovered;
  /** @type {import("oidc-wasm").TokenSet | undefined} */
  let tokens;
  /** @type {import("oidc-wasm").IdTokenClaims | undefined} */
  let claims;
  let refreshes = 0;

  /**
   * Runs one step; whatever goes wrong in it carries its name.
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

  /** Reads the provider's metadata, once. */
  async function discover() {
    if (rp) return rp;
    return at("discovery", async () => {
      rp = await RelyingParty.discover(issuer, client, { fetch: wire.fetch });
      const { url = "", reply } = lastExchange() ?? {};
      discovered = { url, status: reply?.status ?? 0, milliseconds: reply?.milliseconds ?? 0, metadata: rp.provider };
      show("discovery", { discovered });
      return rp;
    });
  }

  /** Makes the authorization request and shows it. */
  async function prepare() {
    const rp = await discover();
    return at("authorization", () => {
      const request = rp.authorizationRequest({ scope: "openid profile email" });
      show("authorization", { url: request.url });
      return request;
    });
  }

  /** Leaves for the provider. @param {import("oidc-wasm").AuthorizationRequest} request */
  function leave(request) {
    if (!discovered) throw new Error("a request is made after discovery");
    memory.keepLogin({ ...request, discovered });
    location.assign(request.url);
  }

  /** Everything from the redirect to userinfo. @param {URL} redirect the address that the provider sent the browser to */
  async function complete(redirect) {
    const state = redirect.searchParams.get("state");
    const pending = memory.pendingLogin();
    if (!pending) {
      await refuseStray(redirect, memory.wasAnswered(state) ? "used" : "lost");
      return undefined;
    }
    const { url, transaction } = pending;
    discovered = pending.discovered;
    const party = new RelyingParty(discovered.metadata, client);
    rp = party;
    show("discovery", { discovered });
    show("authorization", { url });
    show("person", { refused: redirect.searchParams.get("error") === "access_denied" });

    show("redirect", { parameters: redirect.searchParams });
    const answer = await at("redirect", () => {
      // Only an answer to this login uses it up: a forged one must not stop the real one.
      if (state === pending.state) memory.answerLogin(state);
      return party.authorizationResponse(redirect, transaction);
    });

    /** @type {import("oidc-wasm").Grant} */
    const grant = { type: "authorization_code", code: answer.code ?? "", transaction };
    const reply = await at("token_request", async () => {
      const { url, method, headers, body } = party.tokenRequest(grant);
      try {
        return await wire.fetch(url, { method, headers, body, credentials: "omit", redirect: "error" });
      } finally {
        show("token_request", { exchange: lastExchange() });
      }
    });
    const received = await at("token_response", async () => {
      show("token_response", { exchange: lastExchange() });
      return party.tokenResponse({ status: reply.status, headers: reply.headers, body: await reply.text() }, grant);
    });

    claims = await checkIdToken(party, received, {
      transaction,
      code: answer.code,
      accessToken: received.access_token,
    });
    tokens = received;
    memory.markSignedIn(true);
    return claims;
  }

  /**
   * @param {RelyingParty} party
   * @param {import("oidc-wasm").TokenSet} received
   * @param {import("oidc-wasm").IdTokenExpected} expected
   */
  async function checkIdToken(party, { id_token: idToken = "" }, expected) {
    const report = party.checkIdToken(idToken, expected);
    const before = wire.exchanges.length;
    const showToken = () => {
      show("keys", { exchange: wire.exchanges[before], keyId: String(report.header.kid ?? "") });
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
      if (code === "jws.signature") judgeSignature(report, "invalid");
      if (wire.exchanges[before]?.reply) showToken();
      throw new Failure(/^(http|jwks\.malformed)/.test(code) ? "keys" : "report", error);
    }
  }

  /**
   * The report of the claims does not know about the signature yet.
   * @param {import("oidc-wasm").TokenReport} report
   * @param {"valid" | "invalid"} signature
   */
  function judgeSignature(report, signature) {
    report.signature = signature;
    const check = report.checks.find(({ rule }) => rule === "jws.signature");
    if (check) check.verdict = signature === "valid" ? "pass" : "fail";
  }

  async function userInfo() {
    const [party, held, subject] = signedIn();
    return at("userinfo", async () => {
      try {
        const userinfo = await party.userInfo(held.access_token, subject.sub, { fetch: wire.fetch });
        show("userinfo", { exchange: lastExchange(), userinfo });
      } catch (error) {
        show("userinfo", { exchange: lastExchange() });
        throw error;
      }
    });
  }

  async function refresh() {
    const [party, before, previous] = signedIn();
    return at("refresh", async () => {
      const fresh = await party.refresh(before.refresh_token ?? "", { fetch: wire.fetch, previous });
      // A provider may leave out what has not changed.
      tokens = { ...before, ...fresh.tokens };
      claims = fresh.claims ?? previous;
      refreshes += 1;
      show("refresh", {
        exchange: wire.exchanges.findLast(({ method }) => method === "POST"),
        change: { before, after: tokens, count: refreshes },
        report: fresh.report,
      });
    });
  }

  /** Leaves for the provider to sign out there. */
  async function signOut() {
    const [party, held] = signedIn();
    await at("sign_out", () => {
      const state = crypto.randomUUID();
      const url = party.endSessionUrl({
        idTokenHint: held.id_token,
        postLogoutRedirectUri: `${location.origin}/signed-out`,
        state,
      });
      memory.keepSignOut({ url, state });
      memory.markSignedIn(false);
      location.assign(url);
    });
  }

  /** @returns {[RelyingParty, import("oidc-wasm").TokenSet, import("oidc-wasm").IdTokenClaims]} */
  function signedIn() {
    if (!rp || !tokens || !claims) throw new Error("nobody is signed in");
    return [rp, tokens, claims];
  }

  /** An answer with no login of this tab behind it: the engine says why it can't be accepted. @param {URL} redirect @param {"lost" | "used"} circumstance */
  async function refuseStray(redirect, circumstance) {
    show("redirect", { parameters: redirect.searchParams });
    /** @type {unknown} */
    let verdict;
    try {
      (await discover()).authorizationResponse(redirect, "none");
    } catch (error) {
      verdict = error instanceof Failure ? error.cause : error;
    }
    throw new Failure("redirect", verdict, circumstance);
  }

  return { discover, prepare, leave, complete, userInfo, refresh, signOut };
}
