// The part of a page's session that asks the provider and other tabs. It loads at first use, in one file.
import type { PageSession } from "./page.js";
import type { PageTools } from "./page_tools.js";
import { Redirects } from "./redirects.js";
import { Siblings } from "./siblings.js";

export { demandAll } from "./demands.js";
export { isFinal } from "./final.js";
export { Provider } from "./provider.js";

export const parts = (page: PageSession, tools: PageTools) => ({
  redirects: new Redirects(page, tools),
  siblings: new Siblings(page, tools),
});
