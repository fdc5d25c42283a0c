import "./module.js";
import { addRules } from "./error.js";

export * from "./api.js";
export { default } from "./init.js";

addRules();
