export { createGuard } from "./edge/guard.js";
export type * from "./edge/types.js";
