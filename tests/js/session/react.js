// The same app with React in StrictMode, which runs each effect twice.
import "./page.js";
import { AuthProvider } from "oidc-wasm/react";
import { createElement, StrictMode, useEffect } from "react";
import { createRoot, hydrateRoot } from "react-dom/client";
import { App } from "./components.js";

const { settings, ...app } = globalThis.app;
const { problems } = app;
// React warns there of what it finds wrong, such as a page that is not what the server rendered.
console.error = (...said) => problems.push(said.join(" "));

globalThis.app.auth = app.start(settings.auth);
const { auth } = globalThis.app;

/** By hand, with the calls in an effect. */
function ByHand() {
  useEffect(() => {
    auth
      .handleRedirect()
      .then(() => auth.snapshot().status === "signed_out" && auth.signIn())
      .catch(() => {});
  }, []);
  return "by hand";
}

const root = document.createElement("main");
const strict = (element) => createElement(StrictMode, null, element);
const whole = strict(createElement(AuthProvider, { auth }, createElement(App)));
if (settings.rendered) {
  root.innerHTML = settings.rendered;
  document.body.append(root);
  // Known before React starts: the page differs from what the server rendered, and must not do so yet.
  await auth.handleRedirect();
  hydrateRoot(root, whole, { onRecoverableError: (error) => problems.push(`${error}`) });
} else {
  document.body.append(root);
  createRoot(root).render(settings.isByHand ? strict(createElement(ByHand)) : whole);
}
globalThis.app.arrived = app.settled(auth.handleRedirect());
