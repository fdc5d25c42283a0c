// The session manager on a server: no window, no requests, no signed-in person.
import { createAuth } from "oidc-wasm/browser";
import { AuthProvider } from "oidc-wasm/react";
import { createElement, StrictMode } from "react";
import { renderToString } from "react-dom/server";
import { App } from "./components.js";

/** The results of every call, and the state afterwards. */
export async function called(config) {
  const auth = createAuth(config);
  const codeOf = (error) => error.code ?? `${error}`;
  const calls = {
    signIn: auth.signIn(),
    signInPopup: auth.signInPopup(),
    handleRedirect: auth.handleRedirect(),
    getAccessToken: auth.getAccessToken(),
    user: auth.user(),
    profile: auth.profile(),
    checkSession: auth.checkSession(),
    signOut: auth.signOut(),
    "signOut, local": auth.signOut({ local: true }),
  };
  const events = [];
  auth.subscribe(({ type }) => events.push(type));
  const results = await Promise.all(
    Object.entries(calls).map(async ([name, call]) => [name, await call.catch(codeOf)]),
  );
  auth.close();
  /** Components without an AuthProvider. */
  let alone;
  try {
    renderToString(createElement(App));
  } catch (error) {
    alone = error.message;
  }
  return { ...Object.fromEntries(results), events, state: auth.snapshot(), alone };
}

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
