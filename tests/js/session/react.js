// The same app with React in StrictMode, which runs each effect twice.
import "./page.js";
import { AuthProvider } from "oidc-wasm/react";
import { createElement, StrictMode, useEffect, useLayoutEffect } from "react";
import { createRoot, hydrateRoot } from "react-dom/client";
import { App } from "./components.js";

const { settings, ...app } = globalThis.app;
// React reports problems here, such as a page that differs from the server's HTML.
console.error = (...said) => app.report(said.join(" "));

// With the router, only the components call the session.
globalThis.app.auth = settings.isRouted ? app.createAuth(app.configured(settings.auth)) : app.start(settings.auth);
const { auth } = globalThis.app;

/** Without the components, with the calls in an effect. */
function ByHand() {
  useEffect(() => {
    auth
      .handleRedirect()
      .then(() => auth.snapshot().status === "signed_out" && auth.signIn())
      .catch(() => {});
  }, []);
  return "by hand";
}

/** A router that does not know the redirect URI, and goes elsewhere at once. */
function Routed() {
  useLayoutEffect(() => {
    if (location.pathname === "/cb") history.replaceState(null, "", "/home");
  });
  return createElement(App);
}

const root = document.createElement("main");
const strict = (element) => createElement(StrictMode, null, element);
const whole = strict(createElement(AuthProvider, { auth }, createElement(settings.isRouted ? Routed : App)));
if (settings.rendered) {
  root.innerHTML = settings.rendered;
  document.body.append(root);
  // This changes the state before React starts. The first render must still match the server's HTML.
  await auth.handleRedirect();
  hydrateRoot(root, whole, { onRecoverableError: (error) => app.report(`${error}`) });
} else {
  document.body.append(root);
  createRoot(root).render(settings.isByHand ? strict(createElement(ByHand)) : whole);
}
if (!settings.isRouted) globalThis.app.arrived = app.settled(auth.handleRedirect());
