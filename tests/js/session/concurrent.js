// React's concurrent root. A low-priority render takes many time slices, and the session changes between two of them.
import "./page.js";
import { AuthProvider, useAuth } from "oidc-wasm/react";
import { createElement, Suspense, startTransition, use, useLayoutEffect, useState } from "react";
import { createRoot } from "react-dom/client";

const { app } = /** @type {any} */ (globalThis);
Object.assign(app, { auth: app.start(app.settings.auth), rendered: [], commits: [] });
// React reports problems here.
console.error = (...said) => app.report(said.join(" "));

const ROWS = 20;
/** React gives way to other work after 5 milliseconds. */
const SLICE = 5;

const root = document.body.appendChild(document.createElement("main"));
const shown = () => [...root.querySelectorAll("output")].map(({ textContent }) => textContent);
/** The change comes between two time slices. A timer may come late on a busy machine. */
const { port1, port2 } = new MessageChannel();
port1.onmessage = () => app.change();
/** The states in each commit. A screen with two of them is torn. */
const see = () => app.commits.push([...new Set(shown())]);

/** The package's way to read the state, and a wrong one, which tears. */
const useStatus = app.settings.isWrong ? () => app.auth.snapshot().status : () => useAuth().status;

function Status({ isSlow = false }) {
  const status = useStatus();
  if (isSlow) {
    for (const end = performance.now() + SLICE; performance.now() < end; );
    app.rendered.push(status);
    if (app.rendered.length === ROWS / 2) port2.postMessage(null);
  }
  useLayoutEffect(() => void see());
  return createElement("output", null, status);
}

const Late = () => use(app.late);

function Page() {
  const [isWhole, setWhole] = useState(false);
  app.show = (isWhole) => startTransition(() => setWhole(isWhole));
  const rows = Array.from({ length: ROWS }, (_, key) => createElement(Status, { key, isSlow: true }));
  return createElement(
    Suspense,
    { fallback: "fallback" },
    createElement(Status),
    isWhole && rows,
    isWhole && app.late && createElement(Late),
  );
}

const react = createRoot(root);
const render = () => react.render(createElement(AuthProvider, { auth: app.auth }, createElement(Page)));
render();

/** Shows the rows with low priority, and changes the session while React renders them. */
app.interrupted = async (change) => {
  let changed;
  const hasChanged = new Promise((done) => {
    changed = done;
  });
  Object.assign(app, { rendered: [], commits: [], late: undefined });
  app.change = () => changed(change());
  app.show(true);
  await hasChanged;
  while (shown().length <= ROWS) await new Promise((done) => setTimeout(done, 20));
  const { rendered, commits } = app;
  app.show(false);
  return { rendered: [...new Set(rendered)], commits: [...new Set(commits.map(String))] };
};

/** The same with a part that suspends until the change is done. */
app.suspended = async (change) => {
  let release;
  const late = new Promise((done) => {
    release = done;
  });
  Object.assign(app, { rendered: [], commits: [], late, change() {} });
  app.show(true);
  while (app.rendered.length < ROWS) await new Promise((done) => setTimeout(done, 20));
  await change();
  await new Promise((done) => setTimeout(done, 100));
  const during = shown();
  release();
  while (shown().length <= ROWS) await new Promise((done) => setTimeout(done, 20));
  return { during, commits: [...new Set(app.commits.map(String))], isFallback: root.innerText.includes("fallback") };
};

/** As a development server does after a change of the module that has the manager. */
app.reloaded = async () => {
  app.commits = [];
  app.auth.close();
  app.auth = app.start(app.settings.auth);
  render();
  await app.auth.handleRedirect();
  await new Promise((done) => setTimeout(done, 100));
  return { shown: [...new Set(shown())], torn: app.commits.filter(({ length }) => length > 1) };
};

app.arrived = app.settled(app.auth.handleRedirect());
