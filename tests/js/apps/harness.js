// Runs the same app with any library. The tests control it through `globalThis.app`.
import { createElement, StrictMode, useEffect } from "react";
import { createRoot } from "react-dom/client";

const settings = JSON.parse(document.getElementById("settings").textContent);
/** @type {any} */
const app = { skipped: settings.skipped, problems: [], changes: 0 };
globalThis.app = app;
// Each library reads the clock from Date.now.
const { now } = Date;
Date.now = () => now() + app.skipped * 1000;
// The first wait for an answer of another tab is longer, because a busy machine is slow.
if (localStorage.getItem("patient")) {
  const { setTimeout } = globalThis;
  let isFirst = true;
  const waits = (work, milliseconds, ...given) => {
    const isLonger = isFirst && milliseconds === 150;
    isFirst &&= !isLonger;
    return setTimeout(work, isLonger ? 20_000 : milliseconds, ...given);
  };
  globalThis.setTimeout = /** @type {any} */ (waits);
}
addEventListener("unhandledrejection", ({ reason }) => app.problems.push(`${reason}`));
if (settings.isFull)
  Storage.prototype.setItem = () => {
    throw new DOMException("full", "QuotaExceededError");
  };

/** The result of a call: its value, its error as a string, or that it did not end. */
app.settled = (promise, milliseconds = 20_000) =>
  Promise.race([
    Promise.resolve(promise).then(
      (value) => ({ value: value ?? null }),
      (error) => ({ error: `${error.code ?? error.error ?? error.message ?? error}` }),
    ),
    new Promise((done) => setTimeout(() => done({ waits: true }), milliseconds)),
  ]);

/** An app that starts and signs in in an effect. StrictMode runs the effect twice. */
function InEffect() {
  useEffect(() => {
    app
      .start()
      .then(async () => (await app.user()) ?? app.signIn())
      .catch(() => {});
  }, []);
  return null;
}

export function run(create, isReact) {
  Object.assign(
    app,
    create(settings, () => app.changes++),
  );
  if (settings.isStrict && !isReact)
    createRoot(document.body.appendChild(document.createElement("main"))).render(
      createElement(StrictMode, null, createElement(InEffect)),
    );
  else app.arrived = app.settled(app.start());
}
