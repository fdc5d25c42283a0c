import { launchFirefox } from "../../browsers.mjs";
import { inPage } from "./page.mjs";

/** The whole suite runs in one evaluation. */
export const launch = () => launchFirefox({ protocolTimeout: 600_000 });

export const firefox = async (context) => inPage(await launch(), context);
