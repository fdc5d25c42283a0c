// The public API that oidc-wasm/react promises.

import type { JSX, ReactNode } from "react";
import type { Auth, AuthState } from "./browser.js";
export function AuthProvider(props: { auth: Auth; children?: ReactNode }): JSX.Element;
export function useAuth(): AuthState & Omit<Auth, "snapshot" | "subscribe">;
export function SignedIn(props: { children?: ReactNode; fallback?: ReactNode; prompt?: string }): JSX.Element;
