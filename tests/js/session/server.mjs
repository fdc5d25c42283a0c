// The session manager on a server: no window, no requests, no signed-in person.
import { createAuth } from "oidc-wasm/browser";
import { AuthProvider } from "oidc-wasm/react";
import { createElement, StrictMode } from "react";
import { renderToString } from "react-dom/server";
import { App } from "./components.js";

export async function rendered(config) {
  const auth = createAuth(config);
  const html = renderToString(
    createElement(StrictMode, null, createElement(AuthProvider, { auth }, createElement(App))),
  );
  return {
    html,
    state: auth.snapshot(),
    arrived: await auth.handleRedirect(),
    listening: typeof auth.subscribe(() => {}),
  };
}
