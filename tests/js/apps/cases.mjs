// The cases of docs/compare-sessions.md. Each drives the app of one library, and resolves to what it saw in a few words.
import { createServer } from "node:http";
import { listening } from "../../support/listening.mjs";

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** Waits for a value, and resolves to the last one. */
async function until(look, isGood, times = 100) {
  let found;
  for (let turn = 0; turn < times; turn++) {
    found = await Promise.resolve(look()).catch(() => {});
    if (isGood(found)) break;
    await pause(50);
  }
  return found;
}

const userOf = (tab) => tab.run(() => globalThis.app?.user());
const arrivedOf = (tab) => tab.run(() => globalThis.app?.arrived);
const token = (tab) => tab.run(() => globalThis.app.settled(globalThis.app.token()));
const popup = (tab) => tab.pressed(() => globalThis.app.settled(globalThis.app.signInPopup().then(() => "done")));
const skip = async (site, tabs, seconds) => {
  site.skipped += seconds;
  for (const tab of tabs)
    await tab.run((seconds) => {
      globalThis.app.skipped += seconds;
    }, seconds);
};

/** Signs in from a tab, and waits for the return. */
async function signIn(tab, hint, prompt) {
  await tab.run((hint, prompt) => void globalThis.app.signIn(hint, prompt).catch(() => {}), hint, prompt);
  const user = await until(
    () => userOf(tab),
    (user) => user === (hint ?? "alice"),
    600,
  );
  if (user !== (hint ?? "alice")) throw new Error(`the login gave ${user}`);
  return tab;
}

const opened = async (tab) => {
  const one = await tab();
  await arrivedOf(one);
  return one;
};
const signedIn = async (tab) => signIn(await opened(tab));
/** A tab beside another one. It waits for that one's answer as long as a busy machine needs. */
async function beside(tab) {
  const one = await tab("/blank");
  const origin = await one.run(() => {
    localStorage.setItem("patient", "true");
    return location.origin;
  });
  await one.goto(`${origin}/`);
  await arrivedOf(one);
  await one.run(() => localStorage.removeItem("patient"));
  return one;
}
/** Another tab with the same person. A library whose tabs share nothing signs in again there. */
async function another(tab) {
  const one = await beside(tab);
  if ((await userOf(one)) !== "alice") await signIn(one);
  return one;
}
const settled = ({ value, error, waits }) => (waits ? "waits" : error ? "an error" : value ? "a token" : "no token");
const shows = (user) => (user ? "signed in" : "signed out");
const hanging = (op, endpoint) =>
  op.change({ answer: (asked) => (asked === endpoint ? new Promise(() => {}) : undefined) });
const NO_POPUP = "not applicable, because its popup needs `response_mode=web_message`";
const hasPopup = (tab) => tab.run(() => Boolean(globalThis.app.signInPopup));

/** @type {[string, string, (context: any) => Promise<string>, object?][]} */
export const cases = [
  [
    "strict",
    "React StrictMode runs the effect that signs in twice",
    async ({ site, tab }) => {
      const one = await tab();
      await until(() => userOf(one), Boolean);
      await pause(1_000);
      const [logins, codes] = [site.count("authorize"), site.grants("authorization_code")];
      const times = (count, what) =>
        count > 3 ? `a loop of ${what}s` : count === 1 ? `1 ${what}` : `${count} ${what}s`;
      return `${times(logins, "login")}, ${times(codes, "code exchange")}, ${shows(await userOf(one))}`;
    },
    { isStrict: true },
  ],
  [
    "reload",
    "reload",
    async ({ site, tab }) => {
      const one = await signedIn(tab);
      const before = site.op.requests.length;
      await one.goto(`${site.origin}/`);
      await arrivedOf(one);
      const more = site.op.requests.slice(before).filter(({ endpoint }) => ["authorize", "token"].includes(endpoint));
      return `${shows(await userOf(one))}${more.length ? " by a new request" : ""}`;
    },
  ],
  [
    "newTab",
    "a new tab",
    async ({ tab }) => {
      await signedIn(tab);
      return shows(await userOf(await beside(tab)));
    },
  ],
  [
    "tabs",
    "8 tabs, 3 calls each, when the token expires",
    async ({ site, tab }) => {
      const tabs = [await signedIn(tab)];
      while (tabs.length < 8) tabs.push(await another(tab));
      const logins = site.grants("authorization_code");
      await skip(site, tabs, 301);
      const calls = await Promise.all(
        tabs.map((one) =>
          one.run(() => Promise.all([1, 2, 3].map(() => globalThis.app.settled(globalThis.app.token())))),
        ),
      );
      const refreshes = site.grants("refresh_token");
      const all = calls.flat().every(({ value }) => value) ? "every call gets a token" : "some calls fail";
      await skip(site, tabs, 301);
      const next = (await token(tabs[0])).value ? "the session continues" : "the provider ends the session";
      return `${logins > 1 ? `${logins} logins, ` : ""}${refreshes === 1 ? "1 refresh" : "several refreshes"}, ${all}, ${next}`;
    },
  ],
  [
    "killed",
    "a tab closes during its refresh, and two others need a token",
    async ({ site, tab }) => {
      const one = await signedIn(tab);
      const others = [await another(tab), await another(tab)];
      hanging(site.op, "token");
      await skip(site, [one, ...others], 301);
      await one.run(() => void globalThis.app.token().catch(() => {}));
      await until(() => site.grants("refresh_token") > 0, Boolean);
      await one.end();
      site.op.mend();
      const results = await Promise.all(others.map(token));
      const users = await Promise.all(others.map(userOf));
      return `${[...new Set(results.map(settled))].join(" or ")}; shown as ${[...new Set(users.map(shows))].join(" or ")}`;
    },
  ],
  [
    "duplicate",
    "a duplicated tab: both need a token when it expires",
    async ({ site, tab }) => {
      const one = await signedIn(tab);
      const kept = await one.run(() => ({ ...sessionStorage }));
      const two = await tab("/blank");
      await two.run((kept) => Object.assign(sessionStorage, kept), kept);
      await two.goto(`${site.origin}/`);
      await arrivedOf(two);
      await skip(site, [one, two], 301);
      const results = await Promise.all([one, two].map(token));
      await skip(site, [one, two], 301);
      const next = (await token(one)).value ? "the session continues" : "the provider ends the session";
      const refreshes = site.grants("refresh_token") - 1;
      return `${refreshes === 1 ? "1 refresh" : "2 refreshes"}, ${[...new Set(results.map(settled))].join(" or ")}, ${next}`;
    },
  ],
  [
    "signOut",
    "sign-out in another tab",
    async ({ tab }) => {
      const one = await signedIn(tab);
      const two = await another(tab);
      await two.run(() => {
        globalThis.app.changes = 0;
      });
      await one.run(() => globalThis.app.signOut());
      const told = await until(() => two.run(() => globalThis.app.changes > 0), Boolean);
      return `${told ? "the page is told" : "the page is not told"}, ${shows(await userOf(two))}, ${settled(await token(two))}`;
    },
  ],
  [
    "otherUser",
    "another person signs in in another tab",
    async ({ tab }) => {
      const one = await signedIn(tab);
      const two = await another(tab);
      await one.run(() => {
        globalThis.app.changes = 0;
      });
      await signIn(two, "bob", "login");
      const user = await until(
        () => userOf(one),
        (user) => user === "bob",
      );
      const told = await one.run(() => globalThis.app.changes > 0);
      return `${told ? "the page is told" : "the page is not told"}, shows ${user === "bob" ? "the new person" : "the old person"}`;
    },
  ],
  [
    "popup",
    "a popup",
    async ({ tab }) => {
      const one = await opened(tab);
      if (!(await hasPopup(one))) return NO_POPUP;
      await popup(one);
      return shows(await userOf(one));
    },
  ],
  [
    "popupClosed",
    "the person closes the popup",
    async ({ site, tab }) => {
      const one = await opened(tab);
      if (!(await hasPopup(one))) return NO_POPUP;
      hanging(site.op, "authorize");
      await one.pressed(() => {
        const { open } = globalThis;
        globalThis.open = (...given) => {
          globalThis.opened = open.apply(globalThis, given);
          return globalThis.opened;
        };
        globalThis.closing = globalThis.app.settled(globalThis.app.signInPopup());
      });
      await pause(1_000);
      await one.run(() => globalThis.opened?.close());
      return settled(await one.run(() => globalThis.closing));
    },
  ],
  [
    "popupBlocked",
    "the browser blocks the popup",
    async ({ tab }) => {
      const one = await opened(tab);
      if (!(await hasPopup(one))) return NO_POPUP;
      await one.run(() => {
        globalThis.open = () => null;
      });
      return settled(await popup(one));
    },
  ],
  [
    "popupCoop",
    "Cross-Origin-Opener-Policy cuts off the popup",
    async ({ tab }) => {
      const one = await opened(tab);
      if (!(await hasPopup(one))) return NO_POPUP;
      const result = await popup(one);
      return `${result.value ? "" : `${settled(result)}, `}${shows(await userOf(one))}`;
    },
    { headers: { "cross-origin-opener-policy": "same-origin" } },
  ],
  [
    "bookmark",
    "a bookmark of the redirect address",
    async ({ tab }) => {
      const one = await tab("/cb");
      const { error } = await arrivedOf(one);
      return `${error ? "an error" : "no error"}, ${shows(await userOf(one))}`;
    },
  ],
  [
    "forged",
    "a forged response, nobody signed in",
    async ({ tab }) => {
      const one = await tab("/cb?code=forged&state=forged");
      const { error } = await arrivedOf(one);
      return `${error ? "an error" : "no error"}, ${shows(await userOf(one))}`;
    },
  ],
  [
    "forgedLater",
    "a forged response, a person signed in",
    async ({ site, tab }) => {
      const one = await signedIn(tab);
      await one.goto(`${site.origin}/cb?code=forged&state=forged`);
      const { error } = await arrivedOf(one);
      return `${error ? "an error" : "no error"}, ${shows(await userOf(one))}`;
    },
  ],
  [
    "back",
    "the Back button to a used response",
    async ({ site, tab }) => {
      let answer = "";
      site.op.change({
        redirect: (parameters) => {
          answer = `${parameters}`;
        },
      });
      const one = await signedIn(tab);
      await one.goto(`${site.origin}/cb?${answer}`);
      const { error } = await arrivedOf(one);
      return `${error ? "an error" : "no error"}, ${shows(await userOf(one))}`;
    },
  ],
  [
    "offline",
    "offline when the token expires, then online",
    async ({ site, tab }) => {
      const one = await signedIn(tab);
      site.isOffline = true;
      await skip(site, [one], 301);
      const result = settled(await token(one));
      const user = shows(await userOf(one));
      site.isOffline = false;
      await one.run(() => void dispatchEvent(new Event("online")));
      return `${result}, ${user}; online: ${settled(await token(one))}`;
    },
  ],
  [
    "gone",
    "the page reloads before its refresh is answered",
    async ({ site, tab }) => {
      const one = await signedIn(tab);
      hanging(site.op, "token");
      await skip(site, [one], 301);
      await one.run(() => void globalThis.app.token().catch(() => {}));
      await until(() => site.grants("refresh_token") > 0, Boolean);
      await one.run(() => {
        Storage.prototype.setItem = () => {};
        Storage.prototype.removeItem = () => {};
      });
      site.op.mend();
      await one.goto(`${site.origin}/`);
      await arrivedOf(one);
      return `${settled(await token(one))}, ${shows(await userOf(one))}`;
    },
  ],
  [
    "restored",
    "a restored browser with a used refresh token",
    async ({ site, tab }) => {
      const one = await signedIn(tab);
      const old = await one.run(() => [{ ...sessionStorage }, { ...localStorage }]);
      await skip(site, [one], 301);
      await token(one);
      await one.end();
      site.skipped += 301;
      const two = await tab("/blank");
      await two.run((old) => {
        Object.assign(sessionStorage, old[0]);
        Object.assign(localStorage, old[1]);
      }, old);
      await two.goto(`${site.origin}/`);
      const { error } = await arrivedOf(two);
      const first = `${error ? "an error at the start" : "no error at the start"}, ${shows(await userOf(two))}`;
      return `${first}; then ${settled(await token(two))}, ${shows(await userOf(two))}`;
    },
  ],
  [
    "full",
    "storage that is full",
    async ({ site, tab }) => {
      const one = await tab();
      await arrivedOf(one);
      await one.run(() => globalThis.app.settled(globalThis.app.signIn(), 2_000));
      if (!site.count("authorize")) return "the page does not leave";
      await until(() => userOf(one), Boolean, 40);
      return `the page leaves, then ${shows(await userOf(one))}`;
    },
    { isFull: true },
  ],
  [
    "apis",
    "7 addresses beside the API, such as `/api/v1/../v2` or another host",
    async ({ site, tab }) => {
      const one = await signedIn(tab);
      if (!(await one.run(() => Boolean(globalThis.app.fetch))))
        return "not applicable, because it has no `fetch` of its own";
      const call = (address) =>
        one.run(
          (address) => globalThis.app.settled(globalThis.app.fetch(address).then(({ status }) => status)),
          address,
        );
      await call(`${site.origin}/api/v1/things`);
      if (!site.calls.some(Boolean)) throw new Error("the API got no token");
      const { port } = new URL(site.origin);
      const wrong = ["/api/v10", "/api/v1/../v2", "/api/v1/%2e%2e/v2", "/api/v1/..%2fv2", "/api/v1/..%255cv2"];
      let given = 0;
      for (const address of [
        ...wrong.map((path) => site.origin + path),
        `http://localhost:${port}/api/v1`,
        `http://localhost:${port}/api/v1.example`,
      ]) {
        site.calls.length = 0;
        await call(address);
        if (site.calls.some(Boolean)) given++;
      }
      return given ? `${given} of 7 get a token` : "none gets a token";
    },
  ],
  [
    "returnTo",
    "4 wrong addresses to return to, such as `//evil.example`",
    async ({ site, tab }) => {
      const one = await opened(tab);
      if (!(await one.run(() => Boolean(globalThis.app.signInTo))))
        return "not applicable, because the application returns by itself";
      let refused = 0;
      for (const address of ["//evil.example", "/\\evil.example", "/\t/evil.example", "https://evil.example"]) {
        const to = (address) => globalThis.app.settled(globalThis.app.signInTo(address), 2_000);
        if ((await one.run(to, address))?.error) refused++;
      }
      return `${refused} of 4 are refused${site.count("authorize") ? ", the page leaves" : ""}`;
    },
  ],
  [
    "frozen",
    "a frozen tab continues after another one refreshed",
    async ({ site, tab }) => {
      const one = await signedIn(tab);
      const two = await another(tab);
      const before = site.grants("authorization_code");
      const session = await two.page.createCDPSession();
      await session.send("Page.setWebLifecycleState", { state: "frozen" });
      await skip(site, [one], 301);
      await token(one);
      await session.send("Page.setWebLifecycleState", { state: "active" });
      await two.run(() => {
        globalThis.app.skipped += 301;
      });
      const result = settled(await token(two));
      const refreshes = site.grants("refresh_token");
      return `${result}, ${refreshes === 1 ? "1 refresh" : `${refreshes} refreshes`}${before > 1 ? " in two sessions" : ""}`;
    },
  ],
  [
    "down",
    "the provider is down at the start, then up",
    async ({ site, tab }) => {
      site.isOffline = true;
      const one = await opened(tab);
      await one.run(() => void globalThis.app.signIn().catch(() => {}));
      await pause(500);
      const { isThere, user } = await one
        .run(async () => ({
          isThere: Boolean(globalThis.app),
          user: await globalThis.app?.user(),
        }))
        .catch(() => ({ isThere: false, user: undefined }));
      site.isOffline = false;
      if (!isThere) return "the page leaves for an error page";
      await signIn(one);
      return `an error, ${shows(user)}; then signed in`;
    },
  ],
  [
    "attacker",
    "a page of another site opens and frames the app with a forged response",
    async ({ site, tab }) => {
      const one = await signedIn(tab);
      const server = createServer((_, response) =>
        response.writeHead(200, { "content-type": "text/html" }).end("<body>evil"),
      );
      const evil = await listening(server);
      try {
        const two = await tab("/blank");
        await two.goto(evil.origin.replace("127.0.0.1", "localhost"));
        const heard = await two.run(async (target) => {
          let count = 0;
          addEventListener("message", () => count++);
          for (const path of ["/", "/cb?code=evil&state=evil"]) {
            const frame = document.createElement("iframe");
            frame.src = target + path;
            document.body.append(frame);
            globalThis.open(target + path);
          }
          await new Promise((done) => setTimeout(done, 2_000));
          return count;
        }, site.origin);
        const sent = site.op.requests.some(({ body }) => body.includes("evil"));
        return `${heard ? "it gets messages" : "it reads nothing"}, ${sent ? "the forged code is sent" : "no forged code is sent"}, ${shows(await userOf(one))}`;
      } finally {
        await evil.close();
      }
    },
  ],
];
