// The modules that `www/site.mjs` resolves: what the documentation says, and the test provider's signatures.

declare module "docs:rules" {
  const rules: Record<
    string,
    | { sentence: string; cause: string; remedy?: string; spec: string; url?: string; source?: string; docs: string }
    | undefined
  >;
  export default rules;
}

declare module "docs:relaxations" {
  const relaxations: { name: string; permits: string; givesUp: string }[];
  export default relaxations;
}

declare module "docs:providers" {
  const providers: { name: string; page: string; pattern: string; needs: string }[];
  export default providers;
}

declare module "docs:code" {
  const code: Record<"javascript" | "curl" | "rust", Record<string, string>>;
  export default code;
}

declare module "support:jws" {
  export interface Key {
    alg: string;
    kid: string;
    privateKey: CryptoKey;
    jwk: JsonWebKey & { kid: string };
  }
  export function createKey(alg: string, kid?: string): Promise<Key>;
  export function base64url(bytes: Uint8Array): string;
  export function random(bytes?: number): string;
  export const algorithms: Record<string, { sign: AlgorithmIdentifier | RsaPssParams | EcdsaParams } | undefined>;
}
