// The test provider of tests/support/provider. pkg/build.mjs bundles it.
declare module "#provider" {
  export function createTestProvider(options?: object): Promise<object>;
  export const faults: Record<string, object>;
}
