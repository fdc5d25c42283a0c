import "./module.js";
import { addUsualRules } from "./error.js";

export * from "./api.js";
export { default } from "./init.js";

addUsualRules();
