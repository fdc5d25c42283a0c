import "./page.js";
import { auth, session } from "./documented/svelte.js";

globalThis.app.auth = auth;
session.subscribe(({ status, user }) => {
  document.title = `${status} ${user?.sub}`;
});
globalThis.app.arrived = globalThis.app.settled(auth.handleRedirect());
