import { launchFirefox } from "../../browsers.mjs";
import { inPage } from "./page.mjs";

/** One evaluation runs the whole suite, so it needs a long timeout. */
export const launch = () => launchFirefox({ protocolTimeout: 600_000 });

export const firefox = async (context) => inPage(await launch(), context);
