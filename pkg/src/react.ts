import {
  createContext,
  createElement,
  Fragment,
  type JSX,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useSyncExternalStore,
} from "react";
import type { Auth, AuthState } from "./browser/types.js";

const AuthContext = createContext<Auth | undefined>(undefined);

/** The state on a server, and in a page until hydration. */
const LOADING: AuthState = { status: "loading" };
const whileHydrating = () => LOADING;

/**
 * Provides one session to all components below. It calls `handleRedirect` when it is rendered, unless your code did.
 *
 * @example
 * ```tsx
 * createRoot(root).render(<AuthProvider auth={auth}><SignedIn fallback="One moment…"><App /></SignedIn></AuthProvider>);
 * ```
 */
export function AuthProvider({ auth, children }: { auth: Auth; children?: ReactNode }): JSX.Element {
  // Not in an effect: those of components below run first, and a router below may leave the redirect URI.
  useMemo(() => {
    // A second call receives the promise of the first. The state's `problem` shows a failure.
    auth.handleRedirect().catch(() => {});
  }, [auth]);
  return createElement(AuthContext.Provider, { value: auth }, children);
}

/** The session of a component. */
type Session = AuthState & Omit<Auth, "snapshot" | "subscribe" | "user">;

/** The session's state and methods. `user` comes from the state: claims, or undefined. */
export function useAuth(): Session {
  const auth = useContext(AuthContext);
  if (!auth) throw new Error("useAuth needs an AuthProvider.");
  const state = useSyncExternalStore(auth.subscribe, auth.snapshot, whileHydrating);
  return useMemo(() => ({ ...auth, user: undefined, ...state }) as Session, [auth, state]);
}

/**
 * Shows its children after the login. While the state is loading, or after a failed login, it shows `fallback`, which
 * prevents a loop. Otherwise it signs in once.
 */
export function SignedIn({
  children,
  fallback,
  prompt,
}: {
  children?: ReactNode;
  fallback?: ReactNode;
  prompt?: string;
}): JSX.Element {
  const { status, problem, signIn } = useAuth();
  const isWanted = status === "signed_out" && (!problem || problem.code === "session.expired");
  useEffect(() => {
    // A second run receives the promise of the first. The state's `problem` shows a failure.
    if (isWanted) signIn(prompt ? { prompt } : {}).catch(() => {});
  }, [isWanted, signIn, prompt]);
  return createElement(Fragment, null, status === "signed_in" ? children : fallback);
}
