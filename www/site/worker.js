// @ts-check
/** Starts the service worker, which is the provider inside this browser and makes the page work offline. */
import { root } from "./place.js";

/** A policy of Trusted Types allows this one address, and no other. */
const address = () => {
  const url = new URL("worker.js", root).href;
  const { trustedTypes } = /** @type {any} */ (globalThis);
  return trustedTypes ? trustedTypes.createPolicy("worker", { createScriptURL: () => url }).createScriptURL(url) : url;
};

/** Resolves to whether the worker answers this page's requests. */
export async function startWorker() {
  const { serviceWorker } = navigator;
  if (!serviceWorker) return false;
  try {
    const controlled = new Promise((resolve) =>
      serviceWorker.addEventListener("controllerchange", resolve, { once: true }),
    );
    await serviceWorker.register(address());
    const { active } = await serviceWorker.ready;
    if (!serviceWorker.controller) {
      active?.postMessage("claim");
      await controlled;
    }
    return true;
  } catch {
    // Private windows and some policies allow no worker.
    return false;
  }
}
