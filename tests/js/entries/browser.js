// A page: the runner calls this in the page and reads the results.
import { runAll } from "../suite/index.js";

globalThis.runSuite = (origin) => runAll({ origin, readyAtImport: false });
