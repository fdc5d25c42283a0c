import { scenario } from "./scenario.js";

globalThis.runScenario = scenario;
