// The worker that holds the tokens: one call, with the site's options.
import { serveAuth } from "oidc-wasm/worker";

serveAuth(globalThis.settings);
// Ends as a browser ends a worker, without an event for the page.
const end = ({ data }) => {
  if (data === "end") close();
  // The application's own code in a worker.
  if (data === "throw") throw new Error("of the application");
  if (data?.busy) for (const until = Date.now() + data.busy; Date.now() < until; );
};
addEventListener("message", end);

/** The number of messages of the worker's last event. It sends one to each port. */
let sent = 0;
let last;
const { postMessage } = MessagePort.prototype;
MessagePort.prototype.postMessage = function (...given) {
  if (given[0]?.event) {
    sent = given[0] === last ? sent + 1 : 1;
    last = given[0];
  }
  return postMessage.apply(this, given);
};
addEventListener("connect", (/** @type {any} */ { ports: [port] }) => {
  port.addEventListener("message", end);
  port.addEventListener("message", ({ data }) => {
    if (data === "gc") globalThis.gc?.();
    if (data === "sent") postMessage.call(port, { sent });
  });
});
