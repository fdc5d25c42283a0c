/// <reference lib="esnext.disposable" preserve="true" />
export { createAuth } from "./browser/auth.js";
export type {
  Api,
  Auth,
  AuthEvent,
  AuthState,
  AuthStorage,
  BrowserConfig,
  Host,
  SignOutOptions,
  TokenOptions,
} from "./browser/types.js";
