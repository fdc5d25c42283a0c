import { Component, signal } from "@angular/core";
import { bootstrapApplication } from "@angular/platform-browser";
import * as oidc from "oidc-wasm";
import { login } from "../login.js";

@Component({ selector: "app-root", template: "<p>{{ who() }}</p>" })
class App {
  readonly who = signal("not signed in");

  constructor() {
    login(oidc).then(
      (who) => this.who.set(who),
      (error) => this.who.set(String(error)),
    );
  }
}

bootstrapApplication(App).catch((error) => {
  document.body.textContent = String(error);
});
