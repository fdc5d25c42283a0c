/// <reference lib="esnext.disposable" preserve="true" />
import { json, parse, text } from "./argument.js";
import { call, release } from "./engine.js";
import { OidcError } from "./error.js";
import { discovery_request, discovery_response, Engine, type PendingToken } from "./generated/oidc_wasm.js";
import { type Network, network, type Reply, received, send } from "./http.js";
import { KeySet } from "./jwks.js";
import { report } from "./report.js";
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
  Login,
  ProviderMetadata,
  Resource,
  ResponseType,
  Scope,
  TokenReport,
  TokenSet,
} from "./types.js";
import { type Key, Verifier } from "./webcrypto.js";

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
  readonly #secret: string;
  readonly #keys = new KeySet();
  readonly #verifier = new Verifier();
  #engine: Engine | undefined;

  /** Both are read once and kept by the engine. Throws `discovery.metadata` or `argument.<name>` for what it can't use. */
  constructor(provider: ProviderMetadata, client: ClientConfig) {
    const config = json("provider", { provider, client });
    this.#engine = call(() => new Engine(config));
    const copy = parse<{ provider: ProviderMetadata; client: { auth?: { secret?: string } } }>(config);
    this.provider = copy.provider;
    this.#secret = copy.client.auth?.secret ?? "";
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
    const request = call(() => discovery_request(asked));
    const { status, headers, body } = await send(parse(request), net);
    call(() => discovery_response(asked, status, headers, body));
    return new RelyingParty(parse(body), client);
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
    const asked = json("params", params);
    const [url = "", state = "", transaction = ""] = this.#call((engine) => engine.authorization_request(asked)).split(
      "\n",
    );
    return { url, state, transaction };
  }

  /**
   * The second message, the redirect: its address, or the fields of a `form_post` body as `URLSearchParams`.
   * Throws `redirect.*` and `transaction.*`; `redirect.oauth_error` carries what the provider said.
   */
  authorizationResponse(response: string | URL | URLSearchParams, transaction: string): AuthorizationResponse {
    const place = response instanceof URLSearchParams ? { form: `${response}` } : { response };
    const redirect = json("response", { ...place, transaction });
    return parse(this.#call((engine) => engine.authorization_response(redirect)));
  }

  /** The third message, ready to be sent (RFC 6749 §4.1.3, §6). Throws `request.*`. */
  tokenRequest(grant: Grant): HttpRequest {
    return this.#tokenRequest(json("grant", grant));
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
    const wanted = json("expected", expected);
    return report(this.#call((engine) => engine.check_id_token(token, wanted)));
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
    const known = json("previous", { previous });
    this.#call((engine) => engine.expect(known));
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
    const token = text("idToken", idToken);
    const wanted = json("expected", expected);
    // Judged before anything is sent for it.
    this.#call((engine) => engine.expect(wanted));
    const pending = this.#call((engine) => engine.id_token(token));
    return parse(await this.#verified(pending, token, net, (engine, valid) => pending.claims(engine, wanted, valid)));
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
    const subject = text("expectedSubject", expectedSubject);
    const request = this.#call((engine) => engine.userinfo_request(token));
    const { status, headers, body } = await send(parse(request), net);
    const signed = this.#call((engine) => engine.userinfo_response(status, headers, body, subject));
    if (!signed) return parse(body);
    const claims = await this.#verified(signed, body, net, (engine, valid) => signed.userinfo(engine, subject, valid));
    return parse(claims);
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
    params: { idTokenHint?: string; postLogoutRedirectUri?: string; state?: string; logoutHint?: string } = {},
  ): string {
    const asked = json("params", params);
    return this.#call((engine) => engine.end_session_url(asked));
  }

  /** Gives the engine's memory back now rather than when this object is collected. Nothing can be called afterwards. */
  free(): void {
    if (this.#engine) release(this.#engine);
    this.#engine = undefined;
  }

  [Symbol.dispose](): void {
    this.free();
  }

  #call<T>(step: (engine: Engine) => T): T {
    const engine = this.#engine;
    if (!engine) throw new OidcError("relying_party.freed");
    return call(() => step(engine));
  }

  #tokens({ status, headers, body }: Reply, grant: Uint8Array): TokenSet {
    const seconds = this.#call((engine) => engine.token_response(status, headers, body, grant));
    const tokens = parse<TokenSet>(body);
    // Written as a string of digits: the engine read it.
    return Number.isNaN(seconds) ? tokens : { ...tokens, expires_in: seconds };
  }

  #tokenRequest(grant: Uint8Array): HttpRequest {
    return parse(this.#call((engine) => engine.token_request(grant)));
  }

  async #exchange(grant: object, net: Network): Promise<{ tokens: TokenSet; cache: string }> {
    const offered = json("grant", grant);
    const reply = await send(this.#tokenRequest(offered), net);
    return { tokens: this.#tokens(reply, offered), cache: reply.headers.get("cache-control") ?? "" };
  }

  async #login(idToken: string, expected: object, net: Network): Promise<Omit<Login, "tokens">> {
    const token = text("idToken", idToken);
    const wanted = json("expected", expected);
    const pending = this.#call((engine) => engine.id_token(token));
    return this.#verified(pending, token, net, (engine, valid) => ({
      claims: parse<IdTokenClaims>(pending.claims(engine, wanted, valid)),
      report: report(pending.report(engine, wanted, valid)),
    }));
  }

  /** Has the signature of a token checked, and the token judged with that evidence. */
  async #verified<T>(
    pending: PendingToken,
    token: Uint8Array,
    net: Network,
    judge: (engine: Engine, valid: boolean) => T,
  ): Promise<T> {
    try {
      const key = await this.#keys.find(
        () => this.#key(pending),
        () => this.#loadKeys(net),
      );
      const [alg, signature] = this.#call(() => [pending.alg, pending.signature()] as const);
      const signed = token.subarray(0, token.lastIndexOf(0x2e)); // "."
      const valid = await this.#verifier.verify(alg, key, signature, signed);
      return this.#call((engine) => judge(engine, valid));
    } finally {
      release(pending);
    }
  }

  /** Index and key in one go: in between, another call may replace the set. */
  #key(pending: PendingToken): Key {
    return this.#call((engine) => {
      const index = engine.select_key(pending);
      return index < 0 ? new TextEncoder().encode(this.#secret) : engine.key(index);
    });
  }

  async #loadKeys(net: Network): Promise<void> {
    const request = this.#call((engine) => engine.jwks_request());
    const { status, headers, body } = await send(parse(request), net);
    this.#call((engine) => engine.jwks_response(status, headers, body));
  }
}
