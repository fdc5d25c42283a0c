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

/** What a server renders, and a page until it is hydrated. */
const LOADING: AuthState = { status: "loading" };
const whileHydrating = () => LOADING;

/**
 * Gives one session to all components below. It finishes a login in an effect, where `handleRedirect` was not called before.
 *
 * @example
 * ```tsx
 * createRoot(root).render(<AuthProvider auth={auth}><SignedIn fallback="One moment…"><App /></SignedIn></AuthProvider>);
 * ```
 */
export function AuthProvider({ auth, children }: { auth: Auth; children?: ReactNode }): JSX.Element {
  useEffect(() => {
    // What goes wrong is the state's `problem`.
    auth.handleRedirect().catch(() => {});
  }, [auth]);
  return createElement(AuthContext.Provider, { value: auth }, children);
}

/** The state of the session and everything that can be done with it. `user` is the state's: claims, or undefined. */
export function useAuth(): AuthState & Omit<Auth, "snapshot" | "subscribe" | "user"> {
  const auth = useContext(AuthContext);
  if (!auth) throw new Error("useAuth needs an AuthProvider.");
  const state = useSyncExternalStore(auth.subscribe, auth.snapshot, whileHydrating);
  return useMemo(() => {
    const { user, ...methods } = auth;
    return { ...methods, ...state };
  }, [auth, state]);
}

/**
 * Children where somebody is signed in. While that is not known, and where a login has failed, `fallback`: nobody is sent to the
 * provider in a circle. Else it signs in, once.
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
    // A second run gets the first one's promise. What goes wrong is the state's `problem`.
    if (isWanted) signIn(prompt ? { prompt } : {}).catch(() => {});
  }, [isWanted, signIn, prompt]);
  return createElement(Fragment, null, status === "signed_in" ? children : fallback);
}
