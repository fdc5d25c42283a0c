// Compares the shipped declarations with the promised ones. It passes if it compiles.
import type * as shipped from "oidc-wasm";
import type * as contract from "./contract.js";

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
const holds = <_Claim extends true>() => {};

// Every promised name exists.
type Missing = Exclude<keyof typeof contract, keyof typeof shipped>;
holds<Same<Missing, never>>();
type MissingMembers = Exclude<keyof contract.RelyingParty, keyof shipped.RelyingParty>;
holds<Same<MissingMembers, never>>();

// Every promised argument is accepted. Methods are compared bivariantly, so this compares their parameters.
type Call = (...given: never[]) => unknown;
type Takes<Shipped, Promised> = Promised extends Call
  ? Shipped extends Call
    ? [Parameters<Promised>] extends [Parameters<Shipped>]
      ? true
      : false
    : false
  : true;
type Narrowed<Shipped, Promised> = {
  [Name in keyof Promised & keyof Shipped]: Takes<Shipped[Name], Promised[Name]> extends true ? never : Name;
}[keyof Promised & keyof Shipped];
holds<Same<Narrowed<shipped.RelyingParty, contract.RelyingParty>, never>>();
holds<Same<Narrowed<typeof shipped, typeof contract>, never>>();
holds<Same<Narrowed<typeof shipped.RelyingParty, typeof contract.RelyingParty>, never>>();
type Built = [ConstructorParameters<typeof contract.RelyingParty>] extends [
  ConstructorParameters<typeof shipped.RelyingParty>,
]
  ? true
  : false;
holds<Built>();

// Every promised result is returned.
declare const party: shipped.RelyingParty;
declare const failure: shipped.OidcError;
export const promised: [contract.RelyingParty, contract.OidcError] = [party, failure];
type Gives<Shipped extends Promised, Promised> = [Shipped, Promised];
export type Given = [
  Gives<shipped.Pkce, contract.Pkce>,
  Gives<shipped.AuthorizationRequest, contract.AuthorizationRequest>,
  Gives<shipped.AuthorizationResponse, contract.AuthorizationResponse>,
  Gives<shipped.HttpRequest, contract.HttpRequest>,
  Gives<shipped.TokenSet, contract.TokenSet>,
  Gives<shipped.Login, contract.Login>,
  Gives<shipped.Login<"id_token">, contract.Login<"id_token">>,
  Gives<shipped.IdTokenClaims, contract.IdTokenClaims>,
  Gives<shipped.TokenReport, contract.TokenReport>,
  Gives<shipped.Check, contract.Check>,
  Gives<shipped.ProviderMetadata, contract.ProviderMetadata>,
  Gives<shipped.Claims, contract.Claims>,
  Gives<shipped.Downscoping, contract.Downscoping>,
];
// The functions outside the class, and its static methods.
type Made<All, Name extends keyof All> = All[Name] extends (...given: never[]) => infer Result ? Result : never;
type Functions = Exclude<keyof typeof contract, "RelyingParty" | "OidcError">;
type Poorer = {
  [Name in Functions]: Made<typeof shipped, Name> extends Made<typeof contract, Name> ? never : Name;
}[Functions];
holds<Same<Poorer, never>>();
holds<Same<Functions, "default" | "createPkce" | "codeChallenge" | "downscope" | "parseChallenges">>();
export type Discovered = Gives<
  Made<typeof shipped.RelyingParty, "discover">,
  Made<typeof contract.RelyingParty, "discover">
>;
// The package accepts a variable of the promised type.
type Accepts<Promised extends Shipped, Shipped> = [Promised, Shipped];
export type Accepted = [
  Accepts<contract.ClientConfig, shipped.ClientConfig>,
  Accepts<contract.AuthorizationParams, shipped.AuthorizationParams>,
  Accepts<contract.Grant, shipped.Grant>,
  Accepts<contract.HttpReply, shipped.HttpReply>,
  Accepts<contract.IdTokenExpected, shipped.IdTokenExpected>,
  Accepts<contract.CallOptions, shipped.CallOptions>,
  Accepts<contract.DiscoverOptions, shipped.DiscoverOptions>,
  Accepts<contract.ProviderMetadata, shipped.ProviderMetadata>,
  Accepts<contract.WasmSource, shipped.WasmSource>,
  Accepts<contract.ResponseType, shipped.ResponseType>,
  Accepts<contract.Scope, shipped.Scope>,
  Accepts<contract.Resource, shipped.Resource>,
  Accepts<contract.Relaxation, shipped.Relaxation>,
  // Kept from an earlier login.
  Accepts<contract.IdTokenClaims, shipped.IdTokenClaims>,
];
