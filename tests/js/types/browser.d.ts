// The public API that oidc-wasm/browser promises. Types may gain members. No name changes and no type narrows.
import type {
  AuthorizationParams,
  ClientConfig,
  IdTokenClaims,
  Login,
  OidcError,
  ProviderMetadata,
  Resource,
  Scope,
} from "oidc-wasm";
export function createAuth(config: BrowserConfig): Auth;
export interface BrowserConfig extends Omit<ClientConfig, "auth" | "dpop"> {
  issuer: string;
  provider?: ProviderMetadata;
  scope?: Scope;
  resource?: Resource;
  extra?: AuthorizationParams["extra"];
  storage?: "session" | "memory" | "indexeddb" | AuthStorage;
  worker?: Worker | SharedWorker;
  renew?: "refresh" | "iframe" | "redirect" | false;
  renewBefore?: number;
  apis?: Record<string, { resource?: string; scope?: Scope }>;
  dpop?: boolean | "auto";
  insecureOrigin?: "refuse" | "tls-only";
  otherUser?: "follow" | "end";
  host?: Partial<Pick<typeof globalThis, "fetch" | "location" | "history">> & {
    now?: () => number;
    navigate?: (url: string) => void;
  };
}
export interface AuthStorage {
  get(key: string): string | null | Promise<string | null>;
  set(key: string, value: string): void | Promise<void>;
  remove(key: string): void | Promise<void>;
}
export interface AuthState {
  status: "loading" | "signed_out" | "signed_in";
  user?: IdTokenClaims;
  signature?: "valid" | "unchecked";
  expiresAt?: number;
  problem?: OidcError & { recoverable: boolean };
}
export interface Auth {
  snapshot(): AuthState;
  subscribe(listener: (event: AuthEvent) => void): () => void;
  signIn(params?: AuthorizationParams & { returnTo?: string }): Promise<void>;
  signInPopup(params?: AuthorizationParams & { timeout?: number }): Promise<Login>;
  handleRedirect(): Promise<(Login & { returnTo?: string }) | null>;
  getAccessToken(options?: {
    resource?: string;
    scope?: Scope;
    minValidity?: number;
    signal?: AbortSignal;
  }): Promise<string>;
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
  user(): Promise<IdTokenClaims | null>;
  profile(): Promise<Record<string, unknown>>;
  checkSession(): Promise<boolean | "unknown">;
  signOut(params?: { postLogoutRedirectUri?: string; local?: boolean; revoke?: boolean }): Promise<void>;
  close(): void;
  [Symbol.dispose](): void;
}
export type AuthEvent =
  | { type: "signed_in"; user: IdTokenClaims; by: "redirect" | "popup" | "storage" | "tab" }
  | { type: "refreshed"; resource?: string; by: "here" | "tab" }
  | { type: "expired" | "signed_out"; by: "here" | "tab" | "provider" }
  | { type: "user_changed"; user: IdTokenClaims }
  | { type: "problem"; problem: OidcError };
