// examples/worker, bundled by wrangler from the installed package, in workerd at the real provider.
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { startProvider } from "../../www/provider/index.mjs";
import { createVisitor } from "../../www/provider/visitor.mjs";
import { createChecks, root } from "./lib.mjs";
import { bundleWithWrangler } from "./loads.mjs";
import { project } from "./project.mjs";
import { startWorker } from "./runtimes/workerd.mjs";

const origin = "http://127.0.0.1:45872";
const redirect_uris = [`${origin}/callback`];
const post_logout_redirect_uris = [`${origin}/`];
const secret = "the secret of the Worker, long enough";

/** A browser at the Worker: keeps its cookies and follows nothing. */
function createBrowser(worker) {
  const cookies = new Map();
  return {
    cookies,
    async go(path, init = {}) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
      const reply = await worker.fetch(new URL(path, origin).href, {
        redirect: "manual",
        ...init,
        headers: { cookie, ...init.headers },
      });
      for (const line of reply.headers.getSetCookie()) {
        const [, name, value, attributes] = /^([^=]+)=([^;]*)(.*)$/.exec(line);
        if (!/HttpOnly/.test(attributes) || !/SameSite=Lax/.test(attributes))
          throw new Error(`a cookie for everybody: ${line}`);
        if (/Max-Age=0(;|$)/.test(attributes)) cookies.delete(name);
        else cookies.set(name, value);
      }
      return { status: reply.status, location: reply.headers.get("location"), text: await reply.text() };
    },
  };
}

export async function worker() {
  const { check, results } = createChecks("worker");
  const source = join(project, "examples-worker");
  await rm(source, { recursive: true, force: true });
  await cp(join(root, "examples/worker"), source, {
    recursive: true,
    filter: (path) => !path.includes("node_modules"),
  });
  const folder = await bundleWithWrangler(source);
  const op = await startProvider({
    clients: [
      { client_id: "edge", token_endpoint_auth_method: "none", redirect_uris, post_logout_redirect_uris },
      { client_id: "edge-secret", client_secret: secret, redirect_uris, post_logout_redirect_uris },
    ],
  });
  const vars = { ISSUER: op.issuer, CLIENT_ID: "edge", COOKIE_SECRET: "a cookie secret of 32 characters or more" };

  const expect = (actual, expected, what) => {
    if (actual !== expected) throw new Error(`${what}: expected ${expected}, got ${actual}`);
  };
  const includes = (text, part) => {
    if (!text.includes(part)) throw new Error(`expected ${part} in ${text}`);
  };

  for (const [name, bindings] of Object.entries({
    "a public client": vars,
    "a client with a secret": { ...vars, CLIENT_ID: "edge-secret", CLIENT_SECRET: secret },
  })) {
    const worker = await startWorker(folder, "index.js", bindings);
    const signIn = async (browser, visitor) => visitor.signIn((await browser.go("/login")).location);

    await check(`${name}: sign in, session, sign out`, async () => {
      const browser = createBrowser(worker);
      const visitor = createVisitor();
      includes((await browser.go("/")).text, "Sign in");
      const back = await signIn(browser, visitor);
      const done = await browser.go(back);
      expect(done.status, 303, done.text);
      expect(done.location, "/", "location");
      includes((await browser.go("/")).text, "Hello, Mara Lindqvist");
      expect([...browser.cookies.keys()].join(), "session", "cookies");

      // The same redirect again: its login is over.
      expect((await browser.go(back)).status, 400, "second callback");

      const end = await browser.go("/logout", { method: "POST" });
      expect(await visitor.signOut(end.location), `${origin}/`, "signed out at");
      includes((await browser.go("/")).text, "Sign in");
    });
    await check(`${name}: two logins at once don't disturb each other`, async () => {
      const browser = createBrowser(worker);
      const [one, two] = [await browser.go("/login"), await browser.go("/login")];
      const visitor = createVisitor();
      const backs = [await visitor.signIn(one.location), await visitor.signIn(two.location)];
      for (const back of backs) expect((await browser.go(back)).status, 303, "callback");
    });
    await check(`${name}: consent refused`, async () => {
      const browser = createBrowser(worker);
      const done = await browser.go(await signIn(browser, createVisitor({ allow: false })));
      expect(done.status, 403, done.text);
      includes(done.text, "You are not signed in");
    });
    await check(`${name}: somebody else's redirect, a forged one, a code used twice`, async () => {
      const [victim, attacker] = [createBrowser(worker), createBrowser(worker)];
      const back = await signIn(attacker, createVisitor());
      expect((await victim.go(back)).status, 400, "a login that began elsewhere");
      expect(
        (await attacker.go(back.replace(/iss=[^&]+/, "iss=https%3A%2F%2Fevil.example"))).text.includes("redirect.iss"),
        true,
        "another issuer",
      );
      // The login's cookie is kept back, as an attacker would: the provider refuses the code.
      const kept = new Map(attacker.cookies);
      expect((await attacker.go(back)).status, 303, "the first time");
      for (const [name, value] of kept) attacker.cookies.set(name, value);
      const again = await attacker.go(back);
      expect(again.status, 400, again.text);
      includes(again.text, "invalid_grant");
    });
    await check(`${name}: an altered cookie, and one under another's name, are nobody's`, async () => {
      const browser = createBrowser(worker);
      await browser.go(await signIn(browser, createVisitor()));
      const session = browser.cookies.get("session");
      browser.cookies.set("session", `${session.slice(0, -2)}${session.endsWith("AA") ? "BB" : "AA"}`);
      includes((await browser.go("/")).text, "Sign in");
      const other = createBrowser(worker);
      await other.go("/login");
      const [[, transaction]] = other.cookies;
      browser.cookies.set("session", transaction);
      includes((await browser.go("/")).text, "Sign in");
      browser.cookies.set("session", session);
      includes((await browser.go("/")).text, "Hello, Mara");
    });
    await worker.close();
  }

  await check("the provider is down", async () => {
    const worker = await startWorker(folder, "index.js", { ...vars, ISSUER: "http://127.0.0.1:9" });
    const reply = await createBrowser(worker).go("/login");
    await worker.close();
    expect(reply.status, 502, reply.text);
    includes(reply.text, "http.failed");
  });
  await check("another path", async () => {
    const worker = await startWorker(folder, "index.js", vars);
    const reply = await createBrowser(worker).go("/nothing");
    await worker.close();
    expect(reply.status, 404, "status");
  });
  await op.close();
  return results;
}
