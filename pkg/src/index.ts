import "./module.js";

export * from "./api.js";
export { default } from "./init.js";
