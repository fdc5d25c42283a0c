import { expect, test } from "@playwright/test";
import { createTestProvider } from "oidc-wasm/testing";

test.beforeEach(async ({ page }) => {
  const op = await createTestProvider();
  await page.route(`${op.issuer}/**`, async (route) => {
    const request = route.request();
    const body = request.postData();
    const init = { method: request.method(), headers: await request.allHeaders(), redirect: "manual" };
    const reply = await op.fetch(request.url(), body === null ? init : { ...init, body });
    await route.fulfill({ status: reply.status, headers: Object.fromEntries(reply.headers), body: await reply.text() });
  });
});

test("Alice signs in", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText("Hello, alice")).toBeVisible();
});
