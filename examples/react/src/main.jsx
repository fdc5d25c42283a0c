import { AuthProvider } from "oidc-wasm/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router";
import { App } from "./app.jsx";
import { auth } from "./auth.js";

// Before the router looks at the address. What goes wrong is the state's `problem`, which the app shows.
await auth.handleRedirect().catch(() => {});
createRoot(document.getElementById("root")).render(
  <StrictMode>
    <AuthProvider auth={auth}>
      <BrowserRouter>
        <App />
      </BrowserRouter>
    </AuthProvider>
  </StrictMode>,
);
