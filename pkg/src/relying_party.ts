/// <reference lib="esnext.disposable" preserve="true" />
import { bytes, decode, encode, json, parse, text } from "./argument.js";
import { ask, judge, NOBODY } from "./engine.js";
import { OidcError, wrongArgument } from "./error.js";
import * as Engine from "./generated/numbers.js";
import { type Network, network, type Reply, received, send } from "./http.js";
import { KeySet } from "./jwks.js";
import { type Report, report } from "./report.js";
import type {
  AuthorizationParams,
  AuthorizationRequest,
  AuthorizationResponse,
  CallOptions,
  Claims,
  ClientConfig,
  DiscoverOptions,
  Grant,
  HttpReply,
  HttpRequest,
  IdTokenClaims,
  IdTokenExpected,
  InitiatedLogin,
  Login,
  ProviderMetadata,
  Resource,
  ResponseType,
  Scope,
  TokenReport,
  TokenSet,
} from "./types.js";
import { type Key, sign, signingAlgorithm, verify } from "./webcrypto.js";

/** Gives the engine's memory back when its owner is collected. Workers with a compatibility date before 2025-05-05 cannot know. */
const owners = globalThis.FinalizationRegistry && new FinalizationRegistry<number>(free);

/** A broken engine has nothing to give. */
function free(party: number): void {
  try {
    ask(Engine.FREE, party);
  } catch {}
}

/**
 * One relying party at one provider. Synchronous methods do no I/O; asynchronous ones use `fetch` and WebCrypto.
 * Every method throws {@link OidcError}; a wrong argument is `argument.<name>`, the network's own failures are `http.*`.
 *
 * @example
 * ```ts
 * const rp = await RelyingParty.discover("https://op.example", { clientId: "app", redirectUri: "https://app.example/cb" });
 * const { url, state, transaction } = rp.authorizationRequest({ scope: "openid profile" });
 * sessionStorage.setItem(state, transaction);
 * location.assign(url);
 * // …back at https://app.example/cb
 * const kept = sessionStorage.getItem(new URLSearchParams(location.search).get("state") ?? "") ?? "";
 * const { claims, tokens } = await rp.callback(location.href, kept);
 * ```
 */
export class RelyingParty {
  /** The provider's metadata, as it was read. */
  readonly provider: ProviderMetadata;
  readonly #secret: Uint8Array<ArrayBuffer>;
  readonly #signer: CryptoKey | Uint8Array<ArrayBuffer>;
  readonly #keys = new KeySet();
  /** Those of the present set that were used, by number of algorithm and place in the set. */
  #used = new Map<number, Key>();
  #party: number | undefined;
  #jwks: Uint8Array | undefined;

  /** Both are read once and kept by the engine. Throws `discovery.metadata` or `argument.<name>` for what it can't use. */
  constructor(provider: ProviderMetadata, client: ClientConfig) {
    const auth = client?.auth;
    const isKey = auth?.method === "private_key_jwt";
    if (isKey && "alg" in auth) throw wrongArgument("alg", "no argument of this name: the key says it");
    // The key stays here: the engine learns what it signs with.
    const told = isKey ? { ...client, auth: { ...auth, key: undefined, alg: signingAlgorithm(auth.key) } } : client;
    const metadata = json("provider", provider);
    const config = json("client", told);
    const party = Number(ask(Engine.RELYING_PARTY, NOBODY, config, metadata));
    this.#party = party;
    owners?.register(this, party, this);
    this.provider = parse(metadata);
    this.#secret = encode(parse<ClientConfig & { auth?: { secret?: string } }>(config).auth?.secret ?? "");
    this.#signer = isKey ? auth.key : this.#secret;
  }

  /**
   * A relying party from the provider's own metadata: OpenID Connect Discovery 1.0 (default) or RFC 8414
   * (`{ metadata: "oauth2" }`). Throws `discovery.issuer` when the metadata is another issuer's.
   *
   * @example
   * ```ts
   * const rp = await RelyingParty.discover("https://op.example", { clientId: "app", redirectUri: "https://app.example/cb" });
   * ```
   */
  static async discover(issuer: string | URL, client: ClientConfig, options?: DiscoverOptions): Promise<RelyingParty> {
    const net = network(options, "metadata");
    const asked = json("issuer", { issuer, metadata: options?.metadata, relax: client?.relax });
    const request = ask(Engine.DISCOVERY_REQUEST, NOBODY, asked);
    // The client is judged before anything is sent.
    new RelyingParty({ issuer: `${issuer}` }, client).free();
    const reply = await send(parse(request), net);
    judge(Engine.DISCOVERY_RESPONSE, NOBODY, reply, asked);
    return new RelyingParty(parse(reply.body), client);
  }

  /**
   * The first message of a login (OpenID Connect Core 1.0 §3.1.2.1): where to send the person, and what to keep until they
   * come back. `state`, PKCE (wherever a code is asked for) and `nonce` (wherever `openid` is) are always there.
   * Throws `request.*`.
   *
   * @example
   * ```ts
   * const { url, state, transaction } = rp.authorizationRequest({ scope: "openid email", maxAge: 3600 });
   * sessionStorage.setItem(state, transaction);
   * location.assign(url);
   * ```
   */
  authorizationRequest(params: AuthorizationParams = {}): AuthorizationRequest {
    const request = this.#ask(Engine.AUTHORIZATION_REQUEST, json("params", params));
    const [url = "", state = "", transaction = ""] = request.split("\n");
    return { url, state, transaction };
  }

  /**
   * The second message, the redirect: its address, or the fields of a `form_post` body as `URLSearchParams`.
   * Throws `redirect.*` and `transaction.*`; `redirect.oauth_error` carries what the provider said.
   */
  authorizationResponse(response: string | URL | URLSearchParams, transaction: string): AuthorizationResponse {
    const place = response instanceof URLSearchParams ? { form: `${response}` } : { response };
    return parse(this.#ask(Engine.AUTHORIZATION_RESPONSE, json("response", { ...place, transaction })));
  }

  /**
   * The third message, ready to be sent (RFC 6749 §4.1.3, §6). Throws `request.*`; a client that signs assertions
   * (`client_secret_jwt`, `private_key_jwt`) needs {@link grant}, because signing is asynchronous.
   */
  tokenRequest(grant: Grant): HttpRequest {
    return parse(this.#ask(Engine.TOKEN_REQUEST, json("grant", grant)));
  }

  /** The fourth message (RFC 6749 §5). Throws `token.*` and `json.*`; `token.oauth_error` carries what the provider said. */
  tokenResponse(reply: HttpReply, grant: Grant): TokenSet {
    return this.#tokens(received(reply), json("grant", grant));
  }

  /**
   * Holds an ID token's claims against every rule, without its signature. Never throws for a bad token: the report says
   * what failed and where the rule is written.
   *
   * @example
   * ```ts
   * const { valid, checks } = rp.checkIdToken(idToken, { nonce, now: 1311281000 });
   * for (const { rule, verdict, spec, message } of checks) console.log(verdict, rule, spec, message);
   * ```
   */
  checkIdToken(idToken: string, expected: IdTokenExpected = {}): TokenReport {
    const token = text("idToken", idToken);
    return report(this.#ask<Report>(Engine.CHECK_ID_TOKEN, json("expected", expected), token));
  }

  /**
   * The redirect in, validated tokens and claims out: the redirect is judged, an ID token in it verified, the code exchanged
   * and the ID token that it bought verified. What the token endpoint sent wins over what the redirect brought.
   *
   * @example
   * ```ts
   * const { claims, tokens } = await rp.callback(location.href, transaction);
   * ```
   */
  async callback<T extends ResponseType = "code">(
    response: string | URL | URLSearchParams,
    transaction: string,
    options?: CallOptions,
  ): Promise<Login<T>> {
    const net = network(options);
    const front = this.authorizationResponse(response, transaction);
    const { code, access_token, token_type, expires_in, scope, ...kept } = front;
    let login: Partial<Login> = {};
    if (front.id_token !== undefined) {
      const expected = { transaction, channel: "front", accessToken: access_token, code };
      login = await this.#login(front.id_token, expected, net);
    }
    if (code === undefined) return { tokens: front, ...login } as Login<T>;

    const { tokens, cache } = await this.#exchange({ type: "authorization_code", code, transaction }, net);
    if (tokens.id_token !== undefined) {
      const expected = { transaction, accessToken: tokens.access_token, code, sibling: login.claims, cache };
      login = await this.#login(tokens.id_token, expected, net);
    }
    return { tokens: { ...kept, ...tokens }, ...login } as Login<T>;
  }

  /**
   * New tokens for a refresh token (RFC 6749 §6). An ID token among them is verified, and held against `previous`, the claims
   * of the one it replaces. `tokens.refresh_token` is the newest: the old one where the provider sent none.
   *
   * @example
   * ```ts
   * const { tokens } = await rp.refresh(refreshToken, { previous: claims });
   * ```
   */
  async refresh(
    refreshToken: string,
    options?: CallOptions & {
      scope?: Scope;
      resource?: Resource;
      previous?: IdTokenClaims;
      /** Sent with the request, for providers that want more. */
      parameters?: Record<string, string | string[]>;
    },
  ): Promise<Login> {
    const net = network(options, "scope", "resource", "previous", "parameters");
    const { scope, resource, previous, parameters } = options ?? {};
    // Judged before the refresh token is spent.
    this.#ask(Engine.EXPECT, json("previous", { previous }));
    const grant = { type: "refresh_token", refreshToken, scope, resource, parameters };
    const { tokens, cache } = await this.#exchange(grant, net);
    const expected = { previous, channel: "refresh", accessToken: tokens.access_token, cache };
    const login = tokens.id_token === undefined ? {} : await this.#login(tokens.id_token, expected, net);
    return { tokens: { refresh_token: refreshToken, ...tokens }, ...login };
  }

  /** Any grant: token request, HTTP, token response. An ID token among the tokens is for `verifyIdToken`. */
  async grant(grant: Grant, options?: CallOptions): Promise<TokenSet> {
    return (await this.#exchange(grant, network(options))).tokens;
  }

  /**
   * Signature and claims of an ID token (OpenID Connect Core 1.0 §3.1.3.7). Throws `jws.*`, `jwks.*` and `id_token.*`.
   *
   * @example
   * ```ts
   * const claims = await rp.verifyIdToken(tokens.id_token, { transaction, accessToken: tokens.access_token });
   * ```
   */
  async verifyIdToken(idToken: string, expected: IdTokenExpected = {}, options?: CallOptions): Promise<IdTokenClaims> {
    const net = network(options);
    return this.#verified(Engine.ID_TOKEN_KIND, text("idToken", idToken), json("expected", expected), net);
  }

  /**
   * Signature and claims of a JWT access token (RFC 9068, or a plain JWT), for resource servers. Throws `jws.*`, `jwks.*` and
   * `access_token.*`; of the last, `status` and `error` are what to answer with: 403 `insufficient_scope`, else 401 `invalid_token`.
   *
   * @example
   * ```ts
   * const claims = await rp.verifyAccessToken(jwt, { audience: "https://api.example.com", scope: "read" });
   * ```
   */
  async verifyAccessToken(
    jwt: string,
    expected: {
      /** The names of this resource server; the token is meant for one of them. */
      audience: string | string[];
      scope?: Scope;
      /** Seconds since the epoch; default the host's clock at the call. */
      now?: number;
    },
    options?: CallOptions,
  ): Promise<Claims> {
    const net = network(options);
    return this.#verified(Engine.ACCESS_TOKEN_KIND, text("jwt", jwt), json("expected", expected), net);
  }

  /**
   * Signature and claims of a logout token (OpenID Connect Back-Channel Logout 1.0 §2.6). Throws `jws.*`, `jwks.*` and
   * `logout_token.*`. Whether its `jti` was seen before and how old it may be takes a memory: that is yours to check.
   *
   * @example
   * ```ts
   * const { sub, sid, jti } = await rp.verifyLogoutToken(String(form.get("logout_token")));
   * ```
   */
  async verifyLogoutToken(
    jwt: string,
    options?: CallOptions & {
      /** Seconds since the epoch; default the host's clock at the call. */
      now?: number;
    },
  ): Promise<Claims> {
    const net = network(options, "now");
    return this.#verified(Engine.LOGOUT_TOKEN_KIND, text("jwt", jwt), json("options", { now: options?.now }), net);
  }

  /**
   * The claims of the userinfo endpoint (OpenID Connect Core 1.0 §5.3), once they are known to be about `expectedSubject`, the
   * `sub` of the ID token. A signed answer is verified. Throws `userinfo.*`.
   *
   * @example
   * ```ts
   * const { email } = await rp.userInfo(tokens.access_token, claims.sub);
   * ```
   */
  async userInfo(accessToken: string, expectedSubject: string, options?: CallOptions): Promise<Claims> {
    const net = network(options);
    const token = text("accessToken", accessToken);
    text("expectedSubject", expectedSubject);
    const expected = json("options", { accessToken, expectedSubject });
    const reply = await send(parse(this.#ask(Engine.USERINFO_REQUEST, token)), net);
    const isSigned = this.#judge(Engine.USERINFO_RESPONSE, reply, expected);
    return isSigned ? this.#verified(Engine.USERINFO_KIND, reply.body, expected, net) : parse(reply.body);
  }

  /** Gives an access or refresh token back (RFC 7009); one that the provider does not know is as good as given back. Throws `revocation.*`. */
  async revoke(token: string, options?: CallOptions): Promise<void> {
    const net = network(options);
    const given = text("token", token);
    const reply = await send(await this.#proven(Engine.REVOCATION_REQUEST, given), net);
    this.#judge(Engine.REVOCATION_RESPONSE, reply, given);
  }

  /** What the provider says of a token (RFC 7662): `active`, and the rest only where that is true. Throws `introspection.*`. */
  async introspect(token: string, options?: CallOptions): Promise<Claims> {
    const net = network(options);
    const given = text("token", token);
    const reply = await send(await this.#proven(Engine.INTROSPECTION_REQUEST, given), net);
    return parse(this.#judge(Engine.INTROSPECTION_RESPONSE, reply, given));
  }

  /**
   * Reads a request to your `initiate_login_uri` (OpenID Connect Core 1.0 §4): somebody wants a login to start here. Nothing in
   * it proves anything. Throws `initiated_login.*`, also where another issuer is named.
   *
   * @example
   * ```ts
   * const { loginHint } = rp.initiatedLogin(request.url);
   * const { url } = rp.authorizationRequest(loginHint ? { loginHint } : {});
   * ```
   */
  initiatedLogin(request: string | URL | URLSearchParams): InitiatedLogin {
    return parse(this.#ask(Engine.INITIATED_LOGIN, text("request", address(request))));
  }

  /**
   * Where to send the person to sign out at the provider (OpenID Connect RP-Initiated Logout 1.0 §2).
   *
   * @example
   * ```ts
   * location.assign(rp.endSessionUrl({ idTokenHint: tokens.id_token, postLogoutRedirectUri: "https://app.example/" }));
   * ```
   */
  endSessionUrl(
    params: {
      idTokenHint?: string;
      postLogoutRedirectUri?: string;
      state?: string;
      logoutHint?: string;
      uiLocales?: string;
    } = {},
  ): string {
    return this.#ask(Engine.END_SESSION_URL, json("params", params));
  }

  /** Whether this address is the return from signing out with this `state` (§3). Any other is not ours, and no reason to worry. */
  endSessionReturned(response: string | URL | URLSearchParams, state: string): boolean {
    return !!this.#ask(Engine.END_SESSION_RETURNED, json("response", { response: address(response), state }));
  }

  /**
   * The provider's keys as they were fetched, to be kept where only you can write (a Worker's KV) and given to
   * {@link importKeys} of another instance. Nothing before the first signature was checked.
   */
  exportKeys(): string | undefined {
    return this.#jwks && `${this.#keys.loaded} ${this.provider.jwks_uri}\n${decode(this.#jwks)}`;
  }

  /** Takes what {@link exportKeys} gave, with its age, and judges it again; older than what is here, it is left. Throws `jwks.*` and `json.*`. */
  importKeys(keys: string): void {
    const [, time, uri, set = ""] = (typeof keys === "string" && /^(\d+) ([^\n]*)\n(.*)$/s.exec(keys)) || [];
    if (uri === undefined || uri !== this.provider.jwks_uri) throw wrongArgument("keys", "what exportKeys gave here");
    const loaded = Math.min(Number(time), Date.now());
    if (loaded > this.#keys.loaded) this.#takeKeys({ status: 200, headers: new Headers(), body: bytes(set) }, loaded);
  }

  /** Gives the engine's memory back now rather than when this object is collected. Nothing can be called afterwards. */
  free(): void {
    if (this.#party === undefined) return;
    owners?.unregister(this);
    free(this.#party);
    this.#party = undefined;
  }

  [Symbol.dispose](): void {
    this.free();
  }

  get #number(): number {
    if (this.#party === undefined) throw new OidcError("relying_party.freed");
    return this.#party;
  }

  #ask<T = string>(step: number, args?: Uint8Array, token?: Uint8Array, kind?: number): T {
    return ask(step, this.#number, args, token, kind);
  }

  #judge(step: number, reply: Reply, args?: Uint8Array): string {
    return judge(step, this.#number, reply, args);
  }

  #tokens(reply: Reply, grant: Uint8Array): TokenSet {
    const seconds = this.#judge(Engine.TOKEN_RESPONSE, reply, grant);
    const tokens = parse<TokenSet>(reply.body);
    // Written as a string of digits: the engine read it.
    return seconds ? { ...tokens, expires_in: Number(seconds) } : tokens;
  }

  async #exchange(grant: object, net: Network): Promise<{ tokens: TokenSet; cache: string }> {
    const offered = json("grant", grant);
    const reply = await send(await this.#proven(Engine.TOKEN_REQUEST, offered), net);
    return { tokens: this.#tokens(reply, offered), cache: reply.headers.get("cache-control") ?? "" };
  }

  /** A request that proves who the client is, where it was so registered by an assertion that is signed here (OpenID Connect Core 1.0 §9). */
  async #proven(step: number, args: Uint8Array): Promise<HttpRequest> {
    const [alg, input] = this.#ask(Engine.CLIENT_ASSERTION).split("\n");
    let assertion: Uint8Array | undefined;
    if (alg && input) {
      const signed = encode(`${input}\n`);
      const signature = await sign(alg, this.#signer, signed.subarray(0, -1));
      assertion = new Uint8Array(signed.length + signature.length);
      assertion.set(signed);
      assertion.set(signature, signed.length);
    }
    return parse(this.#ask(step, args, assertion));
  }

  async #login(idToken: string, expected: object, net: Network): Promise<Omit<Login, "tokens">> {
    const token = text("idToken", idToken);
    // One time for the report and for the verdict.
    const wanted = json("expected", { ...expected, now: Date.now() / 1000 });
    const kind = Engine.ID_TOKEN_KIND;
    return this.#verified(kind, token, wanted, net, () => {
      const all = report(this.#ask<Report>(Engine.REPORT_ID_TOKEN, wanted));
      if (!all.valid) {
        // The first broken rule is the error.
        this.#verification(kind, token);
        this.#ask(Engine.CLAIMS, wanted);
      }
      return { claims: all.claims as IdTokenClaims, report: all };
    });
  }

  /** What is judged of a token whose signature the host found good: its claims. */
  async #verified<T = Claims>(
    kind: number,
    token: Uint8Array,
    expected: Uint8Array,
    net: Network,
    judged = () => parse<T>(this.#ask(Engine.CLAIMS, expected)),
  ): Promise<T> {
    const pick = () => this.#verification(kind, token);
    let picked = this.#keys.tryPick(pick);
    if (!picked) {
      // What the caller did wrong is said before anything is sent.
      this.#ask(Engine.EXPECT, expected, undefined, kind);
      await this.#keys.prepare(pick, () => this.#loadKeys(net), net.signal);
      picked = pick();
    }
    // From the pick to here nothing else has run: the engine still has the token as it read it.
    const verdict = verify(picked.key, picked.signature, token.subarray(0, token.lastIndexOf(0x2e))); // "."
    // The host verifies on a thread of its own. Meanwhile the claims are judged, and kept from everybody.
    let found: T | undefined;
    let refusal: unknown;
    try {
      found = judged();
    } catch (error) {
      refusal = error;
    }
    const isGood = await verdict;
    // What the caller did wrong comes first, as it does where keys are loaded.
    if (refusal instanceof OidcError && /^(argument|transaction)/.test(refusal.code)) throw refusal;
    if (!isGood) return this.#ask<never>(Engine.SIGNATURE_REFUSED, undefined, token, kind);
    if (!found) throw refusal;
    return found;
  }

  /** What the host must verify. The key is taken at once: later, another call may have replaced the set. */
  #verification(kind: number, token: Uint8Array): { key: Key; signature: Uint8Array; isShared: boolean } {
    const found = this.#ask<Uint8Array>(Engine.VERIFICATION, undefined, token, kind);
    const [number = 0, low = 0, high = 0] = found;
    const place = low | (high << 8);
    const id = (number << 16) | place;
    let key = this.#used.get(id);
    if (!key) {
      const material = place ? this.#ask(Engine.KEY, undefined, token, kind) : this.#secret;
      key = { alg: Engine.ALGORITHMS[number] ?? "", material };
      this.#used.set(id, key);
    }
    return { key, signature: found.subarray(3), isShared: !place };
  }

  async #loadKeys(net: Network): Promise<void> {
    const asked = Date.now();
    const reply = await send(parse(this.#ask(Engine.JWKS_REQUEST)), net);
    // A slow answer must not bring back what a later one has withdrawn.
    if (asked >= this.#keys.loaded || this.#keys.loaded > Date.now()) this.#takeKeys(reply, asked);
  }

  #takeKeys(reply: Reply, loaded: number): void {
    this.#judge(Engine.JWKS_RESPONSE, reply);
    this.#used = new Map();
    this.#jwks = reply.body;
    this.#keys.loaded = loaded;
  }
}

/** Text of what the browser or a server was sent to. */
function address(request: string | URL | URLSearchParams): string {
  return request instanceof URLSearchParams ? `?${request}` : request instanceof URL ? request.href : request;
}
