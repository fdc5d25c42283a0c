import { problem } from "./problem.js";

const GLANCE = 250;
/** How long a window must look closed: under COOP it does for a moment, or for good. */
const CLOSED = 1_000;

/** Rejects when a popup was closed, or in the end. */
export function closed(popup: Window, seconds: number): Promise<never> {
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
