// Logins in another window than the page's own: a popup, or a hidden frame. Loaded when there is one.
import type { AuthorizationParams, Login } from "../types.js";
import { OidcError } from "./engine.js";
import type { TokenKeeper } from "./keeper.js";
import { asProblem, isFinal, problem } from "./problem.js";
import type { Api } from "./types.js";

/** The page that waits for an answer in another window. */
export interface Waiting {
  keeper: TokenKeeper;
  issuer: string;
  /** By `state`: who takes the address of the answer. */
  arrivals: Map<string, (address: string) => void>;
}

const arrival = ({ arrivals }: Waiting, state: string) => new Promise<string>((arrive) => arrivals.set(state, arrive));

// ── a popup ──

const GLANCE = 250;
/** How long a window must look closed: under COOP it does for a moment, or for good. */
const CLOSED = 1_000;

/** Signs in in a popup that is open already. */
export async function inPopup(
  page: Waiting,
  popup: Window,
  params: AuthorizationParams,
  seconds: number,
): Promise<Login> {
  const { url, state, transaction } = await page.keeper.begin(params);
  // Even after it was given up: the person may have gone on in it.
  const login = arrival(page, state).then((address) => page.keeper.finish(address, transaction, "popup"));
  popup.location.replace(url);
  return Promise.race([login, closed(popup, seconds)]);
}

/** Rejects when a popup was closed, or in the end. */
function closed(popup: Window, seconds: number): Promise<never> {
  return new Promise((_, reject) => {
    const end = Date.now() + seconds * 1000;
    let since: number | undefined;
    const timer = setInterval(() => {
      // Cut off by Cross-Origin-Opener-Policy, a popup looks closed while the person is in it: then this page has no focus.
      since = popup.closed && document.hasFocus() ? (since ?? Date.now()) : undefined;
      const isClosed = since !== undefined && Date.now() - since >= CLOSED;
      if (!isClosed && Date.now() < end) return;
      clearInterval(timer);
      reject(problem(isClosed ? "popup.closed" : "popup.timeout"));
    }, GLANCE);
  });
}

// ── a hidden frame ──

const PATIENCE = 10_000;

/** Renews by prompt=none. */
export async function renewInFrame(page: Waiting, wanted: Api): Promise<void> {
  const { address, transaction } = await inFrame(page, wanted);
  if (address === undefined) throw new OidcError("http.timeout");
  try {
    await page.keeper.finish(address, transaction, undefined, wanted);
  } catch (error) {
    const reason = asProblem(error);
    throw isFinal(reason) ? page.keeper.end("here", reason) : reason;
  }
}

/** Whether the person is still signed in at the provider. */
export async function checkInFrame(page: Waiting): Promise<boolean | "unknown"> {
  const { address, transaction } = await inFrame(page);
  if (address === undefined) return "unknown";
  try {
    await page.keeper.judge(address, transaction);
    return true;
  } catch (error) {
    const reason = asProblem(error);
    if (!isFinal(reason)) throw reason;
    return isSameSite(page.issuer) ? false : "unknown";
  }
}

/** A silent login as far as its answer; no address where none comes, for the provider may refuse to be framed. */
async function inFrame(page: Waiting, wanted: Api = {}): Promise<{ address: string | undefined; transaction: string }> {
  const idTokenHint = page.keeper.session?.idToken;
  const hint = idTokenHint === undefined ? {} : { idTokenHint };
  const { url, state, transaction } = await page.keeper.begin({ prompt: "none", ...hint, ...wanted });
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.src = url;
  document.body.append(frame);
  try {
    const patience = new Promise<undefined>((done) => setTimeout(done, PATIENCE));
    return { address: await Promise.race([arrival(page, state), patience]), transaction };
  } finally {
    frame.remove();
    page.arrivals.delete(state);
  }
}

/** Whether cookies of the provider reach a frame in any browser: by the last two labels of the hosts, which is a guess on the safe side. */
function isSameSite(provider: string): boolean {
  const site = (host: string) => (/^[\d.]+$|:/.test(host) ? host : host.split(".").slice(-2).join("."));
  return site(new URL(provider).hostname) === site(location.hostname);
}
