import { importAll } from "../suite/imports.js";

globalThis.runSuite = importAll;
