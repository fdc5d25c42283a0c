import { launchChromium } from "../../browsers.mjs";
import { inPage } from "./page.mjs";

/** One evaluation runs the whole suite, so it needs a long timeout. */
export const launch = () => launchChromium({ protocolTimeout: 600_000 });

export const chromium = async (context) => inPage(await launch(), context);
