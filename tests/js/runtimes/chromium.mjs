import { launchChromium } from "../../browsers.mjs";
import { inPage } from "./page.mjs";

/** The whole suite runs in one evaluation. */
export const launch = () => launchChromium({ protocolTimeout: 600_000 });

export const chromium = async (context) => inPage(await launch(), context);
