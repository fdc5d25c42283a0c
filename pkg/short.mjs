/**
 * Members of objects that never leave the package. A bundler of an application cannot rename members, so the package's build gives these
 * a letter each.
 */
export const internal =
  "ask choice discovered doubt exchange frame generation imported inquire isFresh isShared judge kinds loaded material measure miss names needs number object party places possession prepare proven ready renewed sets signer signs stale stopper string strings timed told tryPick usual verified waiting withFull words".split(
    " ",
  );
const letters = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"];

/** Options of esbuild that rename them. */
export const renamed = {
  loader: "ts",
  target: "es2022",
  tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
  sourcemap: true,
  mangleProps: new RegExp(`^(${internal.join("|")})$`),
  mangleCache: Object.fromEntries(internal.map((name, at) => [name, letters[at]])),
};
