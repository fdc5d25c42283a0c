// The guard as Node middleware, for tokens that are bound to a key.
import "oidc-wasm/full";
import { createGuard } from "oidc-wasm/edge";
import { express } from "oidc-wasm/node";

/** @param {{ issuer: string, audience: string }} settings */
export const createPass = ({ issuer, audience }) =>
  express(createGuard({ issuer, audience, dpop: { nonceSecret: "a secret for nonces, of 32 characters" } }));
