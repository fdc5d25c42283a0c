import "./module_login.js";

export * from "./api.js";
export { default } from "./init.js";
