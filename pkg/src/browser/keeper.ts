import type { OidcError } from "oidc-wasm/login";
import { createApis, isWeb } from "./apis.js";
import { part } from "./part.js";
import { asProblem, EXPIRED, isRecoverable, NONE, problem, wrongArgument } from "./problem.js";
import type { Provider } from "./provider.js";
import { type Held, isLive, margin, nameOf, type Session } from "./session.js";
import type { Siblings } from "./siblings.js";
import { type Tools, tools } from "./tools.js";
import type { Api, AuthEvent, BrowserConfig, SignOutOptions, TokenOptions } from "./types.js";
import type { Unchecked } from "./unchecked.js";

/** The keeper's configuration, in a page or in a worker. */
export type KeeperConfig = Omit<BrowserConfig, "storage" | "worker" | "otherUser" | "host" | "insecureOrigin">;

/** The environment of the keeper. */
export interface Place {
  fetch: typeof fetch | undefined;
  /** Seconds since the epoch. */
  now(): number;
  /** Loads the part that talks to the provider. */
  provider(keeper: Keeper, tools: Tools): Promise<Provider>;
  /** The other tabs with the same session. */
  siblings(): Promise<Pick<Siblings, "exclusive" | "catchUp"> & Partial<Siblings>>;
  /** The session has changed or ended. */
  changed(event: AuthEvent): void;
  failed(problem: OidcError): void;
  /** The key that tokens are bound to, and the engine that can use it. */
  possession(): Promise<typeof import("./dpop_key.js")>;
  /** Replaces the engine's checks on a page that cannot verify signatures. */
  unchecked?: Unchecked;
}

/** A token request of the application. */
export type Wanted = { [Option in keyof TokenOptions]: TokenOptions[Option] | undefined };

/** A keeper in this page or in a worker. */
export interface TokenKeeper {
  session: Session | undefined;
  over?: OidcError | undefined;
  /** The default resource of a token request. */
  readonly first: string | undefined;
  readonly expiresAt: number | undefined;
  /** When to renew, in seconds since the epoch. Undefined if no timer should. */
  readonly due: number | undefined;
  renewDue(): Promise<void>;
  wake(): Promise<void>;
  token(wanted: Wanted): Promise<string>;
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
  provider(): Promise<Pick<Provider, "begin" | "prepare" | "finish" | "judge" | "profile">>;
  signOut(options: SignOutOptions): Promise<string | undefined>;
  end(by: "here" | "tab", cause?: OidcError): OidcError;
  forget(by: "here" | "tab" | "provider"): void;
}

const DEFAULT_MARGIN = 60;
const SHORTEST = 5;

/** Keeps the tokens of one session. Independent of pages. Everything that asks the provider is a part that loads later. */
export class Keeper implements TokenKeeper {
  session: Session | undefined;
  /** The reason why the last session ended. */
  over: OidcError | undefined;
  readonly first: string | undefined;
  readonly config: KeeperConfig;
  readonly place: Place;
  readonly provider: () => Promise<Provider>;
  readonly #apiOf: (address: string) => Api | undefined;

  constructor(config: KeeperConfig, place: Place) {
    const { issuer, provider, resource, apis } = config;
    if (!issuer && !provider) throw wrongArgument("issuer", "an issuer, or `provider`");
    const resources = [resource ?? []].flat();
    this.config = config;
    this.place = place;
    this.provider = part(() => place.provider(this, tools));
    this.first = resources[0];
    // An origin with several resources gets tokens for the first one, except at the addresses of the others.
    const own = resources
      .filter(isWeb)
      .flatMap((resource) =>
        [resource, new URL(resource).origin].map((prefix): [string, Api] => [prefix, { resource }]),
      );
    this.#apiOf = createApis(apis ? Object.entries(apis) : own);
  }

  // ── renewal ──

  /** The token whose expiry ends the session. */
  get main(): Held | undefined {
    return this.session?.held[nameOf(this.first)];
  }

  get expiresAt(): number | undefined {
    return this.main?.expiresAt;
  }

  get due(): number | undefined {
    const { main, how } = this;
    return main?.expiresAt === undefined || how === "redirect" ? undefined : main.expiresAt - margin(main, this.#early);
  }

  /** Seconds before its expiry at which a token is renewed. A session that nothing can renew ends with its token. */
  get #early(): number {
    return this.how ? (this.config.renewBefore ?? DEFAULT_MARGIN) : 0;
  }

  get how(): BrowserConfig["renew"] {
    return this.config.renew ?? (this.session?.refreshToken ? "refresh" : false);
  }

  /** Renews due tokens. Ends a session that nothing can renew. */
  async renewDue(): Promise<void> {
    await this.token({ resource: this.first, minValidity: this.#early });
  }

  /** For a session from storage: renews it at once if its token has expired, without leaving the page. */
  async wake(): Promise<void> {
    if (this.how !== "redirect" && this.isDead) await this.renewDue();
  }

  get isDead(): boolean {
    return !isLive(this.main, 0, this.place.now());
  }

  // ── tokens ──

  async token(wanted: Wanted): Promise<string> {
    return (await this.live(wanted)).token;
  }

  /** A live token. `refused`: a token that an API rejected. */
  async live(wanted: Wanted, refused?: string): Promise<Held> {
    const { signal } = wanted;
    signal?.throwIfAborted();
    const { session } = this;
    if (!session) throw this.none;
    let held = this.held(wanted, refused);
    if (held) return held;
    try {
      held = await (await this.provider()).buy(wanted, refused);
    } catch (error) {
      const reason = asProblem(error);
      if (reason.code === "session.part") this.place.failed(reason);
      // The renewal was early, so the present token may be used until its end.
      if (isRecoverable(reason) && !signal?.aborted) held = this.held({ ...wanted, minValidity: 0 }, refused);
      if (!held) throw error;
    }
    // The call belongs to the person who was signed in at its start.
    if (this.sub !== session.claims.sub) throw this.none;
    return held;
  }

  /** The present person. */
  get sub(): string | undefined {
    return this.session?.claims.sub;
  }

  /** The error of a call without a session. */
  get none(): OidcError {
    return this.over ?? problem(NONE);
  }

  /** The present token, if it is valid for so many seconds. */
  held({ resource, scope, minValidity = SHORTEST }: Wanted, refused?: string): Held | undefined {
    const held = this.session?.held[nameOf(resource, scope)];
    return isLive(held, minValidity, this.place.now()) && held.token !== refused ? held : undefined;
  }

  /** `sub`: the person of the call. A page may know of a change later than its worker. */
  async fetch(input: RequestInfo | URL, init?: RequestInit, sub = this.sub): Promise<Response> {
    const { fetch: send = fetch } = this.place;
    const request = new Request(input, init);
    const api = this.#apiOf(request.url);
    if (!api || request.headers.has("authorization")) return send(request);
    if (this.sub !== sub) throw this.none;
    const again = request.clone();
    const wanted = { ...api, resource: api.resource ?? this.first, signal: request.signal };
    const held = await this.live(wanted);
    const reply = await this.send(request, held);
    return reply.status === 401 ? (await this.provider()).resend(again, reply, wanted, held, sub) : reply;
  }

  /** Sends a request with a token. */
  async send(request: Request, held: Held): Promise<Response> {
    // A redirect could send the token to another host. Any option resets the referrer and its policy (Fetch §5.4).
    const { redirect: asked, referrer, referrerPolicy } = request;
    const redirect = asked === "manual" ? asked : "error";
    const own = new Request(request, { redirect, referrer, referrerPolicy });
    if (held.type) return (await this.provider()).prove(own, held);
    own.headers.set("authorization", `Bearer ${held.token}`);
    return (this.place.fetch ?? fetch)(own);
  }

  // ── the end ──

  /** Ends a session that nothing can renew. */
  end(by: "here" | "tab", cause?: OidcError): OidcError {
    const reason = problem(EXPIRED, cause);
    this.#close({ type: "expired", by }, reason);
    return reason;
  }

  /** Ends a session on sign-out by the person or the provider. */
  forget(by: "here" | "tab" | "provider"): void {
    this.#close({ type: "signed_out", by });
  }

  #close(event: AuthEvent, reason?: OidcError): void {
    const { session } = this;
    this.session = undefined;
    this.over = reason;
    if (session && this.config.dpop)
      this.provider().then(
        (provider) => provider.drop(session.id),
        () => {},
      );
    this.place.changed(event);
  }

  /** Removes the session, then ends it at the provider. Returns the address to visit, if there is one. */
  async signOut(options: SignOutOptions): Promise<string | undefined> {
    const isAlone = options.local && !this.session?.refreshToken && !this.config.dpop;
    // If this part does not load, or an option is wrong, the session stays, and the next call can end it at the provider.
    const provider = isAlone ? undefined : await this.provider();
    provider?.demandSignOut(options);
    const { session } = this;
    this.forget("here");
    return provider?.signOut(session ?? {}, options);
  }
}
