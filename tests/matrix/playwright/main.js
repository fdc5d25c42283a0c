import { createAuth } from "oidc-wasm/browser";

const auth = createAuth({ issuer: "https://op.test", clientId: "app", redirectUri: `${location.origin}/cb` });
await auth.handleRedirect();
const user = await auth.user();
if (user) document.body.textContent = `Hello, ${user.sub}`;
else {
  const button = document.createElement("button");
  button.textContent = "Sign in";
  button.addEventListener("click", () => auth.signIn());
  document.body.append(button);
}
