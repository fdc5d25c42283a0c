import { SignedIn, useAuth } from "oidc-wasm/react";
import { createElement } from "react";

function Person() {
  const { user, signOut } = useAuth();
  return createElement("button", { type: "button", onClick: () => signOut({ local: true }) }, `Hello, ${user?.sub}`);
}

export const App = () =>
  createElement(SignedIn, { fallback: "One moment", prompt: globalThis.app?.settings.prompt }, createElement(Person));
