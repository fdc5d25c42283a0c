// Compares the shipped declarations of oidc-wasm/browser, /react and /worker with the promised ones. It passes if it compiles.
import type * as shipped from "oidc-wasm/browser";
import type * as shippedReact from "oidc-wasm/react";
import type { serveAuth } from "oidc-wasm/worker";
import type * as promised from "./browser.js";
import type * as promisedReact from "./react.js";

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
const holds = <_Claim extends true>() => {};

// Every promised name exists.
holds<Same<Exclude<keyof typeof promised, keyof typeof shipped>, never>>();
holds<Same<Exclude<keyof typeof promisedReact, keyof typeof shippedReact>, never>>();
holds<Same<Exclude<keyof promised.BrowserConfig, keyof shipped.BrowserConfig>, never>>();
holds<Same<Exclude<keyof promised.Auth, keyof shipped.Auth>, never>>();
holds<Same<Exclude<promised.AuthEvent["type"], shipped.AuthEvent["type"]>, never>>();

// The package accepts each promised argument.
type Accepts<Promised extends Shipped, Shipped> = [Promised, Shipped];
type Props<Component extends (props: never) => unknown> = Parameters<Component>[0];
export type Accepted = [
  Accepts<promised.BrowserConfig, shipped.BrowserConfig>,
  Accepts<promised.AuthStorage, shipped.AuthStorage>,
  Accepts<Parameters<typeof promised.createAuth>, Parameters<typeof shipped.createAuth>>,
  Accepts<Parameters<promised.Auth["signIn"]>, Parameters<shipped.Auth["signIn"]>>,
  Accepts<Parameters<promised.Auth["signInPopup"]>, Parameters<shipped.Auth["signInPopup"]>>,
  Accepts<Parameters<promised.Auth["getAccessToken"]>, Parameters<shipped.Auth["getAccessToken"]>>,
  Accepts<Parameters<promised.Auth["fetch"]>, Parameters<shipped.Auth["fetch"]>>,
  Accepts<Parameters<promised.Auth["signOut"]>, Parameters<shipped.Auth["signOut"]>>,
  Accepts<Props<typeof promisedReact.AuthProvider>, Props<typeof shippedReact.AuthProvider>>,
  Accepts<Props<typeof promisedReact.SignedIn>, Props<typeof shippedReact.SignedIn>>,
  // A worker has no use for the options of a page.
  Accepts<
    Omit<promised.BrowserConfig, "storage" | "worker" | "otherUser" | "host" | "insecureOrigin">,
    Parameters<typeof serveAuth>[0]
  >,
];

// It gives each promised result.
type Gives<Shipped extends Promised, Promised> = [Shipped, Promised];
export type Given = [
  Gives<shipped.Auth, promised.Auth>,
  Gives<shipped.AuthState, promised.AuthState>,
  Gives<shipped.AuthEvent, promised.AuthEvent>,
  Gives<ReturnType<typeof shipped.createAuth>, promised.Auth>,
  Gives<ReturnType<typeof shippedReact.AuthProvider>, ReturnType<typeof promisedReact.AuthProvider>>,
  Gives<ReturnType<typeof shippedReact.SignedIn>, ReturnType<typeof promisedReact.SignedIn>>,
  // The promised `user` is the state's claims and a method at once. The package gives the claims.
  Gives<Omit<ReturnType<typeof shippedReact.useAuth>, "user">, Omit<ReturnType<typeof promisedReact.useAuth>, "user">>,
  Gives<Pick<ReturnType<typeof shippedReact.useAuth>, "user">, Pick<promised.AuthState, "user">>,
];
