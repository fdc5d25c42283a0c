import { UserManager, WebStorageStateStore } from "oidc-client-ts";

export function create({ issuer, clientId, redirectUri, scope }, changed) {
  const manager = new UserManager({
    authority: issuer,
    client_id: clientId,
    redirect_uri: redirectUri,
    scope,
    userStore: new WebStorageStateStore({ store: localStorage }),
  });
  manager.events.addUserLoaded(changed);
  manager.events.addUserUnloaded(changed);
  return {
    async start() {
      if (!/[?&](code|error)=/.test(location.search)) return;
      const user = await manager.signinCallback();
      if (user) history.replaceState(null, "", `${user.state}`);
    },
    signIn: (hint, prompt) =>
      manager.signinRedirect({ state: location.pathname, ...(hint && { login_hint: hint, prompt }) }),
    signInPopup: () => manager.signinPopup(),
    async user() {
      return (await manager.getUser())?.profile.sub;
    },
    async token() {
      const user = await manager.getUser();
      return (user?.expired ? await manager.signinSilent() : user)?.access_token;
    },
    signOut: () => manager.removeUser(),
  };
}
