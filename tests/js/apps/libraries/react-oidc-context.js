import { WebStorageStateStore } from "oidc-client-ts";
import { createElement, StrictMode, useEffect } from "react";
import { createRoot } from "react-dom/client";
import { AuthProvider, useAuth, useAutoSignin } from "react-oidc-context";

export function create({ issuer, clientId, redirectUri, scope, isStrict }, changed) {
  const config = {
    authority: issuer,
    client_id: clientId,
    redirect_uri: redirectUri,
    scope,
    userStore: new WebStorageStateStore({ store: localStorage }),
    onSigninCallback: (user) => history.replaceState(null, "", `${user?.state ?? "/"}`),
  };
  /** @type {import("react-oidc-context").AuthContextProps} */
  let auth;
  let loaded;
  const isLoaded = new Promise((done) => {
    loaded = done;
  });
  function App() {
    const present = useAuth();
    const { isLoading, user } = present;
    auth = present;
    useEffect(() => {
      if (!isLoading) loaded();
      changed(user);
    }, [isLoading, user]);
    return user ? `Hello, ${user.profile.sub}` : null;
  }
  function SignedIn() {
    useAutoSignin();
    return createElement(App);
  }
  const provider = createElement(AuthProvider, config, createElement(isStrict ? SignedIn : App));
  createRoot(document.body.appendChild(document.createElement("main"))).render(
    createElement(StrictMode, null, provider),
  );
  /** Its methods resolve to null after an error, which is in the state. */
  const demanded = (user) => {
    if (!user) throw new Error("no user");
    return user;
  };
  return {
    async start() {
      await isLoaded;
      if (auth.error) throw auth.error;
    },
    signIn: (hint, prompt) =>
      auth.signinRedirect({ state: location.pathname, ...(hint && { login_hint: hint, prompt }) }),
    signInPopup: async () => demanded(await auth.signinPopup()),
    user: async () => auth.user?.profile.sub,
    async token() {
      return demanded(auth.user?.expired ? await auth.signinSilent() : auth.user).access_token;
    },
    signOut: () => auth.removeUser(),
  };
}
