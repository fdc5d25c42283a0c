/**
 * Members of objects that never leave the package. A bundler of an application cannot rename members, so the package's build gives these
 * a letter each.
 */
const internal =
  "ask choice discovered exchange facts frame generation imported inquire inspect isForm isFresh isShared judge kinds loaded material measured miss names needs nests number object optionalString party places possession prepare proven ready renewed sets signedResponse signer signs stale stopper string timed told thumbprint throwIfStopped tryPick usual verified made waiting withFull words".split(
    " ",
  );
/** The same in the files of a page's session. Its messages and stored entries keep their names. */
const ofSession =
  "arrive asProblem before catchUp changed exclusive EXPIRED finding first forms fruitless hasOthers hear heard how inPopup inquire isAway isClosed isDead isEmpty isNewer isRedirectAddress isStarting keeper later leaving forgetting load logins main nameOf opened PART passOn place plan possession rank redirects renewSilently resume retry rewrite say settle show siblings signedOutAt stood stopping STORAGE stored tabs timely visit wake windows wrongArgument".split(
    " ",
  );
/** The same in the files of a guard and of a Worker's login. */
const ofEdge =
  "algs answered expired foreign forget hashed inTurn isForeign isNavigation isRefusal jarOf lines linesOf live load loginName party picked place placeOf prepare readCookies recall refusal renewDue seen sessionOf sessions share take tokenPart unauthorized withCookies words writeChunks".split(
    " ",
  );
const singles = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ$_"];
/** Names: one letter each, then two. */
const letters = [...singles, ...singles.map((letter) => letter + letter)];

/** @returns {import("esbuild").TransformOptions & { mangleCache: object }} Options of esbuild that rename them. */
const renaming = (names) => ({
  loader: "ts",
  target: "es2022",
  tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
  sourcemap: true,
  mangleProps: new RegExp(`^(${names.join("|")})$`),
  mangleCache: Object.fromEntries(names.map((name, at) => [name, letters[at]])),
});
export const renamed = renaming(internal);
export const renamedInSession = renaming(ofSession);
export const renamedInEdge = renaming(ofEdge);
/** No public type may have these members. */
export const hidden = [...internal, ...ofSession, ...ofEdge];
