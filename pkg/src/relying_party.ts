import { full, type Judge, present } from "./capabilities.js";
import { Configuration } from "./configuration.js";
import {
  call,
  hasMore,
  NOBODY,
  nextFlag,
  nextNumber,
  nextString,
  nextText,
  nothing,
  start,
  told,
} from "./engine/engine.js";
import { ABSENT, Frame, kindOf, parse, textOf } from "./engine/frame.js";
import { known, wrongArgument } from "./error.js";
import * as Engine from "./generated/calls.js";
import { judgedDocument } from "./host/documents.js";
import { answered, network, received } from "./host/http.js";
import { authorizationRequest, Machine, request, response, tokenSet } from "./machine.js";
import { reported } from "./report.js";
import type {
  AccessTokenExpected,
  Address,
  AuthorizationParams,
  AuthorizationRequest,
  AuthorizationResponse,
  BackchannelAuthentication,
  BackchannelAuthenticationParams,
  CallOptions,
  Claims,
  ClientConfig,
  DeviceAuthorization,
  DeviceLoginOptions,
  DeviceParams,
  DiscoverOptions,
  Grant,
  HttpReply,
  HttpRequest,
  IdTokenClaims,
  IdTokenExpected,
  InitiatedLogin,
  Login,
  PreviousLogin,
  ProviderMetadata,
  RefreshOptions,
  Resource,
  ResourceServerConfig,
  ResponseType,
  TokenReport,
  TokenSet,
} from "./types.js";

declare global {
  // Needed before TypeScript 5.2, and in projects whose `lib` lacks esnext.disposable.
  interface SymbolConstructor {
    readonly dispose: unique symbol;
  }
}

/**
 * One relying party at one provider. Synchronous methods do no I/O. Asynchronous ones use `fetch` and WebCrypto. Every method
 * throws {@link OidcError}: `argument.<name>` for a wrong argument, `http.*` for a failure of the network.
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
  /** The provider's metadata. */
  readonly provider: ProviderMetadata;
  readonly #machine: Machine;

  /**
   * The proof algorithms that {@link verifyAccessToken} accepts, for `algs` of a challenge (RFC 9449 §7.1). The default
   * build has none, because it accepts no proofs.
   */
  static readonly dpopAlgorithms: readonly string[] = [];

  /** The engine copies both arguments. Throws `discovery.*`, `request.redirect_uri`, `build.*`, `profile.*` or `argument.<name>`. */
  constructor(provider: ProviderMetadata, client: ResourceServerConfig);
  constructor(provider: ProviderMetadata, client: ClientConfig);
  constructor(provider: ProviderMetadata, client: ClientConfig | ResourceServerConfig) {
    const configuration = client instanceof Configuration ? client : new Configuration(client);
    const { discovered } = configuration;
    // JSON text, read once.
    const metadata = discovered?.metadata ?? new Frame().json("provider", provider).text;
    this.#machine = new (configuration.full?.Machine ?? Machine)(configuration, metadata, discovered?.party);
    this.provider = parse(metadata);
  }

  /**
   * Creates a relying party from the provider's metadata: OpenID Connect Discovery 1.0 (default) or RFC 8414 (`{
   * metadata: "oauth2" }`). Also accepts the URL of a metadata document. Throws `argument.issuer` for an invalid
   * issuer, `discovery.issuer` if the metadata belong to another issuer, `discovery.*`, `http.*` and `json.*`.
   *
   * Calls with the same issuer, options, `relax` and `fetch` share the metadata. HTTP caching decides how long, at most one hour;
   * without caching headers ten minutes (RFC 9111 §4.2).
   *
   * @example
   * ```ts
   * const rp = await RelyingParty.discover("https://op.example", { clientId: "app", redirectUri: "https://app.example/cb" });
   * ```
   */
  static discover(issuer: string | URL, client: ResourceServerConfig, options?: DiscoverOptions): Promise<RelyingParty>;
  static discover(issuer: string | URL, client: ClientConfig, options?: DiscoverOptions): Promise<RelyingParty>;
  static async discover(
    issuer: string | URL,
    client: ClientConfig | ResourceServerConfig,
    options?: DiscoverOptions,
  ): Promise<RelyingParty> {
    const net = network(options, "metadata", "expectedIssuer");
    const { metadata, expectedIssuer } = options ?? {};
    const wanted = { issuer, metadata, expectedIssuer };
    const asked = new Frame().object(Engine.DISCOVERY_MEMBERS, "issuer", wanted);
    const configuration = new Configuration(client);
    asked.object(Engine.CLIENT_MEMBERS, "client", configuration.told);
    const wish = JSON.stringify([issuer, expectedIssuer, client.relax]);
    await start();
    const withFull = (frame: Frame) => configuration.full?.withFull(frame) ?? frame;
    const sent = call(Engine.DISCOVERY_REQUEST, NOBODY, withFull(new Frame(asked)), request);
    return judgedDocument(sent, `${sent.url} ${wish}`, net, (reply) => {
      const read = withFull(answered(asked, reply));
      const party = call(Engine.DISCOVERY_RESPONSE, NOBODY, read, nextNumber, reply);
      configuration.discovered = { party, metadata: textOf(reply.body) };
      return made(configuration);
    });
  }

  /**
   * The authorization request (OpenID Connect Core 1.0 §3.1.2.1): the URL for the person, and the values to store until
   * the redirect. It always sends `state`, PKCE if it requests a code, and `nonce` if the scope has `openid`. Throws
   * `argument.*` and `request.*`.
   *
   * @example
   * ```ts
   * const { url, state, transaction } = rp.authorizationRequest({ scope: "openid email", maxAge: 3600 });
   * sessionStorage.setItem(state, transaction);
   * location.assign(url);
   * ```
   */
  authorizationRequest(params: AuthorizationParams = {}): AuthorizationRequest {
    const frame = new Frame().object(Engine.AUTHORIZATION_MEMBERS, "params", params);
    return this.#machine.ask(Engine.AUTHORIZATION_REQUEST, frame, authorizationRequest);
  }

  /**
   * {@link authorizationRequest} with I/O and a key, in oidc-wasm/full. It pushes the request if the provider's
   * metadata or `pushedAuthorizationRequests` requires it (RFC 9126). It binds the code to the key (`dpop_jkt`, RFC
   * 9449 §10), unless `dpopJkt` is false. Throws `argument.*`, `request.*`, `par.*` and `http.*`.
   *
   * @example
   * ```ts
   * const { url, state, transaction } = await rp.authorize({ scope: "openid email" });
   * ```
   */
  declare authorize: (params?: AuthorizationParams, options?: CallOptions) => Promise<AuthorizationRequest>;

  /**
   * `fetch` at a protected resource, in oidc-wasm/full. It sends the access token as Bearer or DPoP, by `token_type`.
   * It repeats the request once if the resource requires a nonce (RFC 9449 §9). It follows no redirect and returns it.
   * Throws `argument.*`, `token.token_type` and `http.*`. It returns the resource's response with any status.
   *
   * @example
   * ```ts
   * const response = await rp.fetch("https://api.example.com/orders", { method: "POST", body }, login.tokens);
   * ```
   */
  declare fetch: (
    input: string | URL | Request,
    init: RequestInit | undefined,
    tokens: TokenSet,
    options?: CallOptions,
  ) => Promise<Response>;

  /**
   * The authorization response: the URL, or the fields of a `form_post` body as a string, `URLSearchParams` or
   * `FormData`. A form object does not show its response mode, so any mode is accepted. Pass the URL if you have one.
   * Throws `redirect.*` and `transaction.*`. `redirect.oauth_error` has the provider's `error` and `error_description`.
   */
  authorizationResponse(redirected: Address, transaction: string | null | undefined): AuthorizationResponse {
    return this.#machine.ask(Engine.AUTHORIZATION_RESPONSE, redirect(redirected, transaction), response);
  }

  /**
   * The token request, ready to send (RFC 6749 §4.1.3, §6). Throws `argument.*`, `transaction.*` and `request.*`. A client that signs
   * assertions (`client_secret_jwt`, `private_key_jwt`) needs {@link grant}, because signing is asynchronous.
   */
  tokenRequest(grant: Grant): HttpRequest {
    const frame = new Frame().object(Engine.GRANT_MEMBERS, "grant", grant).optionalString("assertion", undefined);
    return this.#machine.ask(Engine.TOKEN_REQUEST, frame, request);
  }

  /** The token response (RFC 6749 §5). Throws `token.*` and `json.*`. `token.oauth_error` has the provider's `error`. */
  tokenResponse(reply: HttpReply, grant: Grant): TokenSet {
    const read = received(reply);
    const frame = new Frame().object(Engine.GRANT_MEMBERS, "grant", grant);
    return this.#machine.judge(Engine.TOKEN_RESPONSE, read, frame, () => tokenSet(read));
  }

  /**
   * The result of every rule on an ID token's claims, without its signature. Never throws for a bad token. Throws `argument.*` and
   * `transaction.*`.
   *
   * @example
   * ```ts
   * const { valid, checks } = rp.checkIdToken(idToken, { nonce, now: 1311281000 });
   * for (const { rule, verdict, spec, message } of checks) console.log(verdict, rule, spec, message);
   * ```
   */
  checkIdToken(idToken: string, expected: IdTokenExpected = {}): TokenReport {
    const frame = new Frame().string("idToken", idToken).object(Engine.ID_TOKEN_MEMBERS, "expected", expected);
    return this.#machine.ask(Engine.CHECK_ID_TOKEN, frame.timed(), reported).report;
  }

  /**
   * From redirect to verified tokens and claims. It checks the redirect, verifies an ID token in it, and exchanges the
   * code. Then it verifies the ID token of the token response. Members of the token response replace those of the
   * redirect. It fetches the keys before it sends the code: after `http.*`, `json.*` or `jwks.*` of the key set, call
   * it again with the same arguments.
   * `transaction` is the value that you stored under the redirect's `state`.
   *
   * If the login requested one resource, the token request names it too (RFC 8707 §2.2). `resource` names others, or `[]` none.
   *
   * @example
   * ```ts
   * const { claims, tokens } = await rp.callback(location.href, transaction);
   * ```
   */
  async callback<T extends ResponseType = "code", C extends IdTokenClaims | undefined = IdTokenClaims>(
    redirected: Address,
    transaction: string | null | undefined,
    options?: CallOptions & {
      resource?: Resource | undefined;
      /** Further parameters of the token request. */
      parameters?: Record<string, string | string[]> | undefined;
    },
  ): Promise<Login<T, C>> {
    const net = network(options, "resource", "parameters");
    const { resource, parameters } = options ?? {};
    const frame = redirect(redirected, transaction);
    const along = { resource, parameters };
    if (resource === undefined && parameters === undefined) frame.number(0);
    else frame.object(Engine.EXCHANGE_MEMBERS, "options", along);
    const signed = present && (await present.signedResponse(this.#machine, frame, transaction, along, net));
    const step = signed ? Engine.EXCHANGE_SIGNED : Engine.EXCHANGE;
    const { back, kept, needs, ready } = this.#machine.ask(step, signed ?? frame, () => ({
      back: response(),
      kept: nextText(),
      needs: nextNumber(),
      ready: hasMore() ? request() : undefined,
    }));
    const { code, access_token: accessToken, session_state, iss } = back;
    // Each look at the clock counts.
    let since = code === undefined ? Date.now() : 0;
    let login: Partial<Login> = {};
    if (back.id_token !== undefined) {
      const expected = { transaction, channel: "front", accessToken, code, iss };
      login = await this.#machine.login(back, expected, net);
    }
    if (code === undefined) {
      const { iss: _, ...front } = back;
      return finished(front, login, since, kept) as unknown as Login<T, C>;
    }

    const prepared = this.#machine.ready(needs, net);
    if (prepared) await prepared;
    const grant = { type: "authorization_code", code, transaction, resource, parameters };
    since = Date.now();
    const exchanged = await this.#machine.exchange(grant, net, ready);
    const { tokens } = exchanged;
    if (tokens.id_token !== undefined) {
      const own = { channel: "token", accessToken: tokens.access_token, sibling: login.claims };
      const expected = { transaction, code, iss, ...own };
      login = await this.#machine.login(tokens, expected, net, exchanged);
    }
    const front: Partial<TokenSet> = {};
    if (back.id_token !== undefined) front.id_token = back.id_token;
    if (session_state !== undefined) front.session_state = session_state;
    return finished(Object.assign(front, tokens), login, since, kept) as unknown as Login<T, C>;
  }

  /**
   * New tokens for a refresh token (RFC 6749 §6). It verifies a new ID token, and compares it with `previous`: the previous login, or
   * the claims of its ID token. `tokens.refresh_token` is the newest one. If the provider sends no ID token, `claims` and
   * `tokens.id_token` are those of `previous`. Throws as `grant` and `verifyIdToken` do. If only the keys were unavailable,
   * {@link OidcError.tokens} has the new tokens. So has `jwe.key`.
   *
   * @example
   * ```ts
   * login = await rp.refresh(login.tokens.refresh_token, { previous: login });
   * ```
   */
  async refresh<C extends IdTokenClaims | undefined>(
    refreshToken: string,
    options: RefreshOptions & { previous: PreviousLogin<C> },
  ): Promise<Login<"code", C>>;
  async refresh(refreshToken: string, options?: RefreshOptions): Promise<Login<"code", IdTokenClaims | undefined>>;
  async refresh(refreshToken: string, options?: RefreshOptions): Promise<Login<"code", IdTokenClaims | undefined>> {
    const net = network(options, "scope", "resource", "previous", "transaction", "parameters");
    // An ID token may come, so the keys must be available first.
    if (this.provider.jwks_uri) await this.#machine.ready(1, net);
    const { scope, resource, transaction, parameters } = options ?? {};
    const { previous, again } = before(options?.previous);
    // Checks these values before it uses the refresh token.
    const judged = new Frame().number(Engine.ID_TOKEN_KIND).object(Engine.ID_TOKEN_MEMBERS, "previous", { previous });
    this.#machine.ask(Engine.EXPECT, judged, nothing);
    const grant = { type: "refresh_token", refreshToken, scope, resource, transaction, parameters };
    const since = Date.now();
    const exchanged = await this.#machine.exchange(grant, net);
    const tokens = { refresh_token: refreshToken, ...exchanged.tokens };
    if (tokens.id_token === undefined) {
      const kept = known({ id_token: again?.tokens?.id_token });
      return finished({ ...tokens, ...kept }, known({ claims: again?.claims }), since);
    }
    const expected = { previous, channel: "refresh", accessToken: tokens.access_token };
    return finished(tokens, await this.#machine.renewed(tokens, expected, net, exchanged), since);
  }

  /**
   * The codes of a login on a device without a browser (RFC 8628), in oidc-wasm/full: show `user_code` and `verification_uri` to the
   * person, or `verification_uri_complete` as a QR code. Throws `device.*`.
   *
   * @example
   * ```ts
   * const device = await rp.deviceAuthorization({ scope: "openid email" });
   * console.log(`Open ${device.verification_uri} and type ${device.user_code}`);
   * const { claims } = await rp.deviceLogin(device);
   * ```
   */
  declare deviceAuthorization: (params?: DeviceParams, options?: CallOptions) => Promise<DeviceAuthorization>;

  /**
   * Polls for the tokens until the person has answered, in oidc-wasm/full. The provider sets the interval (`interval`,
   * `slow_down`). Ends with `device.expired`, with `token.oauth_error` (`access_denied`), or with `http.aborted` if
   * `signal` aborts.
   */
  declare deviceLogin: <C extends IdTokenClaims | undefined = IdTokenClaims>(
    device: DeviceAuthorization,
    options?: DeviceLoginOptions,
  ) => Promise<Login<"code", C>>;

  /**
   * Asks the provider to sign a person in on another device, in oidc-wasm/full (CIBA Core 1.0 §7.1): this client starts the login, and no
   * browser is needed. The request is signed if the client has `requestObject`. Throws `argument.*`, `request.*`, `ciba.*` and `http.*`.
   *
   * @example
   * ```ts
   * const asked = await rp.backchannelAuthentication({ scope: "openid", loginHint: "ada@example.com", bindingMessage: "W4SCT" });
   * const { claims } = await rp.backchannelLogin(asked);
   * ```
   */
  declare backchannelAuthentication: (
    params: BackchannelAuthenticationParams,
    options?: CallOptions,
  ) => Promise<BackchannelAuthentication>;

  /**
   * Waits until the person has confirmed, and verifies the ID token (CIBA Core 1.0 §10.1). It polls at the provider's pace (`interval`,
   * `slow_down`). Ends with `ciba.expired`, with `token.oauth_error` (`access_denied`), or with `http.aborted` if `signal` aborts.
   */
  declare backchannelLogin: (request: BackchannelAuthentication, options?: DeviceLoginOptions) => Promise<Login>;

  // Only oidc-wasm/full has them.
  static {
    const names = [
      "authorize",
      "fetch",
      "deviceAuthorization",
      "deviceLogin",
      "backchannelAuthentication",
      "backchannelLogin",
    ] as const;
    // biome-ignore lint/complexity/noThisInStatic: a bundler would rename a class that names itself.
    const methods = this.prototype as unknown as Record<string, unknown>;
    for (const name of names)
      methods[name] = async function (this: RelyingParty, ...given: never[]) {
        return (full()[name] as (...given: unknown[]) => unknown)(this.#machine, ...given);
      };
  }

  /** Any grant: token request, HTTP, token response. Verify an ID token with `verifyIdToken`. Throws `argument.*`, `request.*`, `token.*`, `http.*` and `json.*`. */
  async grant(grant: Grant, options?: CallOptions): Promise<TokenSet> {
    return (await this.#machine.exchange(grant, network(options))).tokens;
  }

  /**
   * Verifies signature and claims of an ID token (OpenID Connect Core 1.0 §3.1.3.7). Throws `argument.*`, `jws.*`, `jwks.*` and `id_token.*`.
   *
   * @example
   * ```ts
   * const claims = await rp.verifyIdToken(tokens.id_token, { transaction, accessToken: tokens.access_token });
   * ```
   */
  async verifyIdToken(idToken: string, expected: IdTokenExpected = {}, options?: CallOptions): Promise<IdTokenClaims> {
    const net = network(options);
    return await this.#machine.verified<IdTokenClaims>(Engine.ID_TOKEN_KIND, "idToken", idToken, expected, net);
  }

  /**
   * Verifies signature and claims of a JWT access token (RFC 9068, or a plain JWT), for resource servers. Throws `jws.*`, `jwks.*` and
   * `access_token.*`. Its `status` and `error` are your API's answer: 403 `insufficient_scope`, else 401 `invalid_token`. Throws `http.*`
   * with the provider's own status: then the keys are unavailable.
   *
   * @example
   * ```ts
   * const claims = await rp.verifyAccessToken(jwt, { audience: "https://api.example.com", scope: "read" });
   * ```
   */
  async verifyAccessToken(jwt: string, expected: AccessTokenExpected, options?: CallOptions): Promise<Claims> {
    const net = network(options);
    return await this.#proven(jwt, expected, (expected, key) =>
      this.#machine.verified(Engine.ACCESS_TOKEN_KIND, "jwt", jwt, expected, net, key),
    );
  }

  /**
   * Verifies signature and claims of a logout token (OpenID Connect Back-Channel Logout 1.0 §2.6). Throws `jws.*`,
   * `jwks.*` and `logout_token.*`. Store each `jti` until its `exp`, and reject a repeated one.
   *
   * @example
   * ```ts
   * const { sub, sid, jti } = await rp.verifyLogoutToken(String(form.get("logout_token")));
   * ```
   */
  async verifyLogoutToken(
    jwt: string,
    options?: CallOptions & {
      /** Seconds since the epoch. Default: the host's clock. */
      now?: number | undefined;
    },
  ): Promise<Claims> {
    const net = network(options, "now");
    return this.#machine.verified(Engine.LOGOUT_TOKEN_KIND, "jwt", jwt, { now: options?.now }, net);
  }

  /**
   * The claims of the userinfo endpoint (OpenID Connect Core 1.0 §5.3). `expectedSubject` is the `sub` of the verified ID token; the
   * answer must have the same. It verifies a signed answer. The tokens' `token_type` decides between Bearer and DPoP. An access token alone
   * counts as bound to the client's key, if there is one. Throws `userinfo.*`, `token.token_type`, `http.*` and `json.*`.
   *
   * @example
   * ```ts
   * const { email } = await rp.userInfo(tokens, claims.sub);
   * ```
   */
  async userInfo(
    accessToken: string | Pick<TokenSet, "access_token" | "token_type">,
    expectedSubject: string,
    options?: CallOptions,
  ): Promise<Claims> {
    const net = network(options);
    const { access_token: token = accessToken as string, token_type } = Object(accessToken) as Partial<TokenSet>;
    const frame = new Frame().string("accessToken", token);
    const asked = this.#machine.ask(
      Engine.USERINFO_REQUEST,
      new Frame(frame).optionalString("token_type", token_type),
      request,
    );
    frame.string("expectedSubject", expectedSubject);
    const reply = await this.#machine.send(() => asked, net, token);
    const isSigned = this.#machine.judge(Engine.USERINFO_RESPONSE, reply, frame, nextNumber);
    if (!isSigned) return parse(reply.body);
    return this.#machine.verified(Engine.USERINFO_KIND, "body", textOf(reply.body), { expectedSubject }, net);
  }

  /** Revokes an access or refresh token. An unknown token counts as revoked (RFC 7009 §2.2). Throws `revocation.*`. */
  async revoke(token: string, options?: CallOptions): Promise<void> {
    const net = network(options);
    const frame = new Frame().string("token", token);
    await this.#machine.inspect(Engine.REVOCATION_REQUEST, Engine.REVOCATION_RESPONSE, frame, net);
  }

  /**
   * Asks the provider about a token (RFC 7662): `active`, and the other members only if it is true. In oidc-wasm/full it
   * verifies a signed answer (`introspectionSignedResponseAlg`). Throws `introspection.*`. With `expected`, for resource
   * servers, it checks the response like an access token's claims, and throws `access_token.*` too.
   */
  async introspect(token: string, options?: CallOptions & { expected?: AccessTokenExpected }): Promise<Claims> {
    const net = network(options, "expected");
    const frame = new Frame().string("token", token);
    return this.#proven(token, options?.expected, async (expected, key) => {
      const said = await this.#machine.inspect(Engine.INTROSPECTION_REQUEST, Engine.INTROSPECTION_RESPONSE, frame, net);
      if (expected) {
        const judged = new Frame().string("claims", said).object(Engine.ACCESS_TOKEN_MEMBERS, "expected", expected);
        this.#machine.ask(Engine.INTROSPECTED, judged.optionalString("key", key).timed(), nothing);
      }
      return parse(said);
    });
  }

  /** Checks a token, after the request's proof of possession or certificate. */
  #proven<E extends AccessTokenExpected | undefined>(token: string, expected: E, judge: Judge<E>): Promise<Claims> {
    return expected && (expected.request ?? expected.certificate) !== undefined
      ? full().proven(this.#machine, token, expected, judge)
      : judge(expected);
  }

  /**
   * Reads a request to your `initiate_login_uri` (OpenID Connect Core 1.0 §4): the provider or a portal starts a login.
   * The request proves nothing. Throws `initiated_login.*`, also for another issuer.
   *
   * @example
   * ```ts
   * const { loginHint } = rp.initiatedLogin(request.url);
   * const { url } = rp.authorizationRequest(loginHint ? { loginHint } : {});
   * ```
   */
  initiatedLogin(asked: Address): InitiatedLogin {
    const frame = new Frame().string("request", address("request", asked));
    return this.#machine.ask(Engine.INITIATED_LOGIN, frame, () => told(["loginHint", "targetLinkUri"]));
  }

  /**
   * The address that signs the person out at the provider (OpenID Connect RP-Initiated Logout 1.0 §2). `extra` is for further
   * parameters, such as Cognito's `logout_uri`. Throws `argument.*` and `request.*`.
   *
   * @example
   * ```ts
   * location.assign(rp.endSessionUrl({ idTokenHint: tokens.id_token, postLogoutRedirectUri: "https://app.example/" }));
   * ```
   */
  endSessionUrl(
    params: {
      idTokenHint?: string | undefined;
      postLogoutRedirectUri?: string | undefined;
      state?: string | undefined;
      logoutHint?: string | undefined;
      uiLocales?: string | undefined;
      /** Any other parameter of the provider. Cannot replace a parameter that the library sets. */
      extra?: Record<string, string | string[]> | undefined;
    } = {},
  ): string {
    const frame = new Frame().object(Engine.END_SESSION_MEMBERS, "params", params);
    return this.#machine.ask(Engine.END_SESSION_URL, frame, nextString);
  }

  /** True if this URL is the return from a sign-out with this `state` (§3). False for any other URL. */
  endSessionReturned(redirected: Address, state: string): boolean {
    const frame = new Frame().string("response", address("response", redirected)).string("state", state);
    return this.#machine.ask(Engine.END_SESSION_RETURNED, frame, nextFlag);
  }

  /**
   * True if a request to your `frontchannel_logout_uri` ends this session (OpenID Connect Front-Channel Logout 1.0 §2).
   * Its `iss` must be the provider and its `sid` the session's. Register the URL with
   * `frontchannel_logout_session_required`: any site can open it in the person's browser, so a request without `sid`
   * ends no session.
   *
   * @example
   * ```ts
   * if (rp.isFrontChannelLogout(request.url, { sid: claims.sid })) forget(session);
   * ```
   */
  isFrontChannelLogout(asked: Address, session: { sid?: string | undefined }): boolean {
    const frame = new Frame().string("address", address("address", asked));
    frame.object(Engine.SESSION_MEMBERS, "session", session);
    return this.#machine.ask(Engine.FRONT_CHANNEL_LOGOUT, frame, nextFlag);
  }

  /**
   * The provider's keys, for a store that only you can write (a Worker's KV) and for {@link importKeys} of another instance.
   * Undefined before the first signature.
   */
  exportKeys(): string | undefined {
    return this.#machine.exportKeys(this.provider.jwks_uri);
  }

  /**
   * Imports keys of {@link exportKeys} with their age, and checks them again. Ignores keys older than its own. Throws
   * `jwks.*` and `json.*`.
   */
  importKeys(keys: string): void {
    this.#machine.importKeys(keys, this.provider.jwks_uri);
  }

  /** Frees the engine's memory now, before garbage collection. Later calls throw `relying_party.freed`. */
  free(): void {
    this.#machine.free();
  }

  declare readonly [Symbol.dispose]: () => void;
}

// Outside the class, because a bundler would rename the class otherwise. Some runtimes lack the symbol.
const made = (configuration: Configuration) =>
  new RelyingParty({ issuer: "" }, configuration as unknown as ClientConfig);
if (Symbol.dispose)
  Object.defineProperty(RelyingParty.prototype, Symbol.dispose, {
    value: RelyingParty.prototype.free,
    configurable: true,
    writable: true,
  });

/** The redirect and its transaction. */
function redirect(redirected: Address, transaction: string | null | undefined): Frame {
  const frame = new Frame();
  const { text, isForm } = handed("response", redirected);
  if (isForm) frame.number(ABSENT).string("response", text);
  else frame.string("response", text).number(ABSENT);
  return frame.optionalString("transaction", transaction ?? undefined);
}

/** A URL as a string. */
function address(name: string, asked: Address): string {
  const { text, isForm } = handed(name, asked);
  return isForm ? `?${text}` : text;
}

/** A framework's object, perhaps from another realm or a polyfill. */
function handed(name: string, given: Address): { text: string; isForm: boolean } {
  if (typeof given === "string") return { text: given, isForm: false };
  const kind = kindOf(given);
  // workerd keeps bytes that are not UTF-8 in this string. The values of a loop would lose them.
  if (kind === "URLSearchParams") return { text: `${given}`, isForm: true };
  if (kind === "FormData") {
    const form = new URLSearchParams();
    for (const [field, value] of given as FormData) {
      if (typeof value !== "string") throw wrongArgument(name, "a form without files");
      form.append(field, value);
    }
    return { text: `${form}`, isForm: true };
  }
  const text = typeof given === "object" ? (given as { href?: unknown } | null)?.href : given;
  if (typeof text === "string") return { text, isForm: false };
  throw wrongArgument(name, "the address as a string or URL, or its parameters as URLSearchParams or FormData");
}

/** A login's result. `since` is the time of the token request in milliseconds. */
export function finished(
  tokens: Partial<TokenSet>,
  login: Partial<Omit<Login, "tokens">>,
  since: number,
  kept?: string,
): Login<"code", IdTokenClaims | undefined> {
  const { expires_in } = tokens;
  return {
    tokens: tokens as TokenSet,
    ...login,
    ...(kept !== undefined && { kept }),
    ...(typeof expires_in === "number" && { expiresAt: Math.floor(since / 1000 + expires_in) }),
  };
}

/** The previous claims, and what stays of a previous login if the refresh brings no ID token. */
function before(given: IdTokenClaims | PreviousLogin | undefined): {
  previous: IdTokenClaims | undefined;
  again: Partial<PreviousLogin> | undefined;
} {
  // Claims have an issuer; a login has not.
  const isLogin = typeof given === "object" && given && "tokens" in given && !("iss" in given);
  return isLogin ? { previous: given.claims, again: given } : { previous: given as IdTokenClaims, again: undefined };
}
