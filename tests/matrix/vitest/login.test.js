import { expect, test } from "vitest";
import { login } from "./login.js";

test("a login", async () => {
  const who = await login();
  expect(who).toBe("signed in: alice");
  console.log(who);
});
