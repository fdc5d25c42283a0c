export * from "./api.js";
export { default } from "./init.js";
