// A page: the runner calls this in it.
import { cases } from "../cases/index.mjs";
import { measureAll, paces } from "../measure.mjs";
import { createProvider } from "../provider.mjs";
import { picked } from "../selection.mjs";

// Five microseconds is the clock's step in a page that is isolated: a batch has to be long against that.
globalThis.runCases = async ({ only, pace }) =>
  measureAll(
    picked(cases, only),
    await createProvider(),
    { ...paces[pace], batch: 2, runtime: "chromium" },
    globalThis.tellProgress,
  );
