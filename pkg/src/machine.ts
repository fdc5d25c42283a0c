import type { FullConfiguration, Made } from "./capabilities.js";
import type { Configuration } from "./configuration.js";
import {
  call,
  forget,
  hasMore,
  NOBODY,
  nextFlag,
  nextNumber,
  nextString,
  nextText,
  nextView,
  nothing,
  present,
  skipText,
  told,
} from "./engine/engine.js";
import { type Body, bodied, encode, Frame, parse, textOf } from "./engine/frame.js";
import { isOfCall, isUnjudged, OidcError, withTokens, wrongArgument } from "./error.js";
import * as Engine from "./generated/calls.js";
import { TIME_RULES } from "./generated/rules.js";
import { answered, type Network, type Reply, send } from "./host/http.js";
import { KeySet, type Picked } from "./host/keys.js";
import { tell } from "./host/messages.js";
import { type Key, sign, unsupported, verify, webCrypto } from "./host/webcrypto.js";
import { type Reported, reported } from "./report.js";
import type {
  AuthorizationRequest,
  AuthorizationResponse,
  Claims,
  HttpRequest,
  IdTokenClaims,
  Login,
  RenewedTokens,
  TokenSet,
} from "./types.js";

/** Frees the engine's memory when garbage collection removes the owner. Workers with a compatibility date before 2025-05-05 lack this. */
const owners =
  globalThis.FinalizationRegistry && new FinalizationRegistry<{ party: number; generation: number }>(giveBack);

function giveBack({ party, generation }: { party: number; generation: number }): void {
  try {
    // A lost instance has nothing to free.
    if (generation === present()) call(Engine.FREE, party, new Frame(), forget);
  } catch {}
}

/** The object of expected values for each kind of token, by its number. */
const EXPECTED = [
  Engine.ID_TOKEN_MEMBERS,
  Engine.USERINFO_MEMBERS,
  Engine.ACCESS_TOKEN_MEMBERS,
  Engine.LOGOUT_TOKEN_MEMBERS,
];

/** The most characters of a token whose claims are checked while the host verifies. Longer ones wait for the signature. */
const USUAL = 8192;

/** The sent request, and the grant to read its reply by. */
export interface Exchanged {
  tokens: TokenSet;
  cache: string;
  choice: Picked | undefined;
}

/** A relying party in the engine, its keys, and the steps that need several calls. */
export class Machine {
  readonly #client: Configuration;
  readonly #metadata: string;
  readonly #keys = new KeySet();
  /** Used keys of the present set, by algorithm and index. */
  #used = new Map<number, Key>();
  #jwks: Body | undefined;
  #party: { party: number; generation: number } | undefined;
  /** What the options of oidc-wasm/full only have become. Undefined without them. */
  declare full: FullConfiguration | undefined;

  constructor(client: Configuration, metadata: string, party?: number) {
    this.#client = client;
    this.#metadata = metadata;
    this.#take(party ?? this.#made());
  }

  #made(): number {
    const frame = new Frame(this.#client.frame).string("provider", this.#metadata);
    return call(Engine.RELYING_PARTY, NOBODY, this.#client.full?.withFull(frame) ?? frame, nextNumber);
  }

  #take(party: number): void {
    this.#party = { party, generation: present() };
    owners?.register(this, this.#party, this);
  }

  /** Its handle. A new instance of the engine receives configuration and keys again. */
  get #number(): number {
    if (!this.#party) throw new OidcError("relying_party.freed");
    if (this.#party.generation !== present()) {
      owners?.unregister(this);
      const party = this.#made();
      if (this.#jwks) {
        call(Engine.JWKS_RESPONSE, party, answered(new Frame(), { status: 200, body: this.#jwks }), nothing);
      }
      // Assigned last: a relying party must never exist without its keys.
      this.#take(party);
    }
    return this.#party.party;
  }

  free(): void {
    if (!this.#party) return;
    owners?.unregister(this);
    giveBack(this.#party);
    this.#party = undefined;
  }

  /** Makes a call for this relying party. */
  ask<T>(number: number, frame: Frame, read: () => T): T {
    return call(number, this.#number, frame, read);
  }

  /** Makes a call about a reply. */
  judge<T>(number: number, reply: Reply, frame: Frame, read: () => T): T {
    return call(number, this.#number, answered(frame, reply), read, reply);
  }

  /** A request with client authentication. It signs an assertion if the client needs one (OpenID Connect Core 1.0 §9). */
  proven(number: number, frame: Frame): Promise<HttpRequest>;
  proven<T>(number: number, frame: Frame, read: () => T): Promise<T>;
  async proven(number: number, frame: Frame, read: () => unknown = request): Promise<unknown> {
    const { signs, signer } = this.#client;
    const wanted = signs
      ? this.ask(Engine.CLIENT_ASSERTION, new Frame().number(number).timed(), () =>
          hasMore() ? { alg: nextString(), input: nextString() } : undefined,
        )
      : undefined;
    frame.optionalString("assertion", wanted?.input);
    if (wanted) frame.body = await sign(wanted.alg, signer, encode(wanted.input));
    return this.ask(number, frame, read);
  }

  /** Sends a request. With oidc-wasm/full it can have a proof of possession of the access token's key. */
  send(make: () => Made, net: Network, _accessToken?: string): Promise<Reply> {
    const made = make();
    return "then" in made ? made.then((request) => send(request, net)) : send(made, net);
  }

  /** Sends a request with client authentication. The frame serves the judgement of its reply too. */
  inquire(number: number, frame: Frame | undefined, net: Network, ready?: HttpRequest): Promise<Reply> {
    return this.send(() => ready ?? this.proven(number, new Frame(frame)), net);
  }

  /** Sends a request about the token in the frame, and returns what the reply says: JSON text, or an empty string. */
  async inspect(asked: number, judged: number, frame: Frame, net: Network): Promise<string> {
    return this.judge(judged, await this.inquire(asked, frame, net), frame, nextString);
  }

  /** Exchanges a grant for tokens. `ready` is its request, if the engine has made it already. */
  exchange(grant: { resource?: unknown; parameters?: unknown }, net: Network, ready?: HttpRequest): Promise<Exchanged> {
    const read = () => new Frame().object(Engine.GRANT_MEMBERS, "grant", grant);
    // Strings stay as they are until the reply comes. The caller may change an object.
    const asked = ready && !grant.resource && !grant.parameters ? undefined : read();
    return this.inquire(Engine.TOKEN_REQUEST, asked, net, ready).then((reply) =>
      this.judge(Engine.EXCHANGED, reply, asked ?? read(), () => {
        const tokens = tokenSet(reply);
        const isFresh = this.#keys.isFresh;
        const choice = hasMore() ? this.#picked(isFresh) : undefined;
        // A caller that fails first never awaits it.
        choice?.verdict?.catch(nothing);
        return { tokens, cache: reply.cacheControl ?? "", choice: isFresh || choice?.isShared ? choice : undefined };
      }),
    );
  }

  /** The chosen key. With `begin`, the host starts verifying while both are in the engine's memory. */
  #picked(begin: boolean): Picked {
    const number = nextNumber();
    const place = nextNumber();
    const id = (number << 16) | place;
    let key = this.#used.get(id);
    if (key) skipText();
    else {
      key = { alg: Engine.ALGORITHMS[number] ?? "", material: nextText() ?? this.#client.secret };
      this.#used.set(id, key);
    }
    const { alg } = key;
    const isShared = !place;
    const [signature, signed] = [nextView(), nextView()];
    if (!begin && !isShared) return { isShared, alg };
    const verdict = verify(key, signature, signed);
    return { isShared, alg, verdict, claims: hasMore() ? nextText() : undefined };
  }

  /** The ID token among these tokens of a login, and the result of every rule. */
  async login(
    tokens: Pick<Partial<TokenSet>, "id_token">,
    expected: object,
    net: Network,
    from?: Pick<Exchanged, "cache" | "choice">,
  ): Promise<Omit<Login, "tokens">> {
    const idToken = tokens.id_token as string;
    let seen: Reported | undefined;
    // One time for report and error.
    const wanted = { ...expected, now: Date.now() / 1000 };
    const judged = () => {
      const frame = new Frame().string("idToken", idToken).optionalString("cache-control", from?.cache);
      frame.object(Engine.ID_TOKEN_MEMBERS, "expected", wanted);
      seen = this.ask(Engine.REPORT_ID_TOKEN, frame, reported);
      const { report, refusal } = seen;
      if (refusal) throw refusal;
      return { claims: report.claims as IdTokenClaims, report };
    };
    let failure: unknown;
    try {
      return await this.#verified(Engine.ID_TOKEN_KIND, idToken, wanted, net, judged, { choice: from?.choice });
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      // Its claims count only with a verified signature.
      if (seen && failure === seen.refusal) tell(net, { type: "report", report: seen.report });
    }
  }

  /** Signature and claims of a token of any kind. */
  verified<T = Claims>(
    kind: number,
    name: string,
    token: string,
    expected: object,
    net: Network,
    key?: string,
  ): Promise<T> {
    // Copies the values before any await, because the caller may change them.
    const frame = new Frame()
      .number(kind)
      .string(name, token)
      .object(EXPECTED[kind] ?? "", "expected", expected)
      .optionalString("key", key);
    const judged = (claims?: string) => parse<T>(claims ?? this.ask(Engine.CLAIMS, frame.timed(), nextString));
    return this.#verified(kind, token, expected, net, judged, { frame });
  }

  /** `frame`: the token and its expected values, if one call can judge both signature and claims. */
  async #verified<T>(
    kind: number,
    token: string,
    expected: object,
    net: Network,
    judged: (claims?: string) => T,
    { choice, frame }: { choice?: Picked | undefined; frame?: Frame },
  ): Promise<T> {
    const isUsual = token.length <= USUAL;
    const asked = isUsual && frame ? frame : new Frame().number(kind).string("token", token);
    const pick = (begin: boolean) => this.ask(Engine.VERIFICATION, asked.timed(), () => this.#picked(begin));
    const { sets: before } = this.#keys;
    let picked = choice?.verdict ? choice : this.#keys.tryPick(pick);
    if (!picked?.verdict || !isUsual) {
      picked?.verdict?.catch(nothing);
      // Reports wrong arguments before any request or await.
      const frame = new Frame().number(kind).object(EXPECTED[kind] ?? "", "expected", expected);
      this.ask(Engine.EXPECT, frame, nothing);
    }
    if (!picked?.verdict) {
      await this.#keys.prepare(this.#loading(net), net.signal, pick);
      picked = pick(true);
    }
    const { sets } = this.#keys;
    // The host verifies on its own thread. Meanwhile the engine checks the claims, and this code hides them.
    let found: T | undefined;
    let refusal: unknown;
    try {
      found = isUsual ? judged(picked.claims) : undefined;
    } catch (error) {
      refusal = error;
    }
    let isGood: boolean;
    try {
      isGood = (await picked.verdict) === true;
    } catch (cause) {
      throw unsupported(picked.alg, cause);
    }
    // Wrong arguments come first, as with a fetch of the keys.
    if (isOfCall(refusal)) throw refusal;
    // Keys that came for this token are not fetched again. Others may have come while the host verified.
    if (!isGood && !picked.isShared && sets === before) isGood = await this.#isByAnother(pick, sets, net);
    if (!isGood) this.ask(Engine.SIGNATURE_REFUSED, new Frame().number(kind), nothing);
    if (refusal) throw refusal;
    return isUsual ? (found as T) : judged();
  }

  /** A provider may have a new key with the same name. */
  async #isByAnother(pick: (begin: boolean) => Picked, sets: number, net: Network): Promise<boolean> {
    try {
      return (await this.#keys.doubt(sets, this.#loading(net), net.signal)) && (await pick(true).verdict) === true;
    } catch {
      // No available key matches the signature.
      return false;
    }
  }

  /** Fetches the keys before the code is sent, because a code works only once. Fresh keys need no promise. */
  ready(needs: number, net: Network): Promise<void> | undefined {
    if (needs > 0) webCrypto();
    return needs > 1 && !this.#keys.isFresh ? this.#keys.prepare(this.#loading(net), net.signal) : undefined;
  }

  /** As {@link login}, for the ID token of a refresh. Its error has the other tokens, if they may be good. */
  async renewed(tokens: TokenSet, expected: object, net: Network, from: Exchanged) {
    try {
      return await this.login(tokens, expected, net, from);
    } catch (error) {
      if (!isUnjudged(error)) throw error;
      const { id_token, ...rest } = tokens;
      const frame = new Frame().string("idToken", id_token).object(Engine.ID_TOKEN_MEMBERS, "expected", expected);
      const { checks } = this.ask(Engine.CHECK_ID_TOKEN, frame.timed(), reported).report;
      const isSuspect = checks.some(({ rule, verdict }) => verdict === "fail" && !TIME_RULES.includes(rule));
      throw isSuspect ? error : withTokens(error, rest as RenewedTokens);
    }
  }

  #loading(net: Network) {
    return async (signal: AbortSignal | undefined): Promise<void> => {
      const asked = Date.now();
      const reply = await send(this.ask(Engine.JWKS_REQUEST, new Frame(), request), { ...net, signal });
      // A late response must not restore withdrawn keys.
      if (asked >= this.#keys.loaded || this.#keys.loaded > Date.now()) this.#takeKeys(reply, asked);
    };
  }

  #takeKeys(reply: Reply, loaded: number): void {
    this.judge(Engine.JWKS_RESPONSE, reply, new Frame(), nothing);
    this.#used = new Map();
    this.#jwks = reply.body;
    this.#keys.take(loaded);
  }

  exportKeys(uri: string | undefined): string | undefined {
    return this.#jwks && `${this.#keys.loaded} ${uri}\n${textOf(this.#jwks)}`;
  }

  importKeys(keys: string, known: string | undefined): void {
    const [, time, uri, set = ""] = (typeof keys === "string" && /^(\d+) ([^\n]*)\n(.*)$/s.exec(keys)) || [];
    if (uri === undefined || uri !== known)
      throw wrongArgument("keys", "a string from exportKeys() of the same provider");
    const loaded = Math.min(Number(time), Date.now());
    if (loaded <= this.#keys.loaded) return;
    this.#takeKeys({ status: 200, body: bodied(set) }, loaded);
  }
}

/** A request from the engine. */
export function request(): HttpRequest {
  const url = nextString();
  let body = nextText();
  for (let count = nextNumber(); count > 0; count--) body += nextString();
  const headers: Record<string, string> = nextFlag() ? { ...Engine.FORM_HEADERS } : {};
  for (let count = nextNumber(); count > 0; count--) headers[nextString()] = nextString();
  return body === undefined ? { url, method: "GET", headers } : { url, method: "POST", headers, body };
}

/** The address for the person, and the values to keep. */
export const authorizationRequest = (): AuthorizationRequest => ({
  url: nextString(),
  state: nextString(),
  transaction: nextString(),
});

const PARAMETERS = [
  "code",
  "id_token",
  "access_token",
  "session_state",
  "token_type",
  "scope",
  "iss",
  "expires_in",
] as const;

/** The parameters of a redirect. */
export const response = (): AuthorizationResponse => lived(PARAMETERS);

/** The present strings of these names. The seconds that a token lives are a number. */
function lived<Name extends string>(names: readonly Name[]): Partial<Record<Name, string>> & { expires_in?: number } {
  const texts: { expires_in?: number | string } = told(names);
  if (texts.expires_in !== undefined) texts.expires_in = Number(texts.expires_in);
  return texts as ReturnType<typeof lived<Name>>;
}

const NORMALISED = ["expires_in", "token_type", "scope"] as const;

/** Tokens as the provider sent them. `null` counts as absent. The engine has normalised deviations from the standard. */
export function tokenSet(reply: Reply): TokenSet {
  const tokens = parse<TokenSet>(reply.body);
  for (const name of ["refresh_token", "id_token", "scope", "expires_in"])
    if (tokens[name] === null) delete tokens[name];
  return Object.assign(tokens, lived(NORMALISED));
}
