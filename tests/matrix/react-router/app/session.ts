import type { Session } from "oidc-wasm/edge";
import { createContext } from "react-router";

export const sessionContext = createContext<Session>();
