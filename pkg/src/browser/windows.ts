// Logins in another window: a popup, or a hidden frame. Loaded at first use.
import type { AuthorizationParams, Login } from "../types.js";
import { OidcError } from "./engine.js";
import type { TokenKeeper } from "./keeper.js";
import { asProblem, isFinal, problem } from "./problem.js";
import type { Api } from "./types.js";

/** The page that waits for an answer in another window. */
export interface Waiting {
  keeper: TokenKeeper;
  issuer: string;
  /** By `state`: the login that waits for this answer. */
  arrivals: Map<string, (address: string) => void>;
}

const arrival = ({ arrivals }: Waiting, state: string) => new Promise<string>((arrive) => arrivals.set(state, arrive));

// ── a popup ──

const GLANCE = 250;
/** How long a window must look closed: with COOP it looks so for a moment, or always. */
const CLOSED = 1_000;

/** Signs in in a popup that is open already. */
export async function inPopup(
  page: Waiting,
  popup: Window,
  params: AuthorizationParams,
  seconds: number,
): Promise<Login> {
  const { url, state, transaction } = await page.keeper.begin(params);
  // Even after the call ended: the person may have continued in it.
  const login = arrival(page, state).then((address) => page.keeper.finish(address, transaction, "popup"));
  popup.location.replace(url);
  return Promise.race([login, closed(popup, seconds)]);
}

/** Rejects when the popup was closed, or after the time limit. */
function closed(popup: Window, seconds: number): Promise<never> {
  return new Promise((_, reject) => {
    const end = Date.now() + seconds * 1000;
    let since: number | undefined;
    const timer = setInterval(() => {
      // With Cross-Origin-Opener-Policy a popup looks closed while the person uses it. Then this page has no focus.
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

/** A silent login up to its answer. Undefined if none comes: the provider may forbid frames. */
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

/** Whether a frame gets the provider's cookies in every browser. Compares the last two labels of the hosts, a safe guess. */
function isSameSite(provider: string): boolean {
  const site = (host: string) => (/^[\d.]+$|:/.test(host) ? host : host.split(".").slice(-2).join("."));
  return site(new URL(provider).hostname) === site(location.hostname);
}
