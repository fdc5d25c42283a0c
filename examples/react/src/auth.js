import { createAuth } from "oidc-wasm/browser";

/** The two APIs of this app. The development server sets their addresses. */
export const [ordersApi, stockApi] = import.meta.env.VITE_APIS.split(" ");

export const auth = createAuth({
  issuer: import.meta.env.VITE_ISSUER,
  clientId: "react-example",
  redirectUri: `${location.origin}/cb`,
  scope: "openid profile read",
  resource: [ordersApi, stockApi],
  apis: {
    [ordersApi]: { resource: ordersApi },
    [stockApi]: { resource: stockApi },
  },
});
