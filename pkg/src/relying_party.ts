import { call, NOBODY } from "./engine/engine.js";
import { ABSENT, decode, Frame, parse } from "./engine/frame.js";
import { wrongArgument } from "./error.js";
import * as Engine from "./generated/calls.js";
import { answered, network, received, send } from "./host/http.js";
import { signingAlgorithm } from "./host/webcrypto.js";
import { Machine, request, response, tokenSet } from "./machine.js";
import { reported } from "./report.js";
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

declare global {
  // Before TypeScript 5.2, and in projects whose `lib` has no esnext.disposable, nobody else says so.
  interface SymbolConstructor {
    readonly dispose: unique symbol;
  }
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
  readonly #machine: Machine;

  /** Both are read once and kept by the engine. Throws `discovery.metadata` or `argument.<name>` for what it can't use. */
  constructor(provider: ProviderMetadata, client: ClientConfig) {
    const { frame, secret, signer, discovered } = client instanceof Configuration ? client : new Configuration(client);
    const metadata = discovered?.metadata ?? metadataText(provider);
    this.#machine = new Machine(frame, metadata, secret, signer, discovered?.party);
    this.provider = parse(metadata);
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
    const wanted = { issuer, metadata: options?.metadata, relax: client?.relax };
    const asked = new Frame().object(Engine.DISCOVERY_MEMBERS, "issuer", wanted);
    const configuration = new Configuration(client);
    asked.object(Engine.CLIENT_MEMBERS, "client", configuration.told);
    const reply = await send(call(Engine.DISCOVERY_REQUEST, NOBODY, new Frame(asked), request), net);
    const read = answered(asked, reply);
    const party = call(Engine.DISCOVERY_RESPONSE, NOBODY, read, (answer) => answer.number(), reply.challenges);
    configuration.discovered = { party, metadata: decode(reply.body) };
    return new RelyingParty({ issuer: "" }, configuration as unknown as ClientConfig);
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
    const frame = new Frame().object(Engine.AUTHORIZATION_MEMBERS, "params", params);
    return this.#machine.ask(Engine.AUTHORIZATION_REQUEST, frame, (answer) => ({
      url: answer.text() ?? "",
      state: answer.text() ?? "",
      transaction: answer.text() ?? "",
    }));
  }

  /**
   * The second message, the redirect: its address, or the fields of a `form_post` body as `URLSearchParams`.
   * Throws `redirect.*` and `transaction.*`; `redirect.oauth_error` carries what the provider said.
   */
  authorizationResponse(redirected: string | URL | URLSearchParams, transaction: string): AuthorizationResponse {
    return this.#machine.ask(Engine.AUTHORIZATION_RESPONSE, redirect(redirected, transaction), response);
  }

  /**
   * The third message, ready to be sent (RFC 6749 §4.1.3, §6). Throws `request.*`; a client that signs assertions
   * (`client_secret_jwt`, `private_key_jwt`) needs {@link grant}, because signing is asynchronous.
   */
  tokenRequest(grant: Grant): HttpRequest {
    const frame = new Frame().object(Engine.GRANT_MEMBERS, "grant", grant).optional("assertion", undefined);
    return this.#machine.ask(Engine.TOKEN_REQUEST, frame, request);
  }

  /** The fourth message (RFC 6749 §5). Throws `token.*` and `json.*`; `token.oauth_error` carries what the provider said. */
  tokenResponse(reply: HttpReply, grant: Grant): TokenSet {
    const read = received(reply);
    const frame = new Frame().object(Engine.GRANT_MEMBERS, "grant", grant);
    return this.#machine.judge(Engine.TOKEN_RESPONSE, read, frame, (answer) => tokenSet(answer, read));
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
    const frame = new Frame().string("idToken", idToken).object(Engine.ID_TOKEN_MEMBERS, "expected", expected);
    return this.#machine.ask(Engine.CHECK_ID_TOKEN, frame.timed(), reported).report;
  }

  /**
   * The redirect in, validated tokens and claims out: the redirect is judged, an ID token in it verified, the code exchanged
   * and the ID token that it bought verified. What the token endpoint sent wins over what the redirect brought. The keys are
   * fetched before the code is sent: after `http.*`, `json.*` or `jwks.*` of the key set, the same call may be made again.
   *
   * @example
   * ```ts
   * const { claims, tokens } = await rp.callback(location.href, transaction);
   * ```
   */
  async callback<T extends ResponseType = "code">(
    redirected: string | URL | URLSearchParams,
    transaction: string,
    options?: CallOptions,
  ): Promise<Login<T>> {
    const net = network(options);
    const frame = redirect(redirected, transaction);
    const { back, needs, ready } = this.#machine.ask(Engine.EXCHANGE, frame, (answer) => ({
      back: response(answer),
      needs: answer.number(),
      ready: answer.hasMore ? request(answer) : undefined,
    }));
    const { iss, ...front } = back;
    const { code, access_token, token_type, expires_in, scope, ...kept } = front;
    let login: Partial<Login> = {};
    if (front.id_token !== undefined) {
      const expected = { transaction, channel: "front", accessToken: access_token, code, iss };
      login = await this.#machine.login(front.id_token, expected, net);
    }
    if (code === undefined) return { tokens: front, ...login } as Login<T>;

    await this.#machine.ready(needs, net);
    const grant = { type: "authorization_code", code, transaction };
    const { tokens, cache, choice } = await this.#machine.exchange(grant, net, ready);
    if (tokens.id_token !== undefined) {
      const own = { channel: "token", accessToken: tokens.access_token, sibling: login.claims, cache };
      const expected = { transaction, code, iss, ...own };
      login = await this.#machine.login(tokens.id_token, expected, net, choice);
    }
    return { tokens: { ...kept, ...tokens }, ...login } as Login<T>;
  }

  /**
   * New tokens for a refresh token (RFC 6749 §6). An ID token among them is verified, and held against `previous`, the claims
   * of the one it replaces. `tokens.refresh_token` is the newest: the old one where the provider sent none. Throws as `grant`
   * and `verifyIdToken` do; {@link OidcError.tokens} has the new tokens where only the keys could not be had.
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
    // Where an ID token may come, it must be possible to verify it.
    if (this.provider.jwks_uri) await this.#machine.ready(1, net);
    const { scope, resource, previous, parameters } = options ?? {};
    // Judged before the refresh token is spent.
    const judged = new Frame().number(Engine.ID_TOKEN_KIND).object(Engine.ID_TOKEN_MEMBERS, "previous", { previous });
    this.#machine.ask(Engine.EXPECT, judged, () => {});
    const grant = { type: "refresh_token", refreshToken, scope, resource, parameters };
    const { tokens: newer, cache, choice } = await this.#machine.exchange(grant, net);
    const tokens = { refresh_token: refreshToken, ...newer };
    const { id_token } = tokens;
    if (id_token === undefined) return { tokens };
    const expected = { previous, channel: "refresh", accessToken: tokens.access_token, cache };
    return { tokens, ...(await this.#machine.renewed(id_token, expected, tokens, net, choice)) };
  }

  /** Any grant: token request, HTTP, token response. An ID token among the tokens is for `verifyIdToken`. */
  async grant(grant: Grant, options?: CallOptions): Promise<TokenSet> {
    return (await this.#machine.exchange(grant, network(options))).tokens;
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
    return this.#machine.verified<IdTokenClaims>(Engine.ID_TOKEN_KIND, "idToken", idToken, expected, net);
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
      scope?: Scope | undefined;
      /**
       * The issuer that the token names, where it is not the provider's: `access_token_issuer` of the metadata of AD FS,
       * `https://sts.windows.net/…/` of Microsoft Entra ID for its first version of tokens.
       */
      issuer?: string | undefined;
      /**
       * The clients of whom one must hold the token, by `client_id` or `azp`. The token may then lack `aud` (Amazon Cognito), or have
       * a `nonce` beside the claim `typ: "Bearer"` (Keycloak before version 25).
       */
      clientId?: string | string[] | undefined;
      /** Seconds since the epoch; default the host's clock at the call. */
      now?: number | undefined;
    },
    options?: CallOptions,
  ): Promise<Claims> {
    const net = network(options);
    return this.#machine.verified(Engine.ACCESS_TOKEN_KIND, "jwt", jwt, expected, net);
  }

  /**
   * Signature and claims of a logout token (OpenID Connect Back-Channel Logout 1.0 §2.6). Throws `jws.*`, `jwks.*` and
   * `logout_token.*`. Refuse a `jti` that you have seen, until its `exp` has passed: that takes a memory, which is yours.
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
    return this.#machine.verified(Engine.LOGOUT_TOKEN_KIND, "jwt", jwt, { now: options?.now }, net);
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
    const asked = this.#machine.ask(Engine.USERINFO_REQUEST, new Frame().string("accessToken", accessToken), request);
    const frame = new Frame().string("accessToken", accessToken).string("expectedSubject", expectedSubject);
    const reply = await send(asked, net);
    const isSigned = this.#machine.judge(Engine.USERINFO_RESPONSE, reply, frame, (answer) => answer.number());
    if (!isSigned) return parse(reply.body);
    return this.#machine.verified(Engine.USERINFO_KIND, "body", decode(reply.body), { expectedSubject }, net);
  }

  /** Gives an access or refresh token back (RFC 7009); one that the provider does not know is as good as given back. Throws `revocation.*`. */
  async revoke(token: string, options?: CallOptions): Promise<void> {
    const net = network(options);
    const frame = new Frame().string("token", token);
    const reply = await send(await this.#machine.proven(Engine.REVOCATION_REQUEST, new Frame(frame)), net);
    this.#machine.judge(Engine.REVOCATION_RESPONSE, reply, frame, () => {});
  }

  /** What the provider says of a token (RFC 7662): `active`, and the rest only where that is true. Throws `introspection.*`. */
  async introspect(token: string, options?: CallOptions): Promise<Claims> {
    const net = network(options);
    const frame = new Frame().string("token", token);
    const reply = await send(await this.#machine.proven(Engine.INTROSPECTION_REQUEST, new Frame(frame)), net);
    return this.#machine.judge(Engine.INTROSPECTION_RESPONSE, reply, frame, (answer) => parse(answer.text() ?? ""));
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
  initiatedLogin(asked: string | URL | URLSearchParams): InitiatedLogin {
    const frame = new Frame().string("request", address(asked));
    return this.#machine.ask(Engine.INITIATED_LOGIN, frame, (answer) => {
      const [loginHint, targetLinkUri] = [answer.text(), answer.text()];
      return { ...(loginHint !== undefined && { loginHint }), ...(targetLinkUri !== undefined && { targetLinkUri }) };
    });
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
    const frame = new Frame().object(Engine.END_SESSION_MEMBERS, "params", params);
    return this.#machine.ask(Engine.END_SESSION_URL, frame, (answer) => answer.text() ?? "");
  }

  /** Whether this address is the return from signing out with this `state` (§3). Any other is not ours, and no reason to worry. */
  endSessionReturned(redirected: string | URL | URLSearchParams, state: string): boolean {
    const frame = new Frame().string("response", address(redirected)).string("state", state);
    return this.#machine.ask(Engine.END_SESSION_RETURNED, frame, (answer) => answer.number() === 1);
  }

  /**
   * The provider's keys as they were fetched, to be kept where only you can write (a Worker's KV) and given to
   * {@link importKeys} of another instance. Nothing before the first signature was checked.
   */
  exportKeys(): string | undefined {
    return this.#machine.exportKeys(this.provider.jwks_uri);
  }

  /** Takes what {@link exportKeys} gave, with its age, and judges it again; older than what is here, it is left. Throws `jwks.*` and `json.*`. */
  importKeys(keys: string): void {
    this.#machine.importKeys(keys, this.provider.jwks_uri);
  }

  /** Gives the engine's memory back now rather than when this object is collected. Nothing can be called afterwards. */
  free(): void {
    this.#machine.free();
  }

  [Symbol.dispose](): void {
    this.free();
  }
}

/** A client's configuration as the engine takes it. */
class Configuration {
  /** What the engine is told: the key stays here, and the engine learns what it signs with. */
  readonly told: object;
  readonly frame: Frame;
  readonly secret: string;
  readonly signer: CryptoKey | undefined;
  /** What discovery has made of it. */
  discovered: { party: number; metadata: string } | undefined;

  constructor(client: ClientConfig) {
    const auth = client?.auth;
    const isKey = auth?.method === "private_key_jwt";
    if (isKey && "alg" in auth) throw wrongArgument("alg", "no argument of this name: the key says it");
    this.told = isKey ? { ...client, auth: { ...auth, key: undefined, alg: signingAlgorithm(auth.key) } } : client;
    this.frame = new Frame().object(Engine.CLIENT_MEMBERS, "client", this.told);
    this.signer = isKey ? auth.key : undefined;
    this.secret = auth && "secret" in auth && typeof auth.secret === "string" ? auth.secret : "";
  }
}

/** Metadata as JSON text, read once. */
function metadataText(provider: ProviderMetadata): string {
  return new Frame().json("provider", provider).text;
}

/** The redirect and its transaction. */
function redirect(redirected: string | URL | URLSearchParams, transaction: string): Frame {
  const frame = new Frame();
  if (redirected instanceof URLSearchParams) frame.number(ABSENT).string("response", `${redirected}`);
  else frame.string("response", redirected instanceof URL ? redirected.href : redirected).number(ABSENT);
  return frame.optional("transaction", transaction);
}

/** Text of what the browser or a server was sent to. */
function address(request: string | URL | URLSearchParams): string {
  return request instanceof URLSearchParams ? `?${request}` : request instanceof URL ? request.href : request;
}
