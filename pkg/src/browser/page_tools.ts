import { isRedirectAddress } from "./answer.js";
import { part } from "./part.js";
import { EXPIRED } from "./problem.js";
import { isNewer, read } from "./session.js";
import { tools } from "./tools.js";

/** Those for the parts of a page. */
export const pageTools = { ...tools, part, isRedirectAddress, EXPIRED, isNewer, read } as const;
export type PageTools = typeof pageTools;
