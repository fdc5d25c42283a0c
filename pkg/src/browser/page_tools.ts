import { isRedirectAddress } from "./answer.js";
import { PART, part } from "./part.js";
import { EXPIRED } from "./problem.js";
import { isNewer, read } from "./session.js";
import { timely } from "./storage.js";
import { Tabs } from "./tabs.js";
import { tools } from "./tools.js";

/** Those for the parts of a page. */
export const pageTools = { ...tools, part, PART, isRedirectAddress, EXPIRED, isNewer, read, timely, Tabs } as const;
export type PageTools = typeof pageTools;
