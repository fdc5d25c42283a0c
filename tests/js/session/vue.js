import "./page.js";
import { watch } from "vue";
import { auth, useAuth as stateOf } from "./documented/vue.js";

globalThis.app.auth = auth;
const show = ({ status, user }) => {
  document.title = `${status} ${user?.sub}`;
};
watch(stateOf(), show, { immediate: true });
globalThis.app.arrived = globalThis.app.settled(auth.handleRedirect());
