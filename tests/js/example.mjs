// Starts examples/react as a reader does, at oidc-provider: a protected page, a login, two APIs, sign-out.
import { startExample } from "../../examples/react/server.mjs";
import { launchChromium } from "../browsers.mjs";
import { createChecks, same } from "./lib.mjs";

export async function example() {
  const { check, results } = createChecks("example");
  const app = await startExample();
  const browser = await launchChromium({ protocolTimeout: 60_000 });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(30_000);
    const problems = [];
    page.on("pageerror", (error) => problems.push(`${error}`));
    const grants = [];
    page.on("request", (request) => {
      const grant = new URLSearchParams(request.postData() ?? "").get("grant_type");
      if (grant) grants.push(grant);
    });
    const press = async (label) => {
      const button = await page.waitForSelector(
        `::-p-xpath(//*[self::button or self::a][contains(normalize-space(.), "${label}")])`,
        { visible: true },
      );
      await button.click();
    };
    const sees = (text) =>
      page.waitForFunction((text) => document.body.innerText.includes(text), { polling: 100 }, text);
    await check("a protected page leads to the provider and back, and both APIs take their tokens", async () => {
      await page.goto(app.url);
      await press("Orders");
      await press("Mara Lindqvist");
      await press("Allow");
      await sees("mara has ordered 12 lamps.");
      await sees("There are 80 lamps.");
      same(page.url(), `${app.url}orders`, "address");
      same(grants, ["authorization_code", "refresh_token"], "one code, and a token for the second API");
    });
    await check("after a reload the person does not sign in again", async () => {
      await page.reload();
      await sees("There are 80 lamps.");
      same(grants.length, 2, "grants");
    });
    await check("a second tab has the session, and signing out ends both", async () => {
      const other = await browser.newPage();
      await other.goto(app.url);
      await other.waitForFunction(() => document.body.innerText.includes("Sign out"), { polling: 100 });
      await page.bringToFront();
      await press("Sign out");
      await page.waitForFunction((app) => !location.href.startsWith(app), { polling: 100 }, app.url);
      await other.bringToFront();
      await other.waitForFunction(() => document.body.innerText.includes("Sign in"), { polling: 100 });
    });
    same(problems, [], "errors in the page");
  } finally {
    await browser.close();
    await app.close();
  }
  return results;
}
