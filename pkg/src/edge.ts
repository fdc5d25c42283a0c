export { createGuard } from "./edge/guard.js";
export { createLogin } from "./edge/login.js";
export type * from "./edge/login_types.js";
export { open, seal } from "./edge/seal.js";
export type * from "./edge/types.js";
