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
/** Milliseconds to wait for the answer in a frame. */
const PATIENCE = 10_000;
/** Milliseconds to wait for another window to accept an answer, and for the window that opened this one, which may be busy. */
const HAND_OVER = 300;
const HAND_BACK = 2_000;

const pause = (milliseconds: number) => new Promise<undefined>((done) => setTimeout(done, milliseconds));

type Arrival =
  /** This window has the response to a login of another window. */
  { type: "arrived"; state: string; address: string } | { type: "taken"; state: string };

/** A silent login up to its response. Undefined without a response: the provider may forbid frames. Also after `close()`. */
interface Answered {
  address: string | undefined;
  transaction: string;
  /** The provider's address in the frame. */
  url: string;
}

export class Windows {
  readonly #page: PageSession;
  readonly #tools: PageTools & Pick<typeof Later, "demandAll" | "isFinal">;
  /** Logins whose response arrives in another window, by `state`. */
  readonly #arrivals = new Map<string, (address?: string) => void>();
  #channel: Tabs<Arrival> | undefined;

  constructor(page: PageSession, tools: PageTools & Pick<typeof Later, "demandAll" | "isFinal">) {
    this.#page = page;
    this.#tools = tools;
  }

  /** Ends the waits for a response. A response that has arrived still signs in. */
  close(): void {
    this.#channel?.close();
    for (const arrive of this.#arrivals.values()) arrive();
  }

  /** All managers with this redirect URI, because the one that receives a response may have no login of its own. */
  #join(hear: (message: Arrival) => void): Tabs<Arrival> {
    return new this.#tools.Tabs(`oidc-wasm ${this.#page.config.redirectUri}`, hear);
  }

  /**
   * A browser gives a frame of another site its own channels, and an old one has none. So a popup or a frame, and the page that
   * waits for it, send messages to each other's window too.
   */
  #listen(hear: (message: Arrival, from: Window) => void, signal: AbortSignal): void {
    const { VERSION } = this.#tools;
    addEventListener(
      "message",
      ({ data, origin, source }) => {
        if (origin === location.origin && data?.v === VERSION) hear(data, source as Window);
      },
      { signal },
    );
  }

  #tell(other: Window | null | undefined, message: Arrival): void {
    const { origin } = location;
    // A page in a sandbox, or of a scheme of its own, has no origin to name.
    if (origin !== "null") other?.postMessage({ v: this.#tools.VERSION, ...message }, origin);
  }

  readonly #hear = (message: Arrival, from?: Window) => {
    const { type, state } = message;
    const arrive = type === "arrived" && this.#arrivals.get(state);
    if (!arrive) return;
    const taken: Arrival = { type: "taken", state };
    this.#channel?.say(taken);
    this.#tell(from, taken);
    arrive(message.address);
  };

  /** Offers a response of another window's login to all windows. Resolves to true if one accepts it. */
  async handOver(state: string, address: string): Promise<boolean> {
    let taken = () => {};
    const hear = (message: Arrival) => message.type === "taken" && message.state === state && taken();
    // Its own channel, because a closed manager passes responses on too.
    const channel = this.#join(hear);
    const done = new AbortController();
    this.#listen(hear, done.signal);
    const isTaken = new Promise<true>((resolve) => {
      taken = () => resolve(true);
    });
    const arrived: Arrival = { type: "arrived", state, address };
    channel.say(arrived);
    // The page that opened this popup, or that contains this frame.
    const waiting = window.opener ?? (window.parent === window ? null : window.parent);
    this.#tell(waiting, arrived);
    const accepted = await Promise.race([isTaken, pause(waiting ? HAND_BACK : HAND_OVER)]);
    done.abort();
    channel.close();
    return !!accepted;
  }

  /** The address of a response. Undefined after `close()`. */
  #arrival(state: string): Promise<string | undefined> {
    return new Promise((arrive) => {
      if (this.#page.isClosed) return arrive(undefined);
      if (!this.#channel) {
        this.#channel = this.#join(this.#hear);
        this.#listen(this.#hear, this.#page.stopping.signal);
      }
      this.#arrivals.set(state, arrive);
    });
  }

  // ── a popup ──

  /** Signs in in an open popup. */
  async inPopup(popup: Window | null, params: AuthorizationParams, seconds: number): Promise<Login> {
    const page = this.#page;
    if (!popup) throw this.#tools.problem(BLOCKED);
    if (!(seconds >= 0)) throw this.#tools.wrongArgument("timeout", "a number of seconds");
    this.#tools.demandAll(page.config, this.#tools);
    let isOver = false;
    // This continues after the call ended, because the person may continue in the popup.
    const login = async () => {
      const provider = await page.keeper.provider();
      const { url, state, transaction } = await provider.begin(params);
      const arrival = this.#arrival(state);
      if (!page.isClosed) popup.location.replace(url);
      const address = await arrival;
      if (address === undefined) throw this.#tools.problem(CLOSED);
      // The popup has closed itself. The token request may need longer.
      isOver = true;
      return provider.finish(address, transaction, "popup");
    };
    try {
      return await Promise.race([login(), this.#closed(popup, seconds, () => isOver)]);
    } finally {
      isOver = true;
    }
  }

  /** Rejects when the popup or this manager was closed, or after the time limit. */
  #closed(popup: Window, seconds: number, isOver: () => boolean): Promise<never> {
    return new Promise((_, reject) => {
      const end = Date.now() + seconds * 1000;
      let since: number | undefined;
      const timer = setInterval(() => {
        // With Cross-Origin-Opener-Policy, a popup in use looks closed. Then this page has no focus.
        since = popup.closed && document.hasFocus() ? (since ?? Date.now()) : undefined;
        const isClosed = this.#page.isClosed || (since !== undefined && Date.now() - since >= GONE);
        if (!isOver() && !isClosed && Date.now() < end) return;
        clearInterval(timer);
        if (!isOver()) reject(this.#tools.problem(isClosed ? CLOSED : TIMEOUT));
      }, GLANCE);
    });
  }

  // ── a hidden frame ──

  /** Renews by prompt=none. */
  async renew(wanted: Api): Promise<void> {
    const { OidcError, asProblem, isFinal } = this.#tools;
    const { keeper } = this.#page;
    const renewed = keeper.session?.id;
    const { address, transaction } = await this.#inFrame(wanted);
    if (address === undefined) throw new OidcError(this.#page.isClosed ? "http.aborted" : "http.timeout");
    try {
      await (await keeper.provider()).finish(address, transaction, undefined, wanted, renewed);
    } catch (error) {
      const reason = asProblem(error);
      throw isFinal(reason) && keeper.session?.id === renewed ? keeper.end("here", reason) : reason;
    }
  }

  /** Is the person still signed in at the provider? */
  async check(): Promise<boolean | "unknown"> {
    const { asProblem, isFinal } = this.#tools;
    const { keeper } = this.#page;
    const { address, transaction, url } = await this.#inFrame();
    if (address === undefined) return "unknown";
    try {
      await (await keeper.provider()).judge(address, transaction);
      return true;
    } catch (error) {
      const reason = asProblem(error);
      if (!isFinal(reason)) throw reason;
      return isSameSite(url) ? false : "unknown";
    }
  }

  async #inFrame(wanted: Api = {}): Promise<Answered> {
    const { keeper } = this.#page;
    const idTokenHint = keeper.session?.idToken;
    const hint = idTokenHint === undefined ? {} : { idTokenHint };
    const asked = { prompt: "none", ...hint, ...wanted };
    const { url, state, transaction } = await (await keeper.provider()).begin(asked, true);
    if (this.#page.isClosed) return { address: undefined, transaction, url };
    const frame = document.createElement("iframe");
    frame.hidden = true;
    frame.src = url;
    document.body.append(frame);
    try {
      return { address: await Promise.race([this.#arrival(state), pause(PATIENCE)]), transaction, url };
    } finally {
      frame.remove();
      this.#arrivals.delete(state);
    }
  }
}

/**
 * Does a frame get the provider's cookies in every browser? Then provider and page belong to one site: they share a domain that can
 * have cookies. A browser refuses a cookie for a public suffix, such as co.uk (RFC 6265 §5.3 step 5). So setting one gives the answer.
 */
function isSameSite(provider: string): boolean {
  const { hostname, protocol } = new URL(provider);
  let around: Window = window;
  while (around.frameElement) around = around.parent;
  // Below a page of another origin, browsers hide cookies or keep separate ones.
  if (around !== top || protocol !== location.protocol) return false;
  if (hostname === location.hostname) return true;
  // The longest domain of both.
  const [, shared] = /^(?:.*?\.)??([^ ]+) (?:.*\.)?\1$/.exec(`${hostname} ${location.hostname}`) ?? [];
  // Without a domain the cookie would belong to the page's host. Two IP addresses share none, but WebKit takes the cookie.
  if (!shared || /\d$/.test(shared)) return false;
  const cookie = `oidc-wasm-site=1;domain=${shared};`;
  // biome-ignore lint/suspicious/noDocumentCookie: CookieStore is asynchronous, and needs https.
  document.cookie = cookie;
  const isKept = document.cookie.includes("oidc-wasm-site");
  // biome-ignore lint/suspicious/noDocumentCookie: as before.
  document.cookie = `${cookie}max-age=0`;
  return isKept;
}
