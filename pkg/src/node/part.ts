// Loaded if `express` gets neither a login nor a guard.
import { OidcError } from "oidc-wasm";

export function refuse(): never {
  throw new OidcError("argument", { argument: "part", expected: "a login or a guard" });
}
