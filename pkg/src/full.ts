import "./module_full.js";
import "./full/capabilities.js";

export * from "./api.js";
export { default } from "./init.js";
