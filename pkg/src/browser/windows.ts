// Logins in another window: a popup, or a hidden frame. Loaded at first use.
import type { AuthorizationParams, Login } from "../types.js";
import type * as Later from "./later.js";
import type { PageSession } from "./page.js";
import type { PageTools } from "./page_tools.js";
import type { Tabs } from "./tabs.js";
import type { Api } from "./types.js";

const BLOCKED =
  "popup.blocked|oidc-wasm|The browser blocked the popup. Call signInPopup() from a click, or use signIn().";
const CLOSED = "popup.closed|oidc-wasm|The popup was closed before the login was done.";
const TIMEOUT = "popup.timeout|oidc-wasm|No answer came from the popup in time.";

/** Milliseconds between two checks of a popup, and the time for which it must appear closed. COOP makes an open popup appear closed. */
const GLANCE = 250;
const GONE = 1_000;
/** Milliseconds to wait for the answer in a frame, and for another window to accept an answer. */
const PATIENCE = 10_000;
const HAND_OVER = 300;

const pause = (milliseconds: number) => new Promise<undefined>((done) => setTimeout(done, milliseconds));

type Arrival =
  /** This window has the response to a login of another window. */
  { type: "arrived"; state: string; address: string } | { type: "taken"; state: string };

/** A silent login up to its response. Undefined without a response: the provider may forbid frames. */
interface Answered {
  address: string | undefined;
  transaction: string;
}

export class Windows {
  readonly #page: PageSession;
  readonly #tools: PageTools & Pick<typeof Later, "demandCrypto" | "isFinal">;
  /** Logins whose response arrives in another window, by `state`. */
  readonly #arrivals = new Map<string, (address: string) => void>();
  #taken: (state: string) => void = () => {};
  /** All managers with this redirect URI, because the one that receives a response may have no login of its own. */
  readonly #channel: Tabs<Arrival>;

  constructor(page: PageSession, tools: PageTools & Pick<typeof Later, "demandCrypto" | "isFinal">) {
    this.#page = page;
    this.#tools = tools;
    this.#channel = new tools.Tabs(`oidc-wasm ${page.config.redirectUri}`, (message) => this.#hear(message));
  }

  close(): void {
    this.#channel.close();
  }

  /** True if this page waits for the response to this login. */
  awaits(state: string): boolean {
    return this.#arrivals.has(state);
  }

  #hear(message: Arrival): void {
    if (message.type === "taken") this.#taken(message.state);
    else {
      const arrive = this.#arrivals.get(message.state);
      if (!arrive) return;
      this.#channel.say({ type: "taken", state: message.state });
      arrive(message.address);
    }
  }

  /** Offers a response of another window's login to all windows. Resolves to true if one accepts it. */
  handOver(state: string, address: string): Promise<boolean> {
    const taken = new Promise<boolean>((done) => {
      this.#taken = (one) => one === state && done(true);
    });
    this.#channel.say({ type: "arrived", state, address });
    return Promise.race([taken, pause(HAND_OVER).then(() => false)]);
  }

  #arrival(state: string): Promise<string> {
    return new Promise((arrive) => this.#arrivals.set(state, arrive));
  }

  // ── a popup ──

  /** Signs in in an open popup. */
  async inPopup(popup: Window | null, params: AuthorizationParams, seconds: number): Promise<Login> {
    if (!popup) throw this.#tools.problem(BLOCKED);
    this.#tools.demandCrypto(this.#page.config, this.#tools);
    const provider = await this.#page.keeper.provider();
    const { url, state, transaction } = await provider.begin(params);
    // This continues after the call ended, because the person may continue in the popup.
    const login = this.#arrival(state).then((address) => provider.finish(address, transaction, "popup"));
    popup.location.replace(url);
    return Promise.race([login, this.#closed(popup, seconds)]);
  }

  /** Rejects when the popup was closed, or after the time limit. */
  #closed(popup: Window, seconds: number): Promise<never> {
    return new Promise((_, reject) => {
      const end = Date.now() + seconds * 1000;
      let since: number | undefined;
      const timer = setInterval(() => {
        // With Cross-Origin-Opener-Policy, a popup in use looks closed. Then this page has no focus.
        since = popup.closed && document.hasFocus() ? (since ?? Date.now()) : undefined;
        const isClosed = since !== undefined && Date.now() - since >= GONE;
        if (!isClosed && Date.now() < end) return;
        clearInterval(timer);
        reject(this.#tools.problem(isClosed ? CLOSED : TIMEOUT));
      }, GLANCE);
    });
  }

  // ── a hidden frame ──

  /** Renews by prompt=none. */
  async renew(wanted: Api): Promise<void> {
    const { OidcError, asProblem, isFinal } = this.#tools;
    const { keeper } = this.#page;
    const { address, transaction } = await this.#inFrame(wanted);
    if (address === undefined) throw new OidcError("http.timeout");
    try {
      await (await keeper.provider()).finish(address, transaction, undefined, wanted);
    } catch (error) {
      const reason = asProblem(error);
      throw isFinal(reason) ? keeper.end("here", reason) : reason;
    }
  }

  /** Is the person still signed in at the provider? */
  async check(): Promise<boolean | "unknown"> {
    const { asProblem, isFinal } = this.#tools;
    const { keeper, config } = this.#page;
    const { address, transaction } = await this.#inFrame();
    if (address === undefined) return "unknown";
    try {
      await (await keeper.provider()).judge(address, transaction);
      return true;
    } catch (error) {
      const reason = asProblem(error);
      if (!isFinal(reason)) throw reason;
      return isSameSite(config.issuer ?? config.provider?.issuer ?? "") ? false : "unknown";
    }
  }

  async #inFrame(wanted: Api = {}): Promise<Answered> {
    const { keeper } = this.#page;
    const idTokenHint = keeper.session?.idToken;
    const hint = idTokenHint === undefined ? {} : { idTokenHint };
    const { url, state, transaction } = await (await keeper.provider()).begin({ prompt: "none", ...hint, ...wanted });
    const frame = document.createElement("iframe");
    frame.hidden = true;
    frame.src = url;
    document.body.append(frame);
    try {
      return { address: await Promise.race([this.#arrival(state), pause(PATIENCE)]), transaction };
    } finally {
      frame.remove();
      this.#arrivals.delete(state);
    }
  }
}

/** Does a frame get the provider's cookies in every browser? Compares the last two labels of the hosts, a safe guess. */
function isSameSite(provider: string): boolean {
  const site = (host: string) => (/^[\d.]+$|:/.test(host) ? host : host.split(".").slice(-2).join("."));
  return site(new URL(provider).hostname) === site(location.hostname);
}
