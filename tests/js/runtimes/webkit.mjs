import { launchWebKit, patiently } from "../../webkit.mjs";
import { inPage } from "./page.mjs";

/** WebKitGTK, the engine of Safari. */
export const webkit = async (context) => inPage(await launchWebKit(), context, visit);

async function visit({ send }, address, origin) {
  await send("POST", "/timeouts", { script: 600_000 });
  await send("POST", "/url", { url: address });
  const script = `const done = arguments[1];
    runSuite(arguments[0]).then((results) => done(JSON.stringify(results)), (error) => done(String(error)));`;
  // The page loads before its module has run.
  await patiently(async () => {
    const isThere = await send("POST", "/execute/sync", { script: "return 'runSuite' in window", args: [] });
    if (!isThere) throw new TypeError("the page has no suite yet");
  });
  const results = await send("POST", "/execute/async", { script, args: [origin] });
  return JSON.parse(results);
}
