// The runner calls this in the page.
import { cases } from "../cases/index.mjs";
import { measureAll, paces } from "../measure.mjs";
import { createProvider } from "../provider.mjs";
import { picked } from "../selection.mjs";

// The clock of an isolated page has steps of five microseconds, so a batch must be much longer.
globalThis.runCases = async ({ only, pace }) =>
  measureAll(
    picked(cases, only),
    await createProvider(),
    { ...paces[pace], batch: 2, runtime: "chromium" },
    globalThis.tellProgress,
  );
