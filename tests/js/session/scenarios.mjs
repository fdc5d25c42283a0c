import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from "jose";
import { listening } from "../../support/listening.mjs";
import { same } from "../lib.mjs";

export const scenarios = [];
const scenario = (title, options, body, only) => scenarios.push({ title, options, body, only });

const alice = { status: "signed_in", sub: "alice" };
const nobody = { status: "signed_out" };
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** Waits until a value is as expected, half a minute or longer. A failure shows the last value, or the error of the last look. */
async function until(what, look, expected, times = 600) {
  let last;
  for (let turn = 0; turn < times; turn++) {
    last = await Promise.resolve(look()).then(
      (found) => ({ found }),
      (error) => ({ error }),
    );
    if (!last.error && JSON.stringify(last.found) === JSON.stringify(expected)) return;
    await pause(50);
  }
  if (last.error) throw last.error;
  same(last.found, expected, what);
}

const stateNow = (tab) => tab.run(() => globalThis.app?.state());
const becomes = (tab, state) => until("state", () => stateNow(tab), state);
const token = (tab, options) =>
  tab.run((options) => globalThis.app.settled(globalThis.app.auth.getAccessToken(options)), options ?? {});
/** Moves this page's clock forward. */
const skip = (tab, seconds) =>
  tab.run((seconds) => {
    globalThis.app.skipped += seconds;
  }, seconds);

/** Signs in and waits for the return to the app. */
async function signIn(tab, params = {}) {
  await tab.run((params) => void globalThis.app.auth.signIn(params).catch(() => {}), params);
  await until("signed in", () => tab.run(() => globalThis.app?.auth.snapshot().status), "signed_in");
  return tab;
}

/** A router goes to a page, which asks who is signed in. */
const visit = (tab, path) =>
  tab.run((path) => {
    history.pushState(null, "", path);
    return globalThis.app.auth.user().then(() => {});
  }, path);

/** Leaves for the provider, and waits for the page after the return. */
async function leaveAndReturn(tab, leave) {
  await tab.run(() => {
    globalThis.app.hasLeft = true;
  });
  await leave();
  const isBack = () => {
    const { app } = /** @type {any} */ (globalThis);
    return Boolean(app && !app.hasLeft && app.auth.snapshot().status !== "loading");
  };
  await until("back", () => tab.run(isBack), true);
}

/** The name of a session's entry, and of its tabs' channel. */
const nameOf = (site) => `oidc-wasm ${site.config.issuer} app`;

/** A tab without a session that talks to the others by itself. */
async function talker(tab, name) {
  const one = await tab("/blank");
  await one.run((name) => {
    globalThis.channel = new BroadcastChannel(name);
    globalThis.told = [];
    globalThis.channel.onmessage = ({ data }) => globalThis.told.push(data);
  }, name);
  return {
    say: (message) => one.run((message) => globalThis.channel.postMessage({ v: 1, ...message }), message),
    heard: (type) => one.run((type) => globalThis.told.filter((message) => message.type === type), type),
  };
}

/** From now on, a new tab waits for the answers of its siblings as long as they need. */
const setPatient = (tab, isPatient) =>
  tab.run((isPatient) => {
    if (isPatient) localStorage.setItem("patient", "true");
    else localStorage.removeItem("patient");
  }, isPatient);

/** Two tabs of one session. */
async function pair(tab) {
  const one = await signIn(await tab());
  const two = await tab();
  await becomes(two, alice);
  return [one, two];
}

/** A browser restores a closed tab with what its sessionStorage had. In its clock, the token has expired. */
async function restored(old, tab, site) {
  const one = await tab("/blank");
  await one.run((old) => {
    for (const [name, text] of Object.entries(old))
      sessionStorage.setItem(name, text.replaceAll(/"expiresAt":\d+(\.\d+)?/g, '"expiresAt":1'));
  }, old);
  await one.goto(`${site.origin}/`);
  return one;
}

scenario("sign in, return to the same page, reload", {}, async ({ site, tab }) => {
  const one = await tab("/inside?x=1#part");
  same(await one.state(), nobody, "before");
  await signIn(one);
  same(await one.url(), `${site.origin}/inside?x=1#part`, "address");
  same(await stateNow(one), alice, "state");
  same(await one.events(), ["signed_in redirect"], "events");
  same(await one.run(() => globalThis.app.isSame), true, "one promise for two calls");
  same(site.grants(), ["authorization_code"], "one code, spent once");
  const login = await one.run(() =>
    globalThis.app.arrived.then(({ value }) => [value.claims.sub, value.returnTo, Boolean(value.tokens.access_token)]),
  );
  same(login, ["alice", "/inside?x=1#part", true], "login");
  const again = () => globalThis.app.auth.handleRedirect().then((login) => login?.claims.sub);
  same(await one.run(again), "alice", "a call after the return has the same login");
  same(await one.run(() => globalThis.app.pops), ["/cb", "/inside"], "what a router hears");
  same(await pending(one), 0, "no started login is left");
  await visit(one, "/next");
  same(await one.events(), ["signed_in redirect"], "a router's next page tells nothing new");
  await one.goto(`${site.origin}/inside`);
  same(await one.state(), alice, "after a reload");
  same(await one.events(), ["signed_in storage"], "events after a reload");
  same(site.grants().length, 1, "a reload sends no token request");
});

scenario("8 tabs, 3 callers each, at expiry: one refresh", {}, async ({ site, tab }) => {
  const first = await signIn(await tab());
  const tabs = [first];
  for (let count = 1; count < 8; count++) {
    const one = await tab();
    await becomes(one, alice);
    tabs.push(one);
  }
  for (const one of tabs) await skip(one, 301);
  const answers = await Promise.all(
    tabs.map((one) =>
      one.run(() => Promise.all([1, 2, 3].map(() => globalThis.app.settled(globalThis.app.auth.getAccessToken())))),
    ),
  );
  same(new Set(answers.flat().map(({ value, error }) => value ?? error)).size, 1, "one token");
  same(answers[0][0].error, undefined, "no error");
  same(site.refreshes(), 1, "refreshes");
});

scenario("a new tab asks its siblings; signing out in one ends all", {}, async ({ tab }) => {
  const one = await signIn(await tab());
  await setPatient(one, true);
  const two = await tab();
  same([await two.state(), await two.events()], [alice, ["signed_in tab"]], "events");
  await setPatient(one, false);
  await one.run(() => globalThis.app.auth.signOut({ local: true }));
  same(await stateNow(one), nobody, "here");
  await becomes(two, nobody);
  same((await two.events()).at(-1), "signed_out tab", "event");
  same(await token(two), { error: "session.none" }, "no token any more");
  const three = await tab();
  same(await three.state(), nobody, "a new tab");
});

for (const [why, state, event] of /** @type {const} */ ([
  ["signed_out", nobody, "signed_out tab"],
  ["expired", { ...nobody, problem: "session.expired", recoverable: false }, "expired tab"],
]))
  scenario(`another tab tells that a session is over: ${why}`, {}, async ({ site, tab }) => {
    const one = await signIn(await tab());
    const two = await talker(tab, nameOf(site));
    const id = await one.run((name) => JSON.parse(sessionStorage.getItem(name)).id, nameOf(site));
    /** What the tab answers to one that still has this session. */
    const answers = async (id, expected) => {
      await two.say({ type: "who", mine: { id, since: 0, turn: 0 } });
      await until("told", () => two.heard("over"), expected);
    };
    const another = { v: 1, type: "over", id: "another", why };
    await two.say(another);
    await answers("another", [another]);
    same(await stateNow(one), alice, "another session is over");
    await two.say({ type: "over", id, why });
    await becomes(one, state);
    same((await one.events()).at(-1), event, "event");
    await answers(id, [another, { v: 1, type: "over", id, why }]);
  });

for (const [what, change, state, event, answer] of /** @type {const} */ ([
  ["that still has its entry", () => {}, alice, "signed_in redirect", undefined],
  [
    "whose entry another page has removed",
    (name) => sessionStorage.removeItem(name),
    nobody,
    "signed_out tab",
    "signed_out",
  ],
  [
    "whose entry another page has renewed",
    (name) =>
      sessionStorage.setItem(name, sessionStorage.getItem(name).replace(/"turn":0(.*"token":)"/, '"turn":1$1"newer ')),
    alice,
    "refreshed tab",
    undefined,
  ],
]))
  scenario(`a page that the browser has kept, ${what}`, {}, async ({ site, tab }) => {
    const one = await signIn(await tab());
    const old = (await token(one)).value;
    const two = await talker(tab, nameOf(site));
    const id = await one.run((name) => JSON.parse(sessionStorage.getItem(name)).id, nameOf(site));
    await one.run(change, nameOf(site));
    await one.run(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
    // A session that stands, or is renewed, is asked about.
    if (!answer) await until("the question", async () => (await two.heard("who")).length, 1);
    await becomes(one, state);
    await until("event", async () => (await one.events()).at(-1), event);
    if (event === "refreshed tab") same(await token(one), { value: `newer ${old}` }, "token");
    await two.say({ type: "who", mine: { id, since: 0, turn: -1 } });
    await until("told", async () => (await two.heard("over")).map(({ why }) => why), answer ? [answer] : []);
  });

scenario(
  "a page that the browser has kept finds its storage empty, and bob signs in before the answer: he stays signed in",
  { auth: { storage: "slow" } },
  async ({ site, tab }) => {
    const one = await signIn(await tab());
    await one.run((name) => {
      sessionStorage.removeItem(name);
      // It reads at once, and answers late.
      globalThis.app.config.storage.get = async (key) => {
        const text = sessionStorage.getItem(key);
        await new Promise((done) => setTimeout(done, 4_000));
        return text;
      };
      dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
    }, nameOf(site));
    same(await inPopup(one, { loginHint: "bob", prompt: "login" }), { value: "bob" }, "the login");
    await pause(4_500);
    const bob = { status: "signed_in", sub: "bob" };
    same([await stateNow(one), await reload(one, site)], [bob, bob], "now, and after a reload");
  },
);

scenario("a page that the browser has kept signs out again", {}, async ({ tab }) => {
  const one = await signIn(await tab());
  await one.run(() => {
    const { app } = /** @type {any} */ (globalThis);
    app.left = 0;
    app.auth.close();
    app.auth = app.begin({
      ...app.config,
      host: {
        navigate: () => {
          app.left++;
        },
      },
    });
  });
  const signOut = () => one.run(() => void globalThis.app.auth.signOut().catch(() => {}));
  const left = () => one.run(() => globalThis.app.left);
  await signOut();
  await until("left", left, 1);
  await one.run(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
  await signOut();
  await until("left again", left, 2);
});

scenario("a listener that throws is reported, and the next one is called", {}, async ({ tab }) => {
  const one = await tab();
  same(await one.state(), nobody, "before");
  const heard = await one.run(async () => {
    const { auth } = globalThis.app;
    const [reported, types] = [[], []];
    globalThis.reportError = ({ message }) => reported.push(message);
    auth.subscribe(() => {
      throw new Error("planted");
    });
    auth.subscribe(({ type }) => types.push(type));
    await auth.signOut({ local: true });
    return [reported, types];
  });
  same(heard, [["planted"], ["signed_out"]], "reported, and heard");
});

scenario("a listener that an earlier one removes is not called, as at an EventTarget", {}, async ({ tab }) => {
  for (const [how, expected] of /** @type {const} */ ([
    ["none", "first second third"],
    ["second", "first third"],
    ["first", "first second third"],
    ["close", "first"],
    ["adds", "first second third"],
  ])) {
    const one = await tab();
    same(await one.state(), nobody, "before");
    const heard = await one.run(async (how) => {
      const { auth } = globalThis.app;
      const heard = [];
      /** @type {Record<string, () => void>} */
      const ends = { close: () => auth.close(), adds: () => auth.subscribe(() => heard.push("added")), none() {} };
      ends.first = auth.subscribe(() => {
        heard.push("first");
        ends[how]();
      });
      ends.second = auth.subscribe(() => heard.push("second"));
      auth.subscribe(() => heard.push("third"));
      await auth.signOut({ local: true }).catch(() => {});
      return heard.join(" ");
    }, how);
    same(heard, expected, how);
  }
});

scenario(
  "Symbol.dispose closes",
  {},
  async ({ tab }) => {
    const one = await tab();
    same(await one.state(), nobody, "before");
    const isNext = await one.run(() => {
      const { app } = /** @type {any} */ (globalThis);
      app.auth[Symbol.dispose]();
      return app.createAuth(app.config) !== app.auth;
    });
    same(isNext, true, "the next call creates another manager");
  },
  ["chromium"],
);

for (const [when, later, params, prompt] of /** @type {const} */ ([
  ["at once", 0, {}, "login"],
  ["at once, with a prompt", 0, { prompt: "consent" }, "consent"],
  ["11 seconds later", 11_000, {}, null],
]))
  scenario(`a login after a sign-out in another tab, ${when}`, {}, async ({ op, tab }) => {
    const [one, two] = await pair(tab);
    // Only the test moves this tab's clock.
    await two.run(() => {
      const time = performance.now();
      globalThis.later = 0;
      performance.now = () => time + globalThis.later;
    });
    await signOutHere(one);
    await becomes(two, nobody);
    await two.run((later) => {
      globalThis.later = later;
    }, later);
    await signIn(two, params);
    const { url } = op.requests.findLast(({ endpoint }) => endpoint === "authorize");
    same(new URL(url).searchParams.get("prompt"), prompt, "prompt");
  });

scenario("a tab killed during its refresh: every tab ends its session once", {}, async ({ op, tab, site }) => {
  const one = await signIn(await tab());
  const [two, three] = [await tab(), await tab()];
  for (const other of [two, three]) await becomes(other, alice);
  // The provider finishes the refresh, but its response never arrives.
  const { asked } = hold(op, "token");
  await skip(one, 301);
  await one.run(() => void globalThis.app.auth.getAccessToken().catch(() => {}));
  await asked();
  same(site.refreshes(), 1, "refreshes");
  await one.end();
  op.mend();
  for (const other of [two, three]) await skip(other, 301);
  const answers = await Promise.all([token(two), token(three)]);
  same(answers, [{ error: "session.expired" }, { error: "session.expired" }], "answers");
  for (const other of [two, three]) {
    await becomes(other, { ...nobody, problem: "session.expired", recoverable: false });
    same((await other.events()).filter((event) => event.startsWith("expired")).length, 1, "expired once");
  }
});

scenario("a duplicated tab shares the session", {}, async ({ site, tab }) => {
  const one = await signIn(await tab());
  const two = await duplicate(one, tab, site);
  for (const each of [one, two]) await skip(each, 301);
  const [left, right] = await Promise.all([token(one), token(two)]);
  same(left, right, "tokens");
  same(site.refreshes(), 1, "refreshes");
});

/** A browser duplicates a tab: the same address and the same sessionStorage. */
async function duplicate(one, tab, site, path = "/") {
  const kept = await one.run(() => ({ ...sessionStorage }));
  const two = await tab("/blank");
  await two.run((kept) => Object.assign(sessionStorage, kept), kept);
  await two.goto(`${site.origin}${path}`);
  return two;
}

scenario(
  "a restored browser with a spent refresh token is signed out, without a problem",
  {},
  async ({ site, tab }) => {
    const one = await signIn(await tab());
    const old = await one.run(() => ({ ...sessionStorage }));
    await skip(one, 301);
    await token(one);
    await one.end();
    const two = await restored(old, tab, site);
    same(await two.state(), nobody, "state");
    same(await two.events(), ["signed_out provider"], "events");
  },
);

scenario("a restored tab takes the newer tokens of its siblings", {}, async ({ site, tab }) => {
  const one = await signIn(await tab());
  const old = await one.run(() => ({ ...sessionStorage }));
  await skip(one, 301);
  const newest = await token(one);
  await setPatient(one, true);
  const two = await restored({ skipped: "301", ...old }, tab, site);
  same(await two.state(), alice, "state");
  same(await token(two), newest, "token");
  same(site.refreshes(), 1, "refreshes");
});

scenario("another person signs in in another tab: followed", {}, async ({ tab }) => {
  const [one, two] = await pair(tab);
  await signIn(two, { loginHint: "bob", prompt: "login" });
  await becomes(two, { status: "signed_in", sub: "bob" });
  await becomes(one, { status: "signed_in", sub: "bob" });
  same((await one.events()).at(-1), "user_changed", "event");
});

for (const [storage, after] of /** @type {const} */ ([
  ["session", nobody],
  ["indexeddb", { status: "signed_in", sub: "bob" }],
]))
  scenario(
    `another person signs in in another tab: this one ends, ${storage}`,
    { auth: { otherUser: "end", storage } },
    async ({ site, tab }) => {
      const [one, two] = await pair(tab);
      await signIn(two, { loginHint: "bob", prompt: "login" });
      await becomes(one, nobody);
      same((await one.events()).at(-1), "signed_out tab", "event");
      await skip(two, 301);
      same((await token(two)).error, undefined, "the other session stands");
      await pause(300);
      same(await stateNow(one), nobody, "and gets no further event");
      await two.end();
      same(await reload(one, site), after, "a reload reads the store");
    },
  );

scenario("Back button, bookmark and forged address", {}, async ({ site, op, tab }) => {
  const one = await tab("/cb");
  same(await one.state(), nobody, "a bookmark without a response");
  await one.goto(`${site.origin}/cb?code=forged&state=forged`);
  same(await one.run(() => globalThis.app.arrived), { error: "transaction.missing" }, "forged response, signed out");
  same(await stateNow(one), { ...nobody, problem: "transaction.missing", recoverable: false }, "state");
  same(await one.url(), `${site.origin}/cb`, "the response is removed from the URL");
  await signIn(one, { returnTo: "/inside" });
  same(await one.url(), `${site.origin}/inside`, "back");
  await one.goto(`${site.origin}/cb?code=forged&state=forged`);
  same(await one.run(() => globalThis.app.arrived), { value: null }, "forged response, signed in");
  same([await stateNow(one), await one.events()], [alice, ["signed_in storage"]], "state, and events");
  same(op.requests.filter(({ body }) => body.includes("forged")).length, 0, "no forged code is sent");
});

scenario("the Back button after a login, and after a sign-out", {}, async ({ site, tab, browser }) => {
  const one = await tab("/first");
  same(await one.state(), nobody, "before");
  await signIn(one, { returnTo: "/inside" });
  /** The page is the browser's copy, or it loads again. */
  const isAt = async (path, state, event) => {
    await until("address", () => one.url(), site.origin + path);
    if (browser.keepsPages) same(await one.run(() => globalThis.app.isKept), true, "the page is kept");
    await becomes(one, state);
    if (event) same((await one.events()).at(-1), event, "event");
  };
  await one.back();
  await isAt("/first", alice, "signed_in storage");
  same([(await token(one)).error, site.grants()], [undefined, ["authorization_code"]], "the token is not renewed");
  await one.forward();
  await isAt("/inside", alice);
  await one.goto(`${site.origin}/second`);
  same(await one.state(), alice, "another page");
  await one.run(() => globalThis.app.auth.signOut({ local: true }));
  for (const path of ["/inside", "/first"]) {
    await one.back();
    await isAt(path, nobody, browser.keepsPages ? "signed_out tab" : "signed_out here");
    same(await token(one), { error: "session.none" }, "no token");
  }
  same(site.refreshes(), 0, "no token is renewed");
  await signIn(one);
  same(await one.url(), `${site.origin}/first`, "signed in again");
});

scenario("the Back button from the provider's page, and from the app after it", { isReal: true }, async (context) => {
  const { site, tab, browser } = context;
  const one = await tab("/first");
  same(await one.state(), nobody, "before");
  // Puppeteer does not see that a kept page is shown.
  const address = () => one.run(() => location.href);
  const isAtProvider = () =>
    until("at the provider", async () => (await address()).startsWith(site.config.issuer), true);
  const leave = async () => {
    await one.run(() => void globalThis.app.auth.signIn({ returnTo: "/inside" }).catch(() => {}));
    await isAtProvider();
    await until("the provider's page", () => one.run(() => document.querySelectorAll("button").length > 0), true);
  };
  await leave();
  await one.back();
  await becomes(one, nobody);
  if (browser.keepsPages) same(await one.run(() => globalThis.app.isKept), true, "the page is kept");
  await leave();
  await one.back();
  await becomes(one, nobody);
  await signInThere(one, { returnTo: "/inside" });
  same([await address(), site.grants()], [`${site.origin}/inside`, ["authorization_code"]], "signed in");
  await one.back();
  await until("left", async () => (await address()) !== `${site.origin}/inside`, true);
  // Some browsers keep no entry of a page that a script has left.
  if ((await address()).startsWith(site.origin)) await becomes(one, mara);
  await one.forward();
  await becomes(one, mara);
  same([await address(), site.grants()], [`${site.origin}/inside`, ["authorization_code"]], "one code, spent once");
});

// A silent login may end with the second error. One that the person has started fails.
for (const [auth, error] of /** @type {const} */ ([
  [{}, "access_denied"],
  [{}, "login_required"],
  [{ worker: "Worker" }, "access_denied"],
]))
  scenario(`a login is refused, ${JSON.stringify(auth)}: ${error}`, { auth }, async ({ op, tab }) => {
    op.change({
      redirect: (parameters) => {
        parameters.delete("code");
        parameters.set("error", error);
        parameters.set("error_description", "no | seat");
      },
    });
    const one = await tab();
    await one.run(() => void globalThis.app.auth.signIn().catch(() => {}));
    await until("arrived", () => one.run(() => globalThis.app?.arrived), { error: `redirect.oauth_error ${error}` });
    same(await stateNow(one), { ...nobody, problem: "redirect.oauth_error", recoverable: false }, "state");
    const told = await one.run(() => {
      const { message, spec, error_description } = globalThis.app.auth.snapshot().problem;
      return [/\(.*\)$/.exec(message)?.[0], spec, error_description];
    });
    const facts = `(error: ${error}; error_description: no | seat)`;
    same(told, [facts, "RFC 6749 §4.1.2.1", "no | seat"], "what the provider says");
  });

scenario("offline at expiry, and back", {}, async ({ tab, site }) => {
  const one = await signIn(await tab());
  site.isOffline = true;
  await skip(one, 301);
  same(await token(one), { error: "http.failed" }, "no token");
  same(await stateNow(one), { ...alice, problem: "http.failed", recoverable: true }, "the session remains");
  site.isOffline = false;
  await one.run(() => void dispatchEvent(new Event("online")));
  await becomes(one, alice);
  same(site.refreshes(), 1, "renewed when online");
});

scenario("the provider is down at the start", {}, async ({ site, tab }) => {
  site.isOffline = true;
  const one = await tab();
  same(await one.state(), nobody, "state");
  same(await one.run(() => globalThis.app.settled(globalThis.app.auth.signIn())), { error: "http.failed" }, "signIn");
  same(await stateNow(one), { ...nobody, problem: "http.failed", recoverable: false }, "state afterwards");
  site.isOffline = false;
  await signIn(one);
  same(await stateNow(one), alice, "later");
});

scenario("a page that closes before its refresh completes", {}, async ({ site, op, tab }) => {
  const one = await signIn(await tab());
  const { asked } = hold(op, "token");
  await skip(one, 301);
  await one.run(() => void globalThis.app.auth.getAccessToken().catch(() => {}));
  await asked();
  same(site.refreshes(), 1, "refreshes");
  op.mend();
  await one.run(() => {
    for (const [name, text] of Object.entries({ ...sessionStorage }))
      sessionStorage.setItem(name, text.replaceAll(/"expiresAt":\d+(\.\d+)?/g, '"expiresAt":1'));
    // WebKit may reject the request before the page is gone. A page that is gone stores nothing.
    Storage.prototype.setItem = () => {};
    Storage.prototype.removeItem = () => {};
  });
  await one.goto(`${site.origin}/`);
  same(await one.state(), nobody, "state");
});

for (const auth of [{}, { worker: "Worker" }, { worker: "SharedWorker" }])
  scenario(
    `a visible page renews on time, ${JSON.stringify(auth)}`,
    { auth, provider: { accessTokenSeconds: 4 } },
    async ({ site, tab }) => {
      const one = await signIn(await tab());
      await until("renewed", () => site.refreshes() >= 1, true);
      await until("event", async () => (await one.events())[1], "refreshed here");
    },
  );

scenario(
  "a renewal that fails early: the token serves until its end, and the next try waits",
  {},
  async ({ site, tab }) => {
    const one = await signIn(await tab());
    const before = await token(one);
    site.isOffline = true;
    await skip(one, 245);
    await one.run(() => {
      const { setTimeout } = globalThis;
      globalThis.waits = [];
      globalThis.setTimeout = /** @type {any} */ (
        (work, milliseconds) => {
          globalThis.waits.push(milliseconds);
          return setTimeout(work, milliseconds);
        }
      );
      dispatchEvent(new Event("online"));
    });
    await becomes(one, { ...alice, problem: "http.failed", recoverable: true });
    await until(
      "15 seconds",
      () => one.run(() => globalThis.waits.some((wait) => wait > 14_000 && wait <= 15_000)),
      true,
    );
    same([await token(one), await one.events()], [before, ["signed_in redirect", "problem"]], "one failure");
    site.isOffline = false;
    await skip(one, 16);
    same(await token(one, { minValidity: 60 }).then(({ value }) => value === before.value), false, "later");
  },
);

scenario("a token whose life is 0 seconds counts as one without expiry", {}, async ({ site, op, tab }) => {
  op.change({ tokens: (body) => Object.assign(body, { expires_in: 0 }) });
  const one = await signIn(await tab());
  await pause(1_000);
  same([(await token(one)).error, site.refreshes(), await stateNow(one)], [undefined, 0, alice], "no renewal");
  same(await one.run(() => "expiresAt" in globalThis.app.auth.snapshot()), false, "its expiry is unknown");
});

scenario("the clock is set back, and another person signs in: all tabs follow", {}, async ({ site, tab }) => {
  const [one, two] = await pair(tab);
  await two.run(() => sessionStorage.setItem("set back", "30000"));
  await two.goto(`${site.origin}/`);
  await becomes(two, alice);
  await two.run(() => void globalThis.app.auth.signIn({ loginHint: "bob", prompt: "login" }).catch(() => {}));
  const bob = { status: "signed_in", sub: "bob" };
  for (const each of [two, one]) await becomes(each, bob);
  await two.goto(`${site.origin}/`);
  same(await two.state(), bob, "after a reload");
});

scenario("a clock that changes", {}, async ({ site, tab }) => {
  const one = await signIn(await tab());
  const before = await token(one);
  await skip(one, -86_400);
  const after = await token(one);
  same(
    [after.error, after.value === before.value, site.refreshes()],
    [undefined, false, 1],
    "set back: the token's age is unknown",
  );
  await skip(one, 2 * 86_400);
  same([(await token(one)).error, site.refreshes()], [undefined, 2], "set forward");
});

scenario("a storage that throws", { auth: { storage: "refused" } }, async ({ tab }) => {
  const one = await tab();
  same(
    await one.run(() => globalThis.app.settled(globalThis.app.auth.signIn())),
    { error: "session.storage" },
    "the page does not leave",
  );
});

const withApi = (site) => ({ apis: { [`${site.origin}/api/v1`]: {} } });

scenario("tokens go only to the APIs", { auth: withApi }, async ({ site, tab }) => {
  const one = await signIn(await tab());
  const call = (address, init) =>
    one.run(
      (address, init) => globalThis.app.settled(globalThis.app.auth.fetch(address, init).then(({ status }) => status)),
      address,
      init ?? {},
    );
  const { port } = new URL(site.origin);
  const good = ["/api/v1", "/api/v1/", "/api/v1/things?x=../../..", "/api/v2/../v1/things", "/api/%76%31/things"];
  const bad = [
    "/api/v10",
    "/api",
    "/api/v2",
    "/api/v1/../v2",
    "/api/v1/%2e%2e/v2",
    "/api/v1/.%2E/v2",
    "/api/v1/%252e%252e/v2",
    "/api/v1/..%2fv2",
    "/api/v1/..%5cv2",
    "/api/v1/..%255cv2",
    "/api%2fv1/things",
    `http://127.0.0.1.nip.example:${port}/api/v1`,
    `http://localhost:${port}/api/v1`,
  ];
  for (const address of [...good, ...bad]) {
    site.api.calls.length = 0;
    await call(address);
    const given = site.api.calls.some(({ authorization }) => authorization?.startsWith("Bearer access_"));
    same(given, good.includes(address), address);
  }
  await call("/api/v1", { headers: { authorization: "Basic eA==" } });
  same(site.api.calls.at(-1).authorization, "Basic eA==", "the caller's own header stays");
  site.api.refuse = ({ url }) => (url === "/api/v1" ? { status: 302, headers: { location: "/api/v2" } } : undefined);
  site.api.calls.length = 0;
  same((await call("/api/v1")).value, undefined, "a redirect is an error");
  same(
    site.api.calls.map(({ path }) => path),
    ["/api/v1"],
    "and is not followed",
  );
});

scenario(
  "without apis: the origins of the resources, and the longest resource wins",
  { auth: ({ origin }) => ({ resource: [`${origin}/api/orders`, `${origin}/api/stock`, "urn:example:other"] }) },
  async ({ site, tab }) => {
    const one = await signIn(await tab());
    for (const [path, resource] of [
      ["/api/orders/1", "/api/orders"],
      ["/api/stock/1", "/api/stock"],
      ["/api/stocks", "/api/orders"],
      ["/api", "/api/orders"],
    ]) {
      await one.run((path) => globalThis.app.auth.fetch(path).then(({ status }) => status), path);
      const [, claims] = site.api.calls.at(-1).authorization.split(".");
      same(JSON.parse(Buffer.from(claims, "base64url").toString()).aud, site.origin + resource, path);
    }
    const other = `${site.origin.replace("127.0.0.1", "localhost")}/api`;
    await one.run((other) => globalThis.app.settled(globalThis.app.auth.fetch(other)), other);
    same(site.api.calls.at(-1).authorization, undefined, "another origin");
  },
);

scenario(
  "an API that rejects each token of a silent redirect: the page does not leave again",
  { auth: (site) => ({ ...withApi(site), renew: "redirect" }) },
  async ({ site, op, tab }) => {
    const one = await signIn(await tab("/inside"));
    site.api.refuse = () => ({ status: 401, headers: { "www-authenticate": 'Bearer error="invalid_token"' } });
    const call = () =>
      one.run(() => globalThis.app.settled(globalThis.app.auth.fetch("/api/v1").then((it) => it.status)));
    same([await call(), site.grants().length], [{ value: 401 }, 1], "a new token");
    await skip(one, 61);
    await leaveAndReturn(one, () => one.run(() => void globalThis.app.auth.fetch("/api/v1").catch(() => {})));
    same([await stateNow(one), site.grants().length], [alice, 2], "an older token is renewed");
    same(await call(), { value: 401 }, "rejected again");
    same([await one.url(), count(op, "authorize")], [`${site.origin}/inside`, 2], "the page stays");
  },
);

scenario(
  "React, an API that rejects each token, without a refresh token: the page does not leave again",
  { script: "react", auth: withApi },
  async ({ site, op, tab }) => {
    op.change({ tokens: (body) => delete body.refresh_token });
    const one = await tab("/inside");
    await until("shown", () => shown(one), "Hello, alice");
    const call = () =>
      one.run(() => globalThis.app.settled(globalThis.app.auth.fetch("/api/v1").then((it) => it.status)));
    site.api.refuse = () => ({ status: 401 });
    same([await call(), await stateNow(one)], [{ value: 401 }, alice], "a new token");
    await skip(one, 61);
    // An older token ends the session. The page may leave before the call has ended.
    await one.run(() => void globalThis.app.auth.fetch("/api/v1").catch(() => {}));
    await until("the second login", () => site.grants(), ["authorization_code", "authorization_code"]);
    await until("shown again", () => shown(one), "Hello, alice");
    same(await call(), { value: 401 }, "rejected again");
  },
);

scenario("an API that rejects a token: one renewal, one retry", { auth: withApi }, async ({ site, tab }) => {
  const one = await signIn(await tab());
  const first = (await token(one)).value;
  const call = () =>
    one.run(() =>
      globalThis.app.settled(
        globalThis.app.auth.fetch("/api/v1", { method: "POST", body: "the body" }).then(({ status }) => status),
      ),
    );
  const refusing = (challenge) => (_, authorization) =>
    authorization === `Bearer ${first}` ? { status: 401, headers: { "www-authenticate": challenge } } : undefined;
  site.api.refuse = refusing('Bearer error="insufficient_scope"');
  same(await call(), { value: 401 }, "another error is the caller's");
  same(site.refreshes(), 0, "no renewal");
  site.api.refuse = refusing('Bearer error="invalid_token"');
  same(await call(), { value: 200 }, "invalid_token");
  same(site.refreshes(), 1, "one renewal");
  same(site.api.calls.at(-1).body, "the body", "the body is sent again");
  site.api.refuse = () => ({ status: 401, headers: { "www-authenticate": 'Bearer error="invalid_token"' } });
  site.api.calls.length = 0;
  same(await call(), { value: 401 }, "rejected again");
  same([site.refreshes(), site.api.calls.length], [2, 2], "one retry");
});

scenario(
  "without navigator.locks: a lease, which ends with a killed tab",
  { auth: { before: "noLocks" } },
  async ({ site, tab, op }) => {
    const one = await signIn(await tab());
    const tabs = [await tab(), await tab(), await tab()];
    for (const other of tabs) await becomes(other, alice);
    op.change({ answer: (endpoint) => (endpoint === "token" ? pause(700) : undefined) });
    for (const each of [one, ...tabs]) await skip(each, 301);
    // All claim at the same moment, before they receive another's claim.
    const begin = Date.now() + 1_000;
    const answers = await Promise.all(
      [one, ...tabs].map((each) =>
        each.run(async (begin) => {
          while (Date.now() < begin) await new Promise((done) => setTimeout(done, begin - Date.now()));
          return globalThis.app.settled(globalThis.app.auth.getAccessToken());
        }, begin),
      ),
    );
    same(new Set(answers.map(({ value, error }) => error ?? value)).size, 1, "one token");
    same(site.refreshes(), 1, "refreshes");
    op.mend();
    const { asked } = hold(op, "token");
    await skip(one, 301);
    await one.run(() => void globalThis.app.auth.getAccessToken().catch(() => {}));
    await asked();
    same(site.refreshes(), 2, "refreshes");
    await one.end();
    op.mend();
    await skip(tabs[0], 301);
    same(await token(tabs[0]), { error: "session.expired" }, "the lease is free again");
  },
);

scenario("returnTo stays on this origin", {}, async ({ site, tab }) => {
  const one = await tab();
  for (const returnTo of [
    "//evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "/.//evil.example",
    "/cb",
    "/cb?x",
    "/cb#",
    "/cb#state=of&code=another",
    `/${"x".repeat(1024)}`,
    "https://[",
    5,
  ]) {
    const refused = await one.run(
      (returnTo) => globalThis.app.settled(globalThis.app.auth.signIn({ returnTo })),
      returnTo,
    );
    same(refused, { error: "argument.returnTo" }, JSON.stringify(returnTo));
  }
  for (const [returnTo, path = returnTo] of [["/a/../b?c#d", "/b?c#d"], [`/${"x".repeat(1023)}`]]) {
    await leaveAndReturn(one, () =>
      one.run((returnTo) => void globalThis.app.auth.signIn({ returnTo }).catch(() => {}), returnTo),
    );
    same(await one.url(), site.origin + path, "the neighbour");
  }
});

scenario("a response at another address than redirectUri", {}, async ({ site, tab }) => {
  site.addsSlash = true;
  const one = await tab();
  await one.run(() => void globalThis.app.auth.signIn().catch(() => {}));
  await until("back", async () => new URL(await one.url()).pathname, "/cb/");
  await becomes(one, nobody);
  const again = await one.run(() =>
    globalThis.app.auth.signIn().then(
      () => {},
      ({ code, expected }) => [code, expected],
    ),
  );
  const expected = `the address to which the provider returned: ${site.origin}/cb/`;
  same(again, ["argument.redirectUri", expected], "no second login, and so no loop");
  site.addsSlash = false;
  await one.goto(`${site.origin}/cb/?state=of%20the%20application`);
  await signIn(one);
  same(await one.url(), `${site.origin}/cb/?state=of%20the%20application`, "the neighbour: a state of the application");
});

scenario("a parameter of the application at the redirect URI", {}, async ({ site, tab }) => {
  const one = await tab("/cb?state=open&page=2");
  same([await one.state(), await one.url()], [nobody, `${site.origin}/cb?state=open&page=2`], "a state, signed out");
  await signIn(one, { returnTo: "/inside" });
  await one.goto(`${site.origin}/cb?state=open&page=2`);
  same([await one.state(), await one.url()], [alice, `${site.origin}/cb?state=open&page=2`], "a state, signed in");
  await one.goto(`${site.origin}/cb?state=open&error=access_denied`);
  same([await one.state(), await one.url()], [alice, `${site.origin}/cb`], "the neighbour: a response");
});

scenario("a hash router at the redirect URI, and an application in a folder", {}, async ({ site, tab }) => {
  const one = await tab("/blank");
  for (const [redirectUri, path, returned] of [
    ["/", "/?x=1#/orders/5", "/?x=1#/orders/5"],
    ["/", "/#code=of&state=another", "/"],
    ["/app/cb", "/app/cb", "/app/"],
    ["/app/cb", "/app/orders", "/app/orders"],
  ]) {
    await one.run((uri) => sessionStorage.setItem("redirectUri", uri), site.origin + redirectUri);
    await one.goto(`${site.origin}${path}`);
    await one.state();
    await leaveAndReturn(one, () => one.run(() => void globalThis.app.auth.signIn().catch(() => {})));
    same([await one.state(), await one.url()], [alice, site.origin + returned], path);
    const heard = returned.includes("#") ? ["#/orders/5"] : [];
    same(await one.run(() => globalThis.app.hashes), heard, "the router's event");
    await one.run(() => globalThis.app.auth.signOut({ local: true }));
    await one.goto(`${site.origin}/blank`);
  }
});

for (const [path, base] of [["//inside?x#y"], ["/inside", "https://static.example/app/"]])
  scenario(`a page at ${path}${base ? ", with a <base> of another origin" : ""}`, {}, async ({ site, tab }) => {
    const one = await tab(path);
    if (base) await one.run((base) => sessionStorage.setItem("base", base), base);
    await signIn(one);
    same([await one.state(), await one.url()], [alice, site.origin + path], "after the return");
    const visited = () => globalThis.app.arrived.then(({ value }) => new URL(value.returnTo, location.origin).href);
    same(await one.run(visited), site.origin + path, "returnTo names the same page");
  });

scenario("a router that leaves the redirect URI at once", {}, async ({ site, op, tab }) => {
  const one = await tab("/inside");
  same(await one.state(), nobody, "before");
  await one.run(() => sessionStorage.setItem("routed", "/home"));
  const { asked, release } = hold(op, "token");
  await one.run(() => void globalThis.app.auth.signIn().catch(() => {}));
  await asked();
  await until("the router's page", () => one.url(), `${site.origin}/home`);
  await one.run(() => {
    globalThis.asked = globalThis.app.auth.user().then((user) => user?.sub);
  });
  await pause(500);
  release();
  same(await one.run(() => globalThis.asked), "alice", "a call at the router's page waits for the response");
  same([await one.state(), await one.events()], [alice, ["signed_in redirect"]], "nobody was signed out in between");
  same([await one.url(), site.grants()], [`${site.origin}/inside`, ["authorization_code"]], "one code, spent once");
});

scenario("two managers in one page", {}, async ({ site, tab }) => {
  const one = await signIn(await tab());
  const seen = await one.run(async (config) => {
    const { app } = /** @type {any} */ (globalThis);
    const other = app.start({ ...config, clientId: "other" });
    app.other = other;
    await other.handleRedirect();
    const isSame = app.createAuth(app.config) === app.auth;
    let refused;
    try {
      app.createAuth({ ...config, clientId: "other", scope: "openid email" });
    } catch (error) {
      refused = error.code;
    }
    return [app.state(other), app.state(), isSame, refused];
  }, site.config);
  same(seen, [nobody, alice, true, "argument.config"], "the managers are independent");
  // The other manager begins a login, and the page's own manager sees its response.
  await one.run(() => void globalThis.app.other.signIn());
  await until("back", async () => (await one.url()).includes("/cb?"), true);
  await until("ignored", () => one.run(() => globalThis.app?.arrived), { value: null });
  same(await stateNow(one), alice, "its own session is unchanged");
  same((await one.url()).includes("code="), true, "the response stays for the other manager");
  const other = await one.run(async (config) => {
    const auth = globalThis.app.start({ ...config, clientId: "other" });
    const login = await auth.handleRedirect();
    return [login.claims.aud, globalThis.app.state(auth)];
  }, site.config);
  same(other, ["other", alice], "the manager that takes the response");
});

scenario("wrong options are rejected", {}, async ({ site, tab }) => {
  const one = await tab();
  const created = (options) =>
    one.run(
      async (config, { without, instead, ...options }) => {
        const all = without === "everything" ? instead : { ...config, clientId: JSON.stringify(options), ...options };
        if (without) delete all?.[without];
        try {
          const auth = globalThis.app.createAuth(all);
          const { error } = await globalThis.app.settled(auth.signIn());
          auth.close();
          return error;
        } catch (error) {
          return error.code;
        }
      },
      site.config,
      options,
    );
  same(await created({ resource: "/v1" }), "request.resource", "a resource that is no address");
  same(await created({ resource: "https://api.example.com/#orders" }), "request.resource", "one with a fragment");
  same(await created({ resource: ["https://api.example.com", 5] }), "argument.resource", "one that is no string");
  // The provider of the good neighbours does not answer.
  site.isOffline = true;
  const codes = [
    [{ without: "issuer" }, "argument.issuer"],
    [{ without: "everything" }, "argument.issuer"],
    [{ without: "everything", instead: null }, "argument.issuer"],
    [{ resource: ["https://api.example.com/orders", "urn:example:stock"] }, "http.failed"],
    [{ apis: { "/api": {} } }, "argument.apis"],
    [{ apis: { "https:api.example.com": {} } }, "argument.apis"],
    [{ apis: { "https://api.example.com": {} } }, "http.failed"],
    [{ dpop: "yes" }, "argument.dpop"],
    [{ dpop: "auto" }, "http.failed"],
    [{ dpop: false }, "http.failed"],
    [{ storage: "local" }, "argument.storage"],
    [{ storage: {} }, "argument.storage"],
    [{ storage: "memory" }, "http.failed"],
    [{ renew: "never" }, "argument.renew"],
    [{ renew: false }, "http.failed"],
    [{ renewBefore: "60" }, "argument.renewBefore"],
    [{ renewBefore: -1 }, "argument.renewBefore"],
    [{ renewBefore: 0 }, "http.failed"],
    [{ insecureOrigin: "tls" }, "argument.insecureOrigin"],
    [{ insecureOrigin: "refuse" }, "http.failed"],
    [{ otherUser: "stop" }, "argument.otherUser"],
    [{ otherUser: "end" }, "http.failed"],
    [{ extra: "audience" }, "argument.extra"],
    [{ extra: ["audience"] }, "argument.extra"],
    [{ extra: { audience: "api" } }, "http.failed"],
    [{ apis: { "https://api.example.com": "read" } }, "argument.apis"],
    [{ apis: { "https://api.example.com": { scopes: "read" } } }, "argument.apis"],
    [{ apis: { "https://api.example.com": { scope: ["read", 5] } } }, "argument.apis"],
    [{ apis: { "https://api.example.com": { resource: "orders" } } }, "argument.apis"],
    [{ apis: { "https://api.example.com": { resource: "urn:example:orders", scope: ["read"] } } }, "http.failed"],
    [{ apis: null }, "argument.apis"],
    [{ resource: "https://api.example.com/v1" }, "http.failed"],
    [{ auth: { method: "client_secret_post", secret: "a secret of the page" } }, "argument.auth"],
    [{ worker: {} }, "argument.worker"],
    [{ host: { now: 5 } }, "argument.host"],
    [{ host: { history: "/" } }, "argument.host"],
    [{ host: { location: "/" } }, "argument.host"],
    [{ insecureOrigin: "tls-only", relax: 5 }, "argument.relax"],
    [{ insecureOrigin: "tls-only", relax: ["http-provider"] }, "http.failed"],
    [{ host: {} }, "http.failed"],
  ];
  for (const [options, code] of codes) same(await created(options), code, JSON.stringify(options));
});

scenario("wrong options of a call are rejected, and change nothing", {}, async ({ site, tab }) => {
  const one = await signIn(await tab());
  const called = (call, options) =>
    one.pressed(
      (call, options) => globalThis.app.settled(globalThis.app.auth[call](options).then(() => "done")),
      call,
      options,
    );
  const done = { value: "done" };
  const postLogoutRedirectUri = `${site.origin}/`;
  /** @type {[call: string, options: any, code?: string][]} */
  const calls = [
    ["getAccessToken", { audience: "https://api.example.com" }, "argument.audience"],
    ["getAccessToken", { resource: 5 }, "argument.resource"],
    ["getAccessToken", { resource: "orders" }, "request.resource"],
    ["getAccessToken", { scope: ["read", 5] }, "argument.scope"],
    ["getAccessToken", { minValidity: "soon" }, "argument.minValidity"],
    ["getAccessToken", { minValidity: -1 }, "argument.minValidity"],
    ["getAccessToken", { minValidity: 0 }],
    ["getAccessToken", {}],
    ["signInPopup", { timeout: "soon" }, "argument.timeout"],
    ["signInPopup", { timeout: -1 }, "argument.timeout"],
    ["signInPopup", { patience: 30 }, "argument.patience"],
    ["signInPopup", { timeout: 30 }],
    ["signIn", { responseMode: "form_post" }, "argument.responseMode"],
    ["signIn", { responseMode: "query.jwt" }, "argument.responseMode"],
    ["signInPopup", { responseMode: "jwt" }, "argument.responseMode"],
    ["signInPopup", { responseMode: "fragment" }],
    ["signInPopup", { responseMode: "query" }],
    ["signOut", { here: true }, "argument.here"],
    ["signOut", { local: "yes" }, "argument.local"],
    ["signOut", { revoke: 0 }, "argument.revoke"],
    ["signOut", { postLogoutRedirectUri: "/" }, "argument.postLogoutRedirectUri"],
    ["signOut", { postLogoutRedirectUri: "javascript:alert(1)" }, "argument.postLogoutRedirectUri"],
    ["signOut", { postLogoutRedirectUri: "data:text/html,example.com:" }, "argument.postLogoutRedirectUri"],
    ["signOut", { local: true, revoke: false, postLogoutRedirectUri }],
  ];
  for (const [call, options, code] of calls) {
    const what = `${call} ${JSON.stringify(options)}`;
    same(await called(call, options), code ? { error: code } : done, what);
    if (code?.startsWith("argument.")) same(await stateNow(one), alice, `the state after ${what}`);
  }
  same([await stateNow(one), site.refreshes()], [nobody, 0], "afterwards");
});

scenario(
  "without an end_session_endpoint: the page goes to the address of signOut, unless it is a script",
  {},
  async ({ site, op, tab }) => {
    op.change({ metadata: (it) => delete it.end_session_endpoint });
    const one = await signIn(await tab());
    const out = (postLogoutRedirectUri) =>
      one.run((given) => globalThis.app.settled(globalThis.app.auth.signOut(given)), { postLogoutRedirectUri });
    same(await out("javascript:document.title='run'"), { error: "argument.postLogoutRedirectUri" }, "a script");
    same([await stateNow(one), await one.run(() => document.title)], [alice, "app"], "the session stands");
    out(`${site.origin}/blank?out`).catch(() => {});
    await until("left", () => one.url(), `${site.origin}/blank?out`);
    await one.goto(`${site.origin}/`);
    same(await one.state(), nobody, "signed out");
  },
);

scenario(
  "an option that is undefined means its default",
  { auth: { resource: "https://api.example.com" } },
  async ({ site, op, tab }) => {
    const one = await tab();
    same(await one.state(), nobody, "before");
    await one.run(() => void globalThis.app.auth.signIn({ scope: undefined, resource: undefined }).catch(() => {}));
    await becomes(one, alice);
    const [{ url }] = op.requests.filter(({ endpoint }) => endpoint === "authorize");
    const { searchParams } = new URL(url);
    same(
      [searchParams.get("scope"), searchParams.get("resource")],
      ["openid profile", "https://api.example.com"],
      "the request",
    );
    const [given, first] = await one.run(() => {
      const { auth } = globalThis.app;
      return Promise.all([auth.getAccessToken({ resource: undefined, scope: undefined }), auth.getAccessToken()]);
    });
    same([given, site.refreshes()], [first, 0], "the first resource's token");
  },
);

const inPopup = (tab, params) =>
  tab.pressed(
    (params) => globalThis.app.settled(globalThis.app.auth.signInPopup(params).then(({ claims }) => claims.sub)),
    params ?? {},
  );

/** The same without waiting. Its end is in `globalThis.login`. */
const startPopup = (tab, params) =>
  tab.pressed((params) => {
    const login = globalThis.app.auth.signInPopup(params);
    globalThis.login = globalThis.app.settled(login.then(({ claims }) => claims.sub));
  }, params ?? {});

scenario("a popup, which closes itself", {}, async ({ site, tab, browser }) => {
  const one = await tab();
  const before = (await browser.others()).length;
  same(await inPopup(one), { value: "alice" }, "login");
  same(await stateNow(one), alice, "state");
  same((await one.events()).at(-1), "signed_in popup", "event");
  same(site.grants(), ["authorization_code"], "one code, spent once");
  await until("closed", async () => (await browser.others()).length, before);
});

scenario(
  "a popup that the browser keeps open is a normal tab afterwards",
  { auth: { before: "unclosable" } },
  async ({ site, tab, browser }) => {
    const one = await tab();
    same(await inPopup(one), { value: "alice" }, "login");
    const kept = async () => {
      for (const other of await browser.others()) if ((await other.url()) === `${site.origin}/cb`) return other;
    };
    await until("the popup", async () => stateNow(await kept()), alice);
    const popup = await kept();
    same(await popup.run(() => globalThis.app.arrived), { value: null }, "its own call");
    same(await popup.run(() => globalThis.app.events.map(({ type }) => type)), ["signed_in"], "its events");
    same(site.grants(), ["authorization_code"], "one code, spent once");
    await popup.close();
  },
);

scenario("popups of two tabs at once: each answers its own tab", {}, async ({ op, tab }) => {
  const [one, two] = [await tab(), await tab()];
  const { asked, release } = hold(op, "authorize");
  await startPopup(two);
  await asked();
  op.mend();
  same(await inPopup(one, { loginHint: "bob" }), { value: "bob" }, "the second popup");
  release();
  same(await two.run(() => globalThis.login), { value: "alice" }, "the first popup");
});

scenario(
  "a popup of the second manager in a page, at the same redirect URI",
  { page: { second: { clientId: "other", renew: "iframe" } } },
  async ({ site, tab, browser }) => {
    const one = await tab();
    const before = (await browser.others()).length;
    const login = one.pressed(() =>
      globalThis.app.settled(globalThis.app.second.signInPopup().then(({ claims }) => [claims.sub, claims.aud])),
    );
    same(await login, { value: ["alice", "other"] }, "login");
    const states = () => one.run(() => [globalThis.app.state(), globalThis.app.state(globalThis.app.second)]);
    same(await states(), [nobody, alice], "states");
    same(await one.events(), ["signed_out here"], "events of the first");
    await until("closed", async () => (await browser.others()).length, before);
    same(await one.run(() => globalThis.app.second.checkSession()), true, "a hidden frame of the second");
    same([await states(), site.grants()], [[nobody, alice], ["authorization_code"]], "one code, spent once");
  },
);

scenario(
  "a login of the second manager in a page, with its own storage, at the same redirect URI",
  { page: { second: { clientId: "other", storage: "apart" } } },
  async ({ site, tab }) => {
    const one = await tab("/inside");
    await leaveAndReturn(one, () => one.run(() => void globalThis.app.second.signIn().catch(() => {})));
    same((await one.run(() => globalThis.app.arrived)).value?.claims.sub, "alice", "login");
    const states = () => one.run(() => [globalThis.app.state(), globalThis.app.state(globalThis.app.second)]);
    same(
      [await states(), await one.events()],
      [[nobody, alice], ["signed_out here"]],
      "states, and events of the first",
    );
    same([await one.url(), site.grants()], [`${site.origin}/inside`, ["authorization_code"]], "one code, spent once");
  },
);

scenario(
  "a popup that Cross-Origin-Opener-Policy cuts off",
  { headers: { "cross-origin-opener-policy": "same-origin" } },
  async ({ tab }) => {
    const one = await tab();
    same(await inPopup(one), { value: "alice" }, "login");
    same(await stateNow(one), alice, "state");
  },
);

scenario(
  "a popup of a frame in a page of another site",
  {},
  async ({ site, op, tab, browser }) => {
    const one = await tab("/blank");
    await one.goto(`${site.origin.replace("127.0.0.1", "localhost")}/blank`);
    await one.run(
      (src) =>
        new Promise((done) => {
          document.body.append(Object.assign(document.createElement("iframe"), { src, onload: done }));
        }),
      `${site.origin}/inside`,
    );
    const before = (await browser.others()).length;
    const frame = one.page.frames().find((one) => one.url() === `${site.origin}/inside`);
    const framed = { pressed: (work, ...given) => frame.evaluate(work, ...given) };
    const { asked, release } = hold(op, "authorize");
    await startPopup(framed, { timeout: 60 });
    await asked();
    const { url } = op.requests.find(({ endpoint }) => endpoint === "authorize");
    const state = new URL(url).searchParams.get("state");
    // The page of the other site sends a response of its own.
    await one.run((state) => {
      const message = {
        v: 1,
        type: "arrived",
        state,
        address: `${location.origin}/cb?error=access_denied&state=${state}`,
      };
      window.frames[0].postMessage(message, "*");
    }, state);
    await pause(300);
    release();
    same(await frame.evaluate(() => globalThis.login), { value: "alice" }, "login");
    same(await frame.evaluate(() => globalThis.app.state()), alice, "state");
    op.signOut();
    same(
      await frame.evaluate(() => globalThis.app.auth.checkSession()),
      "unknown",
      "the provider's cookies are hidden",
    );
    await until("closed", async () => (await browser.others()).length, before);
  },
  ["chromium", "firefox"],
);

scenario("a popup that is blocked, closed, or never answers", {}, async ({ op, tab }) => {
  const one = await tab();
  await one.run(() => {
    const { open } = globalThis;
    globalThis.unblock = () => {
      globalThis.open = open;
    };
    globalThis.open = () => null;
  });
  same(await inPopup(one), { error: "popup.blocked" }, "blocked");
  same(await stateNow(one), { ...nobody, problem: "popup.blocked", recoverable: false }, "state");
  await one.run(() => globalThis.unblock());
  op.change({ answer: (endpoint) => (endpoint === "authorize" ? pause(60_000) : undefined) });
  same(await inPopup(one, { timeout: 1 }), { error: "popup.timeout" }, "no answer");
  const before = count(op, "authorize");
  await one.pressed(() => {
    const { open } = globalThis;
    globalThis.open = (...given) => {
      globalThis.popup = open(...given);
      return globalThis.popup;
    };
    globalThis.closing = globalThis.app.settled(globalThis.app.auth.signInPopup());
  });
  await until("at the provider", () => count(op, "authorize") > before, true);
  await one.run(() => globalThis.popup.close());
  same(await one.run(() => globalThis.closing), { error: "popup.closed" }, "closed");
});

scenario("a popup of a page that is slow to answer closes itself", {}, async ({ tab, browser }) => {
  const one = await tab();
  const before = (await browser.others()).length;
  await one.run(() => {
    const { postMessage } = BroadcastChannel.prototype;
    BroadcastChannel.prototype.postMessage = function (message) {
      setTimeout(() => postMessage.call(this, message), 1_000);
    };
  });
  same(await inPopup(one), { value: "alice" }, "login");
  await until("closed", async () => (await browser.others()).length, before);
});

scenario("other messages of the application while a popup is open are ignored", {}, async ({ op, tab }) => {
  const one = await tab();
  const { asked, release } = hold(op, "authorize");
  await startPopup(one);
  await asked();
  const { url } = op.requests.find(({ endpoint }) => endpoint === "authorize");
  await one.run((state) => {
    const channel = new BroadcastChannel(`oidc-wasm ${location.origin}/cb`);
    const arrived = { type: "arrived", state, address: `${location.origin}/cb?error=access_denied&state=${state}` };
    const another = { ...arrived, v: 1, state: "another" };
    for (const message of [null, "text", arrived, { ...arrived, v: 2 }, { ...arrived, v: 1, type: "taken" }, another])
      for (const to of [window, channel]) to.postMessage(message);
  }, new URL(url).searchParams.get("state"));
  await pause(300);
  release();
  same([await one.run(() => globalThis.login), await stateNow(one)], [{ value: "alice" }, alice], "the login");
});

scenario(
  "a popup without a person's click is blocked",
  {},
  async ({ tab }) => {
    const { page } = await tab();
    const session = await page.createCDPSession();
    const expression = "app.settled(app.auth.signInPopup())";
    const { result } = await session.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    same(result.value, { error: "popup.blocked" }, "by the browser");
  },
  "chromium",
);

scenario("an unhandled rejection is told, also by a page that has gone", {}, async ({ site, tab }) => {
  const one = await tab();
  // Browsers tell no rejection of a driver's own script.
  await one.run(() => {
    const script = document.createElement("script");
    script.textContent = 'Promise.reject(new Error("planted"))';
    document.head.append(script);
  });
  await until("told", () => site.problems.length, 1);
  await one.goto(`${site.origin}/inside`);
  same(site.problems.splice(0), ["unhandled: Error: planted"], "problems");
});

const slowFrame = { auth: { renew: "iframe", storage: "slow" } };
scenario("checkSession as the first call names the person", slowFrame, async ({ site, op, tab }) => {
  const one = await signIn(await tab());
  await slowDown(one, { get: 300 });
  await one.goto(`${site.origin}/blank`);
  const checked = await one.run(() => {
    const { app } = /** @type {any} */ (globalThis);
    return app.start(app.settings.auth).checkSession();
  });
  const { url } = op.requests.findLast(({ endpoint }) => endpoint === "authorize");
  const hint = new URL(url).searchParams.get("id_token_hint");
  same([checked, hint?.split(".").length], [true, 3], "signed in there, and the parts of the ID token");
});

scenario("checkSession in the page of a worker", { auth: { worker: "Worker" } }, async ({ op, tab }) => {
  const one = await signIn(await tab());
  const check = () => one.run(() => globalThis.app.settled(globalThis.app.auth.checkSession()));
  same(await check(), { value: true }, "signed in there");
  op.signOut();
  same(await check(), { value: false }, "signed out there");
  same(await stateNow(one), alice, "the session stands");
});

scenario(
  "a hidden frame renews, and checks if the person is still signed in",
  { auth: { renew: "iframe" } },
  async ({ site, op, tab }) => {
    const one = await signIn(await tab());
    same(await one.run(() => globalThis.app.auth.checkSession()), true, "signed in there");
    const { url } = op.requests.findLast(({ endpoint }) => endpoint === "authorize");
    same(new URL(url).searchParams.get("id_token_hint")?.split(".").length, 3, "the person is named");
    await skip(one, 301);
    const bought = await token(one);
    same(
      [bought.error, site.grants()],
      [undefined, ["authorization_code", "authorization_code"]],
      "obtained by prompt=none",
    );
    op.signOut();
    same(await one.run(() => globalThis.app.auth.checkSession()), false, "signed out there");
    // OpenID Connect Core 1.0 §3.1.2.6: what prompt=none may be refused with, and a failure of the provider.
    for (const [error, answer] of [
      ["interaction_required", { value: false }],
      ["consent_required", { value: false }],
      ["account_selection_required", { value: false }],
      ["temporarily_unavailable", { error: "redirect.oauth_error temporarily_unavailable" }],
    ]) {
      op.change({ redirect: (parameters) => parameters.set("error", error) });
      same(await one.run(() => globalThis.app.settled(globalThis.app.auth.checkSession())), answer, error);
      op.mend();
    }
    await skip(one, 301);
    same(await token(one), { error: "session.expired" }, "no token any more");
    same(await stateNow(one), { ...nobody, problem: "session.expired", recoverable: false }, "state");
    same(await one.run(() => document.querySelectorAll("iframe").length), 0, "no frame is left");
  },
);

// Browsers give the frame the cookies of the site that it visits, and not those of the issuer.
for (const [endpoint, checked] of /** @type {const} */ ([
  ["127.0.0.1", false],
  ["localhost", "unknown"],
]))
  scenario(
    `checkSession after a sign-out, and an authorization endpoint at ${endpoint}: ${checked}`,
    { auth: { renew: "iframe" } },
    async ({ op, tab }) => {
      op.change({
        answer: (name, reply) => {
          if (name === "discovery") reply.body = reply.body.replace(/127\.0\.0\.1(:\d+\/authorize)/, `${endpoint}$1`);
        },
      });
      const one = await signIn(await tab());
      op.signOut();
      same(await one.run(() => globalThis.app.auth.checkSession()), checked, "checkSession");
    },
  );

scenario("a hidden frame without BroadcastChannel", { auth: { renew: "iframe" } }, async ({ site, op, tab }) => {
  const one = await signIn(await tab());
  await one.run(() => sessionStorage.setItem("no channel", "true"));
  await one.goto(`${site.origin}/`);
  same(await one.state(), alice, "state");
  same(await one.run(() => globalThis.app.auth.checkSession()), true, "signed in there");
  await skip(one, 301);
  same((await token(one)).error, undefined, "renewed");
  op.signOut();
  same(await one.run(() => globalThis.app.auth.checkSession()), false, "signed out there");
});

/** The provider fails in its response to a login. */
const fails = (parameters) => {
  parameters.delete("code");
  parameters.set("error", "server_error");
};
for (const [name, spoil, renewed, checked] of /** @type {const} */ ([
  ["whose token request fails", (op) => op.break("token.down"), "http.failed", { value: true }],
  [
    "whose provider has an error",
    (op) => op.change({ redirect: fails }),
    "redirect.oauth_error server_error",
    undefined,
  ],
]))
  scenario(`a hidden frame ${name}: the session stands`, { auth: { renew: "iframe" } }, async ({ op, tab }) => {
    const one = await signIn(await tab());
    spoil(op);
    await skip(one, 301);
    same(await token(one), { error: renewed }, "no token");
    same((await stateNow(one)).status, "signed_in", "the session stands");
    const check = one.run(() => globalThis.app.settled(globalThis.app.auth.checkSession()));
    same(await check, checked ?? { error: renewed }, "checkSession");
    op.mend();
    same((await token(one)).error, undefined, "later");
  });

scenario("a hidden frame that never answers", { auth: { renew: "iframe" } }, async ({ op, tab }) => {
  const one = await signIn(await tab());
  op.change({ answer: (endpoint) => (endpoint === "authorize" ? pause(60_000) : undefined) });
  await skip(one, 301);
  same(await token(one), { error: "http.timeout" }, "no token");
  same(await stateNow(one), { ...alice, problem: "http.timeout", recoverable: true }, "the session remains");
  op.mend();
  same((await token(one)).error, undefined, "later");
  op.change({ answer: (endpoint) => (endpoint === "authorize" ? pause(60_000) : undefined) });
  await one.run(() => globalThis.app.hurry());
  same(await one.run(() => globalThis.app.auth.checkSession()), "unknown", "checkSession");
});

scenario(
  "prompt=none in the page itself",
  { auth: { renew: "redirect", storage: "memory" } },
  async ({ op, tab, site }) => {
    const one = await signIn(await tab("/inside"));
    same(
      await one.run(() => Object.keys(sessionStorage).filter((name) => sessionStorage[name].includes("access_"))),
      [],
      "no token is stored",
    );
    await skip(one, 301);
    await one.run(() => void globalThis.app.auth.getAccessToken());
    await until("back", () => site.grants().length, 2);
    await until("signed in", () => stateNow(one), alice);
    same(await one.url(), `${site.origin}/inside`, "the page before the login");
    op.signOut();
    await skip(one, 301);
    await one.run(() => void globalThis.app.auth.getAccessToken());
    await until("signed out", () => stateNow(one).catch(() => {}), nobody);
    same(await one.url(), `${site.origin}/inside`, "the page before the login");
  },
);

scenario("a refused login, and then checkSession: the page asks", { auth: { renew: "redirect" } }, async (context) => {
  const { op, tab } = context;
  const one = await tab("/inside");
  op.change({ redirect: (parameters) => parameters.set("error", "access_denied") });
  await leaveAndReturn(one, () => one.run(() => void globalThis.app.auth.signIn().catch(() => {})));
  same((await stateNow(one)).problem, "redirect.oauth_error", "refused");
  op.mend();
  await leaveAndReturn(one, () => one.run(() => void globalThis.app.auth.checkSession().catch(() => {})));
  same(promptsOf(op), [null, "none"], "prompts");
});

scenario(
  "checkSession in the page itself: the call after the return has the answer",
  { auth: { renew: "redirect" } },
  async ({ site, op, tab }) => {
    const one = await signIn(await tab("/inside"));
    const check = () => one.run(() => globalThis.app.auth.checkSession());
    same([await check(), count(op, "authorize")], [true, 1], "just after a login");
    for (const isThere of [true, false]) {
      const before = count(op, "authorize");
      if (!isThere) op.signOut();
      await one.goto(`${site.origin}/inside`);
      same(await one.state(), alice, "a reload");
      await leaveAndReturn(one, () => one.run(() => void globalThis.app.auth.checkSession()));
      same(await stateNow(one), isThere ? alice : nobody, "the state after the return");
      same(
        [await check(), await check(), await one.url()],
        [isThere, isThere, `${site.origin}/inside`],
        "after the return",
      );
      same(count(op, "authorize"), before + 1, "the page does not leave again");
      const events = await one.events();
      await visit(one, "/next");
      same(await one.events(), events, "a router's next page tells nothing new");
    }
    await one.run(() => {
      const now = performance.now.bind(performance);
      performance.now = () => now() + 16_000;
    });
    await leaveAndReturn(one, () => one.run(() => void globalThis.app.auth.checkSession()));
    same(count(op, "authorize"), 4, "16 seconds later it asks again");
  },
);

scenario(
  "in memory: a reload with no sibling asks the provider; with one, the sibling",
  { auth: { renew: "redirect", storage: "memory" } },
  async ({ site, tab }) => {
    const one = await signIn(await tab("/inside"));
    await one.goto(`${site.origin}/other`);
    await until("signed in again", () => stateNow(one), alice);
    same([await one.url(), site.grants().length], [`${site.origin}/other`, 2], "from the provider");
    await setPatient(one, true);
    const two = await tab();
    await becomes(two, alice);
    same(site.grants().length, 2, "from the sibling");
    await setPatient(one, false);
    await two.end();
    await one.run(() => globalThis.app.auth.signOut({ local: true }));
    await one.goto(`${site.origin}/other`);
    same([await one.state(), site.grants().length], [nobody, 2], "after sign-out no token request follows");
  },
);

scenario(
  "in memory: a provider that is down after a reload: the next load asks",
  { auth: { renew: "redirect", storage: "memory" } },
  async ({ site, op, tab }) => {
    const one = await signIn(await tab("/inside"));
    site.isOffline = true;
    await one.goto(`${site.origin}/other`);
    same(await one.state(), { ...nobody, problem: "http.failed", recoverable: false }, "the page stays");
    site.isOffline = false;
    await one.goto(`${site.origin}/other`);
    await becomes(one, alice);
    same([count(op, "authorize"), await one.url()], [2, `${site.origin}/other`], "signed in again");
  },
);

scenario(
  "in memory: a provider that does not answer after a reload: the next load stays",
  { auth: { renew: "redirect", storage: "memory" } },
  async ({ site, op, tab }) => {
    const one = await signIn(await tab("/inside"));
    const { asked } = hold(op, "authorize");
    await one.goto(`${site.origin}/other`);
    await asked();
    await one.goto(`${site.origin}/other`);
    same([await one.state(), count(op, "authorize")], [nobody, 2], "one silent login");
  },
  // WebKit's driver waits for the answer.
  ["chromium", "firefox"],
);

for (const local of [false, true])
  scenario(
    `in memory: a page that signs out${local ? ", and stays," : ""} as soon as it loads`,
    { auth: { renew: "redirect", storage: "memory" }, page: { signOut: { local } } },
    async ({ site, op, tab }) => {
      const one = await signIn(await tab("/inside"));
      // Once before the silent login, and once after it.
      await one.run(() => sessionStorage.setItem("sign-outs", "2"));
      await one.goto(`${site.origin}/other`).catch(() => {});
      await until("the silent login", () => site.grants().length, 2);
      if (local) await until("signed out here", () => stateNow(one).catch(() => {}), nobody);
      else await until("signed out at the provider", () => count(op, "logout"), 1);
    },
  );

/** What IndexedDB has: first the key, then the session. */
const entriesOf = (tab) =>
  tab.run(async () => {
    const database = await new Promise((done) => {
      const request = indexedDB.open("oidc-wasm");
      request.onsuccess = () => done(request.result);
    });
    const all = await new Promise((done) => {
      const request = database.transaction("sealed").objectStore("sealed").getAll();
      request.onsuccess = () => done(request.result);
    });
    database.close();
    return all.map(
      ({ extractable, iv, data }) =>
        extractable ?? { iv: `${iv}`, isPlain: new TextDecoder().decode(data).includes("access_") },
    );
  });

scenario(
  "IndexedDB: survives the browser, and everything is encrypted",
  { auth: { storage: "indexeddb" } },
  async ({ site, tab }) => {
    const one = await signIn(await tab());
    const first = await token(one);
    const [isExtractable, before] = await entriesOf(one);
    same([isExtractable, before.isPlain], [false, false], "a key that cannot be extracted, and encrypted text");
    await one.goto("about:blank");
    const two = await tab();
    same(await two.state(), alice, "state");
    same(await two.events(), ["signed_in storage"], "events");
    same(await token(two), first, "token");
    await skip(two, 301);
    same((await token(two)).error, undefined, "renewed");
    same(site.refreshes(), 1, "refreshes");
    // With one key, AES-GCM needs a new one for each text (NIST SP 800-38D §8).
    const [, after] = await entriesOf(two);
    same(after.iv === before.iv, false, "another initialization vector");
    await two.run(() => globalThis.app.auth.signOut({ local: true }));
    const three = await tab();
    same(await three.state(), nobody, "signed out");
  },
);

scenario(
  "IndexedDB, and two tabs that make its key at once: both use the first one",
  { auth: { storage: "indexeddb" } },
  async ({ site, tab }) => {
    const [one, two] = [await tab(), await tab()];
    /** The next calls of this function wait. */
    const hold = (tab, name) =>
      tab.run((name) => {
        const { app } = /** @type {any} */ (globalThis);
        const { prototype } = /** @type {any} */ (SubtleCrypto);
        const work = prototype[name];
        app.held ??= [];
        app.open ??= {};
        const opened = new Promise((done) => Object.assign(app.open, { [name]: done }));
        prototype[name] = async function (...given) {
          if (given[0].name === "AES-GCM") {
            app.held.push(name);
            await opened;
          }
          return work.apply(this, given);
        };
      }, name);
    const open = (tab, name) => tab.run((name) => globalThis.app.open[name](), name);
    const holds = (tab, names) => until("held", () => tab.run(() => globalThis.app.held), names);
    for (const each of [one, two]) {
      await hold(each, "generateKey");
      await hold(each, "encrypt");
      await startPopup(each);
      await holds(each, ["generateKey"]);
    }
    // Both have found no key. The second one stores its key first, and its session last.
    await open(two, "generateKey");
    await holds(two, ["generateKey", "encrypt"]);
    await open(one, "generateKey");
    await open(one, "encrypt");
    await until("the session of the first", async () => (await entriesOf(one)).length, 2);
    const { iv } = (await entriesOf(one))[1];
    const three = await tab();
    same([await three.state(), await three.events()], [alice, ["signed_in storage"]], "a tab that reads it");
    await three.end();
    await open(two, "encrypt");
    await until("the session of the second", async () => (await entriesOf(two))[1].iv !== iv, true);
    await one.close();
    await two.goto(`${site.origin}/`);
    same(await two.state(), alice, "after a reload");
  },
);

scenario(
  "IndexedDB fails: memory replaces it, with one report",
  { auth: { storage: "indexeddb", before: "noIndexedDb" } },
  async ({ tab }) => {
    const one = await signIn(await tab());
    await until(
      "said",
      () =>
        one.run(
          () =>
            globalThis.app.events.filter(({ problem }) => problem === "session.storage").length +
            Number(globalThis.app.auth.snapshot().problem?.code === "session.storage"),
        ),
      1,
    );
    same((await token(one)).error, undefined, "it works");
  },
);

scenario("another page that opens or frames this one reads nothing and changes nothing", {}, async ({ site, tab }) => {
  const one = await signIn(await tab());
  const evil = await startAttacker();
  try {
    const attacker = await tab("/blank");
    await attacker.goto(evil.origin);
    const messages = await attacker.run(async (target) => {
      const heard = [];
      addEventListener("message", ({ data }) => heard.push(data));
      for (const address of ["/", "/cb?code=evil&state=evil"]) {
        const frame = document.createElement("iframe");
        frame.src = target + address;
        document.body.append(frame);
        globalThis.open(target + address);
      }
      await new Promise((done) => setTimeout(done, 2000));
      return heard;
    }, site.origin);
    same(messages, [], "messages");
    same(await stateNow(one), alice, "the person's own tab");
    same(site.grants(), ["authorization_code"], "no foreign code is sent");
  } finally {
    await evil.close();
  }
});

/** A page of another site. */
async function startAttacker() {
  const server = createServer((_, response) =>
    response.writeHead(200, { "content-type": "text/html" }).end("<body>evil"),
  );
  const { origin, close } = await listening(server);
  return { origin: origin.replace("127.0.0.1", "localhost"), close };
}

scenario(
  "a frozen tab, thawed after expiry",
  {},
  async ({ site, tab }) => {
    const [one, two] = await pair(tab);
    const session = await two.page.createCDPSession();
    await session.send("Page.setWebLifecycleState", { state: "frozen" });
    await skip(one, 301);
    const newest = await token(one);
    await session.send("Page.setWebLifecycleState", { state: "active" });
    await skip(two, 301);
    same(await token(two), newest, "token");
    same(site.refreshes(), 1, "refreshes");
  },
  ["chromium"],
);
const resources = ["https://one.example", "https://two.example"];

scenario("a token for each API, one after the other", { auth: { resource: resources } }, async ({ site, tab }) => {
  const one = await signIn(await tab());
  const audiences = await one.run(async (resources) => {
    const tokens = await Promise.all(
      [undefined, ...resources].map((resource) => globalThis.app.auth.getAccessToken(resource ? { resource } : {})),
    );
    return tokens.map((token) => JSON.parse(atob(token.split(".")[1])).aud);
  }, resources);
  same(audiences, [resources[0], ...resources], "audiences");
  same(site.refreshes(), 1, "the second is obtained on first use");
  same(
    await one.run(() => globalThis.app.auth.profile().then(({ name }) => name)),
    "Alice",
    "userinfo takes a token without a resource",
  );
});

scenario(
  "a login for other resources requests the first one too, and its tokens can be renewed",
  { auth: { resource: resources } },
  async ({ site, op, tab }) => {
    const [first, second] = resources;
    const third = "https://three.example";
    const one = await tab();
    for (const [resource, requested] of /** @type {[any, string[]][]} */ ([
      [undefined, resources],
      ["", resources],
      [[], [first]],
      [first, [first]],
      [second, [first, second]],
      [
        [second, first, third],
        [first, second, third],
      ],
    ])) {
      const count = site.grants().length;
      await signIn(one, { resource });
      await until(`${resource}: a code`, () => site.grants().slice(count), ["authorization_code"]);
      await becomes(one, alice);
      const { url } = op.requests.findLast(({ endpoint }) => endpoint === "authorize");
      same(new URL(url).searchParams.getAll("resource"), requested, `${resource}: its request`);
      for (const seconds of [0, 301]) {
        await skip(one, seconds);
        for (const wanted of [undefined, ...requested]) {
          const { value = "..", error } = await token(one, wanted ? { resource: wanted } : {});
          same(
            [error, JSON.parse(atob(value.split(".")[1])).aud],
            [undefined, wanted ?? first],
            `${resource}: ${wanted}`,
          );
        }
      }
    }
  },
);

scenario(
  "a popup's login for another resource requests the first one too",
  { auth: { resource: resources } },
  async ({ op, tab }) => {
    const one = await tab();
    same(await inPopup(one, { resource: resources[1] }), { value: "alice" }, "popup");
    const { url } = op.requests.findLast(({ endpoint }) => endpoint === "authorize");
    same(new URL(url).searchParams.getAll("resource"), resources, "its request");
  },
);

for (const renew of ["iframe", "redirect"])
  scenario(
    `the profile, with a resource and renew: ${renew}: userinfo gets a token without a resource`,
    { auth: { renew, resource: resources[0] } },
    async ({ op, tab }) => {
      const one = await signIn(await tab("/inside"));
      const profile = () =>
        one.run(() => globalThis.app.settled(globalThis.app.auth.profile().then(({ name }) => name)));
      if (renew === "redirect")
        await leaveAndReturn(one, () => one.run(() => void globalThis.app.auth.profile().catch(() => {})));
      same([await profile(), await profile()], [{ value: "Alice" }, { value: "Alice" }], "twice");
      same([count(op, "authorize"), await stateNow(one)], [2, alice], "logins, and state");
    },
  );

scenario(
  "prompt=none in the page itself, and no stored session: it gets no token of the second API",
  { auth: { renew: "redirect", resource: resources, storage: "memory" } },
  async ({ op, tab }) => {
    const one = await signIn(await tab("/inside"));
    same(await token(one, { resource: resources[1] }), { error: "session.refresh_token" }, "the second API's");
    await skip(one, 301);
    await leaveAndReturn(one, () => one.run(() => void globalThis.app.auth.getAccessToken().catch(() => {})));
    same([(await token(one)).error, await stateNow(one)], [undefined, alice], "the first API's");
    same(count(op, "authorize"), 2, "logins");
  },
);

for (const renew of ["iframe", "redirect"])
  scenario(
    `renew: ${renew} gets the tokens of a second API and of another scope, each with one silent login`,
    { auth: { renew, resource: resources } },
    async ({ site, op, tab }) => {
      const one = await signIn(await tab("/inside"));
      const leave = (wanted) => void globalThis.app.auth.getAccessToken(wanted).catch(() => {});
      for (const [wanted, scope] of /** @type {const} */ ([
        [{ resource: resources[1] }, "openid profile"],
        [{ resource: resources[0], scope: "profile" }, "openid profile"],
        [{ resource: resources[0], scope: ["openid"] }, "openid"],
      ])) {
        const before = count(op, "authorize");
        if (renew === "redirect") await leaveAndReturn(one, () => one.run(leave, wanted));
        const { value, error } = await token(one, wanted);
        const [, claims] = value?.split(".") ?? [];
        same([error, claims && JSON.parse(atob(claims)).aud], [undefined, wanted.resource], "the token");
        same([count(op, "authorize"), await one.url()], [before + 1, `${site.origin}/inside`], "one silent login");
        const { url } = op.requests.findLast(({ endpoint }) => endpoint === "authorize");
        const { searchParams } = new URL(url);
        const asked = ["prompt", "resource", "scope"].map((name) => searchParams.getAll(name).join());
        same(asked, ["none", wanted.resource, scope], "its request");
      }
      same((await token(one)).error, undefined, "the first API's token stands");
      same([await stateNow(one), count(op, "authorize")], [alice, 4], "state, and logins");
    },
  );

scenario(
  "a token for a second API needs a refresh token",
  { auth: { resource: resources } },
  async ({ site, op, tab }) => {
    op.change({ tokens: (body) => delete body.refresh_token });
    const one = await signIn(await tab());
    same(await token(one, { resource: resources[1] }), { error: "session.refresh_token" }, "the second API's");
    same((await token(one, { resource: resources[0] })).error, undefined, "the first API's");
    same(await stateNow(one), alice, "the session remains");
    op.mend();
    await signIn(one);
    await until("a second login", () => site.grants().length, 2);
    await becomes(one, alice);
    same((await token(one, { resource: resources[1] })).error, undefined, "with a refresh token");
    same(site.refreshes(), 1, "refreshes");
  },
);

scenario(
  "offline_access, where the provider lists it: with each prompt that may show a page",
  { auth: { renew: "refresh" } },
  async ({ op, tab }) => {
    op.change({ metadata: (it) => Object.assign(it, { scopes_supported: ["openid", "offline_access"] }) });
    const one = await tab();
    for (const [prompt, scope, sent] of [
      [undefined, "openid profile offline_access", "consent"],
      ["consent", "openid profile offline_access", "consent"],
      ["login", "openid profile offline_access", "login consent"],
      ["select_account", "openid profile offline_access", "select_account consent"],
      ["none", "openid profile", "none"],
    ]) {
      const leave = (params) => void globalThis.app.auth.signIn(params).catch(() => {});
      await leaveAndReturn(one, () => one.run(leave, prompt ? { prompt } : {}));
      const { url } = op.requests.findLast(({ endpoint }) => endpoint === "authorize");
      const { searchParams } = new URL(url);
      same([searchParams.get("scope"), searchParams.get("prompt")], [scope, sent], `prompt ${prompt}`);
    }
  },
);

scenario("a request that the default build cannot make", {}, async ({ op, tab }) => {
  const one = await signIn(await tab(), { authorizationDetails: [{ type: "payment" }] });
  same(await stateNow(one), alice, "state");
  const [{ url }] = op.requests.filter(({ endpoint }) => endpoint === "authorize");
  same(new URL(url).searchParams.get("authorization_details"), '[{"type":"payment"}]', "the request");
});

scenario("a provider that demands pushed requests gets one", {}, async ({ op, tab }) => {
  op.change({
    metadata: (it) =>
      Object.assign(it, {
        require_pushed_authorization_requests: true,
        pushed_authorization_request_endpoint: it.token_endpoint,
      }),
  });
  const one = await tab();
  const refused = await one.run(() => globalThis.app.settled(globalThis.app.auth.signIn()));
  same(refused, { error: "par.oauth_error unsupported_grant_type" }, "the token endpoint takes no pushed request");
  op.mend();
  const two = await tab();
  await signIn(two);
});

scenario("a login without openid has no person", { auth: { scope: "profile" } }, async ({ tab }) => {
  const one = await tab();
  await one.run(() => void globalThis.app.auth.signIn().catch(() => {}));
  await until("arrived", () => one.run(() => globalThis.app?.arrived), { error: "token.missing_id_token" });
  same(await stateNow(one), { ...nobody, problem: "token.missing_id_token", recoverable: false }, "state");
});

scenario("an exception of another kind: the call throws it, and the state has a code", {}, async ({ tab }) => {
  const one = await tab();
  const thrown = await one.run(() => {
    const params = {
      get prompt() {
        throw new TypeError("no prompt");
      },
    };
    return globalThis.app.settled(globalThis.app.auth.signIn(params));
  });
  same(thrown, { error: "TypeError: no prompt" }, "signIn");
  same(await one.state(), { ...nobody, problem: "http.failed", recoverable: false }, "state");
  await signIn(one, { prompt: "login" });
});

// ── at oidc-provider, which rotates refresh tokens ──

const mara = { status: "signed_in", sub: "mara" };

/** Signs in at the provider's own pages: one press on each, and another if the browser loses it. */
async function signInThere(tab, params = {}) {
  await tab.run((params) => void globalThis.app.auth.signIn(params).catch(() => {}), params);
  const press = () =>
    tab.run(() => {
      const page = /** @type {any} */ (globalThis);
      if (page.app) return page.app.state();
      const buttons = [...document.querySelectorAll("button")];
      const named = (label) => buttons.find(({ textContent }) => textContent.includes(label));
      const button = named("Allow") ?? named("Mara Lindqvist");
      const isLost = !(Date.now() - page.pressedAt < 4000);
      if (button && isLost && document.readyState === "complete") {
        page.pressedAt = Date.now();
        button.click();
      }
      return `${document.title}: ${document.body?.innerText}`;
    });
  await until("signed in", press, mara);
  return tab;
}

scenario("oidc-provider: 8 tabs, a restored browser, sign-out", { isReal: true }, async ({ site, tab }) => {
  const one = await signInThere(await tab());
  const old = await one.run(() => ({ ...sessionStorage }));
  const tabs = [one];
  while (tabs.length < 8) tabs.push(await tab());
  for (const each of tabs) await becomes(each, mara);
  for (const each of tabs) await skip(each, 601);
  const answers = await Promise.all(
    tabs.map((each) =>
      each.run(() => Promise.all([1, 2, 3].map(() => globalThis.app.settled(globalThis.app.auth.getAccessToken())))),
    ),
  );
  same(answers[0][0].error, undefined, "no error");
  same(new Set(answers.flat().map(({ value, error }) => value ?? error)).size, 1, "one token");
  same(site.grants(), ["authorization_code", "refresh_token"], "one refresh");
  await one.run(() => globalThis.app.auth.signOut({ local: true }));
  for (const each of tabs) await becomes(each, nobody);
  for (const each of tabs) await each.end();
  const again = await restored(old, tab, site);
  same(await again.state(), nobody, "the used refresh token");
  same(await again.events(), ["signed_out provider"], "events");
  same(site.grants().length, 3, "the provider refused it");
});

scenario(
  "oidc-provider: one DPoP key proves a login, a refresh and each request to an API",
  { isReal: true, auth: (site) => ({ ...withApi(site), dpop: true }) },
  async ({ site, tab }) => {
    const one = await signInThere(await tab());
    /** The API's request, after its proof (RFC 9449 §4.3). The provider bound the token to the proof's key. */
    const proven = async ({ authorization, proof }) => {
      const token = authorization.replace(/^DPoP /, "");
      const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, { typ: "dpop+jwt" });
      const ath = createHash("sha256").update(token).digest("base64url");
      same([payload.htm, payload.htu, payload.ath], ["POST", `${site.origin}/api/v1/orders`, ath], "the proof");
      const key = await calculateJwkThumbprint(protectedHeader.jwk);
      same((await site.real.AccessToken.find(token))?.jkt, key, "the token's key");
      return { token, key };
    };
    const call = async () => {
      site.api.calls.length = 0;
      const status = await one.run(() =>
        globalThis.app.auth.fetch("/api/v1/orders?x=1", { method: "POST", body: "a lamp" }).then((it) => it.status),
      );
      same(status, 200, "status");
      return Promise.all(site.api.calls.map(proven));
    };
    const [first, ...more] = await call();
    same(more, [], "one request");
    site.api.refuse = (_, authorization) =>
      authorization === `DPoP ${first.token}`
        ? { status: 401, headers: { "www-authenticate": 'DPoP error="invalid_token"' } }
        : undefined;
    const [refused, second] = await call();
    same([refused, second.key, second.token === first.token], [first, first.key, false], "the same key, another token");
    same(site.grants(), ["authorization_code", "refresh_token"], "one refresh");
    await one.goto(`${site.origin}/`);
    await becomes(one, mara);
    same(await call(), [second], "after a reload");
  },
);

for (const isClosed of [false, true])
  scenario(
    `a renewal under way${isClosed ? ", and close(): the last request" : ": the next one follows"}`,
    { provider: { accessTokenSeconds: 2 } },
    async ({ site, op, tab }) => {
      const one = await signIn(await tab());
      const { asked, release } = hold(op, "token");
      await asked();
      const before = site.refreshes();
      if (isClosed) await one.run(() => globalThis.app.auth.close());
      release();
      if (isClosed) await pause(4_000);
      else await until("the next one", () => site.refreshes() > before, true);
      if (isClosed) same(site.refreshes(), before, "no request after close()");
    },
  );

// ── close() ──

/** Answers of an endpoint wait until the call of `release`. Without it they never arrive. */
function hold(op, endpoint) {
  let release;
  let isHeld = false;
  const held = new Promise((done) => {
    release = done;
  });
  op.change({
    answer: (name) => {
      if (name !== endpoint) return undefined;
      isHeld = true;
      return held;
    },
  });
  return {
    release: () => {
      op.mend();
      release();
    },
    /** Waits for the first held answer. The provider has done then what the request asks. */
    asked: () => until(`request to ${endpoint}`, () => isHeld, true),
  };
}
const count = (op, endpoint) => op.requests.filter((request) => request.endpoint === endpoint).length;
/** The milliseconds that each call of `storage: "slow"` needs from now on. */
const slowDown = (tab, calls) =>
  tab.run((calls) => {
    for (const [name, milliseconds] of Object.entries(calls)) sessionStorage.setItem(`slow ${name}`, milliseconds);
  }, calls);
/** The next value that the page stores waits for `globalThis.store`. `asked` waits until the page stores it. */
async function holdStorage(tab) {
  await tab.run(() => {
    const { storage } = globalThis.app.config;
    const { set } = storage;
    storage.set = (key, value) => {
      storage.set = set;
      return new Promise((done) => {
        globalThis.store = () => done(set(key, value));
      });
    };
  });
  return { asked: () => until("the storage", () => tab.run(() => "store" in globalThis), true) };
}
const locksHeld = (tab) => tab.run(async () => (await navigator.locks.query()).held.length);
/** The pending logins in the tab's storage. */
const pending = (tab) =>
  tab.run(() => Object.keys(sessionStorage).filter((name) => name.startsWith("oidc-wasm login ")).length);

for (const auth of [{}, { storage: "indexeddb" }, { worker: "SharedWorker" }])
  scenario(
    `close() while a login arrives, ${JSON.stringify(auth)}: the next manager has the session`,
    { auth },
    async ({ site, op, tab }) => {
      const one = await tab("/inside");
      const { asked, release } = hold(op, "token");
      await one.run(() => void globalThis.app.auth.signIn().catch(() => {}));
      await asked();
      await one.run(() => {
        const { app } = /** @type {any} */ (globalThis);
        app.closed = app.auth;
        app.auth.close();
        app.before = app.events.splice(0);
        app.auth = app.start(app.settings.auth);
      });
      release();
      const response = one.run(async () => (await globalThis.app.auth.handleRedirect()) ?? "none");
      same(await response, "none", "the response for the next manager");
      const by = auth.worker ? "redirect" : "storage";
      same([await stateNow(one), await one.events()], [alice, [`signed_in ${by}`]], "the next manager");
      same(await one.run(() => globalThis.app.arrived.then(({ value }) => value.claims.sub)), "alice", "the call");
      same(await one.run(() => globalThis.app.state(globalThis.app.closed)), alice, "the closed manager");
      same(await one.run(() => globalThis.app.before), [], "events before close()");
      same([await one.url(), site.grants()], [`${site.origin}/inside`, ["authorization_code"]], "one code");
      await skip(one, 301);
      if (!auth.worker) same([(await token(one)).error, site.refreshes()], [undefined, 1], "it renews");
      // A browser may end a worker while no page uses it.
      else await tab("/");
      await one.goto(`${site.origin}/`);
      same(await one.state(), alice, "after a reload");
    },
  );

/** Starts a call that leaves the page. */
const startLeaving = (tab, call) =>
  tab.run((call) => {
    globalThis.leaving = globalThis.app.settled(globalThis.app.auth[call]());
  }, call);
/** The end of that call. A call that never ends fails. */
const leaving = (tab) =>
  tab.run(() =>
    Promise.race([globalThis.leaving, new Promise((done) => setTimeout(() => done("never ends"), 30_000))]),
  );
const aborted = { error: "http.aborted" };

for (const isFound of [false, true])
  scenario(
    `signIn and close()${isFound ? " while the provider is asked" : ""}: the page stays`,
    {},
    async ({ site, op, tab }) => {
      const one = await tab("/inside");
      const held = isFound ? hold(op, "discovery") : undefined;
      await startLeaving(one, "signIn");
      await held?.asked();
      await one.run(() => globalThis.app.auth.close());
      held?.release();
      same(await leaving(one), aborted, "the call");
      await pause(700);
      same([await one.url(), count(op, "authorize")], [`${site.origin}/inside`, 0], "the page");
      same([await pending(one), (await stateNow(one)).status], [0, "signed_out"], "no login is stored");
      await one.run(() => {
        globalThis.app.auth = globalThis.app.start(globalThis.app.settings.auth);
      });
      await signIn(one);
      same(await stateNow(one), alice, "the next manager");
    },
  );

scenario(
  "signIn, and close() while the login is stored: the page stays",
  { auth: { storage: "slow" } },
  async ({ site, op, tab }) => {
    const one = await tab("/inside");
    same(await one.state(), nobody, "before");
    const { asked } = await holdStorage(one);
    await startLeaving(one, "signIn");
    await asked();
    await one.run(() => globalThis.app.auth.close());
    await one.run(() => globalThis.store());
    await pause(2_000);
    same([await one.url(), count(op, "authorize")], [`${site.origin}/inside`, 0], "the page");
    same([await leaving(one), await pending(one)], [aborted, 0], "the end of the call, and no login");
    await one.run(() => {
      globalThis.app.auth = globalThis.app.start(globalThis.app.settings.auth);
    });
    await signIn(one);
  },
);

scenario(
  "a silent redirect, and close() while its login is stored: the lock becomes free",
  { auth: { renew: "redirect", storage: "slow" } },
  async ({ op, tab }) => {
    const one = await signIn(await tab("/inside"));
    await skip(one, 301);
    const { asked } = await holdStorage(one);
    const before = count(op, "authorize");
    await one.run(() => {
      globalThis.last = globalThis.app.settled(globalThis.app.auth.getAccessToken());
    });
    await asked();
    await one.run(() => globalThis.app.auth.close());
    await one.run(() => globalThis.store());
    same(await one.run(() => globalThis.last), { error: "http.aborted" }, "the call");
    same([await locksHeld(one), count(op, "authorize"), await pending(one)], [0, before, 0], "afterwards");
  },
);

for (const local of [false, true])
  scenario(
    `signOut${local ? ", which stays," : ""} and a second click while the token is revoked`,
    {},
    async (context) => {
      const { site, op, tab } = context;
      const one = await signIn(await tab("/inside"));
      const { asked, release } = hold(op, "revoke");
      await one.run(
        (local, postLogoutRedirectUri) => {
          const { signOut } = globalThis.app.auth;
          signOut({ local }).catch(() => {});
          signOut({ postLogoutRedirectUri }).catch(() => {});
        },
        local,
        `${site.origin}/blank`,
      );
      await asked();
      await pause(700);
      same([await one.url(), count(op, "logout")], [`${site.origin}/inside`, 0], "the page stays until then");
      release();
      await until("signed out at the provider", () => count(op, "logout"), 1);
      const { url } = op.requests.find(({ endpoint }) => endpoint === "logout");
      // The session has ended with the first call, and only that one has its ID token.
      same([new URL(url).searchParams.has("id_token_hint"), count(op, "revoke")], [!local, 1], "its request");
    },
  );

scenario("signOut and close() while the provider is asked: the page stays", {}, async ({ site, op, tab }) => {
  const one = await signIn(await tab("/inside"));
  const { asked, release } = hold(op, "revoke");
  await startLeaving(one, "signOut");
  // It does not leave during the sign-out.
  await one.run(() => {
    globalThis.meanwhile = globalThis.app.settled(globalThis.app.auth.signIn());
  });
  await asked();
  await one.run(() => globalThis.app.auth.close());
  release();
  same(await leaving(one), aborted, "the call");
  same(await one.run(() => globalThis.meanwhile), aborted, "signIn");
  await pause(700);
  same([await one.url(), count(op, "logout")], [`${site.origin}/inside`, 0], "the page");
  same((await stateNow(one)).status, "signed_out", "the session has ended");
});

const closed = { problem: "popup.closed", recoverable: false };
for (const endpoint of ["discovery", "authorize"])
  scenario(`close() with a popup that waits for ${endpoint}: it closes, and the call ends`, {}, async (context) => {
    const { op, tab, browser } = context;
    const one = await tab();
    const before = (await browser.others()).length;
    const { asked, release } = hold(op, endpoint);
    await one.pressed(() => {
      globalThis.closing = globalThis.app.settled(globalThis.app.auth.signInPopup());
    });
    await asked();
    await one.run(() => globalThis.app.auth.close());
    same(await one.run(() => globalThis.closing), { error: "popup.closed" }, "the call");
    await until("closed", async () => (await browser.others()).length, before);
    release();
    await pause(500);
    same([(await browser.others()).length, await stateNow(one)], [before, { ...nobody, ...closed }], "afterwards");
    await one.run(() => {
      globalThis.app.auth = globalThis.app.start(globalThis.app.settings.auth);
    });
    same(await inPopup(one), { value: "alice" }, "the next manager");
  });

for (const isClosed of [false, true])
  scenario(
    `a popup that has closed itself${isClosed ? ", and close()" : ""}: a slow token request still signs in`,
    {},
    async ({ op, tab }) => {
      const one = await tab();
      const { asked, release } = hold(op, "token");
      await startPopup(one);
      await asked();
      if (isClosed) await one.run(() => globalThis.app.auth.close());
      await pause(2_500);
      release();
      same([await one.run(() => globalThis.login), await stateNow(one)], [{ value: "alice" }, alice], "the call");
    },
  );

scenario(
  "close() with a hidden frame: it goes, and the lock becomes free",
  { auth: { renew: "iframe" } },
  async (it) => {
    const { op, tab } = it;
    const one = await signIn(await tab());
    const { asked } = hold(op, "authorize");
    await skip(one, 301);
    await one.run(() => {
      globalThis.last = globalThis.app.settled(globalThis.app.auth.getAccessToken());
    });
    await asked();
    same(await one.run(() => document.querySelector("iframe").hidden), true, "nobody sees the frame");
    await one.run(() => globalThis.app.auth.close());
    // A frame that does not answer has ten seconds.
    const soon = () =>
      Promise.race([globalThis.last, new Promise((done) => setTimeout(() => done("after five seconds"), 5_000))]);
    same(await one.run(soon), { error: "http.aborted" }, "the call");
    same(await one.run(() => document.querySelectorAll("iframe").length), 0, "no frame is left");
    same(await locksHeld(one), 0, "the lock");
  },
);

scenario(
  "close() at once on the return of a refused login: the next manager has the provider's error",
  { page: { isClosing: true } },
  async ({ op, tab, site }) => {
    const one = await tab("/inside");
    op.change({
      redirect: (parameters) => {
        parameters.delete("code");
        parameters.set("error", "access_denied");
      },
    });
    await one.run(() => void globalThis.app.auth.signIn().catch(() => {}));
    const refused = { error: "redirect.oauth_error access_denied" };
    await until("arrived", () => one.run(() => globalThis.app?.arrived), refused);
    same(await stateNow(one), { ...nobody, problem: "redirect.oauth_error", recoverable: false }, "state");
    same([await one.events(), await one.url()], [["signed_out here", "problem"], `${site.origin}/cb`], "events");
    op.mend();
    await one.goto(`${site.origin}/cb?code=forged&state=forged`);
    same(await one.run(() => globalThis.app.arrived), { error: "transaction.missing" }, "a forged response");
  },
);

scenario(
  "close() at once on the return of a silent login: a refusal is no error, and a failure is no loop",
  { auth: { renew: "redirect", storage: "memory" }, page: { isClosing: true, isRenewing: true } },
  async ({ op, tab }) => {
    const one = await signIn(await tab("/inside"));
    op.change({ answer: (endpoint, reply) => void (endpoint === "token" && Object.assign(reply, { status: 503 })) });
    const before = count(op, "authorize");
    await one.run(() => location.reload());
    await until("the problem", async () => (await stateNow(one).catch(() => ({}))).problem, "token.status");
    const again = () => one.run(() => globalThis.app.settled(globalThis.app.auth.checkSession()));
    same(await again(), { error: "token.status" }, "the next manager does not leave");
    await pause(1_000);
    same(count(op, "authorize"), before + 1, "silent redirects");
    op.mend();
    op.signOut();
    await one.run(() => {
      sessionStorage.setItem(`oidc-wasm ${globalThis.app.settings.auth.issuer} app`, "here");
      location.reload();
    });
    await until("refused", () => count(op, "authorize"), before + 2);
    await until("arrived", () => one.run(() => globalThis.app?.arrived), { value: null });
    same(await stateNow(one), nobody, "state");
  },
);

scenario(
  "close() while a silent redirect is prepared: the lock becomes free",
  { auth: { renew: "redirect" } },
  async ({ site, op, tab }) => {
    const one = await signIn(await tab());
    await one.goto(`${site.origin}/inside`);
    same(await one.state(), alice, "a reload");
    const { asked, release } = hold(op, "discovery");
    const before = count(op, "authorize");
    await skip(one, 301);
    await one.run(() => {
      globalThis.last = globalThis.app.settled(globalThis.app.auth.getAccessToken());
    });
    await asked();
    same(await locksHeld(one), 1, "the lock, before");
    await one.run(() => globalThis.app.auth.close());
    release();
    same(await one.run(() => globalThis.last), { error: "http.aborted" }, "the call");
    same([await locksHeld(one), count(op, "authorize"), await pending(one)], [0, before, 0], "the lock, afterwards");
    same((await stateNow(one)).sub, "alice", "the session stands");
  },
);

scenario("close() while a refresh is under way: the lock becomes free, and no token is lost", {}, async (context) => {
  const { site, op, tab } = context;
  const one = await signIn(await tab());
  const { asked, release } = hold(op, "token");
  await skip(one, 301);
  await one.run(() => {
    globalThis.last = globalThis.app.settled(globalThis.app.auth.getAccessToken());
  });
  await asked();
  same(await locksHeld(one), 1, "the lock, before");
  await one.run(() => {
    globalThis.app.auth.close();
    globalThis.app.auth = globalThis.app.start(globalThis.app.settings.auth);
  });
  const next = token(one);
  await pause(300);
  release();
  const last = await one.run(() => globalThis.last);
  same([last.error, await next], [undefined, last], "both calls have the new token");
  same([await locksHeld(one), site.refreshes(), await stateNow(one)], [0, 1, alice], "afterwards");
});

for (const auth of [
  {},
  { storage: "memory" },
  { storage: "indexeddb" },
  { worker: "Worker" },
  { worker: "SharedWorker" },
])
  scenario(
    `close() at once on the return, ${JSON.stringify(auth)}: the next manager has the session`,
    { auth, page: { isClosing: true } },
    async ({ site, tab }) => {
      const one = await signIn(await tab("/inside"));
      same(await one.run(() => globalThis.app.arrived), { value: null }, "the call of the next manager");
      same([await stateNow(one), await one.url()], [alice, `${site.origin}/inside`], "the next manager");
      same(site.grants(), ["authorization_code"], "one code");
      await one.run(() => {
        const { app } = /** @type {any} */ (globalThis);
        app.auth.close();
        app.auth.close();
        app.auth = app.begin();
      });
      same(await one.run(() => globalThis.app.auth.user().then((user) => user?.sub)), "alice", "a third manager");
    },
  );

scenario("close(), and the next manager is never used: the one after it waits too", {}, async ({ op, tab }) => {
  const one = await tab("/inside");
  const { asked, release } = hold(op, "token");
  await one.run(() => void globalThis.app.auth.signIn().catch(() => {}));
  await asked();
  await one.run(() => {
    const { app } = /** @type {any} */ (globalThis);
    app.auth.close();
    app.createAuth(app.config).close();
    app.auth = app.begin();
    app.arrived = app.settled(app.auth.handleRedirect());
  });
  await pause(300);
  release();
  same(await one.state(), alice, "the last manager");
});

scenario("a forged response at a router that leaves at once, and after close(): it has no login", {}, async (it) => {
  const { site, tab } = it;
  const forged = "/cb?code=forged&state=forged";
  const one = await tab();
  await one.run(() => sessionStorage.setItem("routed", "/home"));
  await one.goto(site.origin + forged);
  same(await one.run(() => globalThis.app.arrived), { error: "transaction.missing" }, "at the router");
  same(await one.url(), `${site.origin}/home`, "the router's page stays");
  const handled = one.run((forged) => {
    const { app } = /** @type {any} */ (globalThis);
    app.auth.close();
    history.replaceState(null, "", forged);
    app.auth = app.begin();
    return app.settled(app.auth.handleRedirect());
  }, forged);
  same([await handled, await one.url()], [{ error: "transaction.missing" }, `${site.origin}/cb`], "after close()");
});

scenario("close() twice: the next manager stays the only one", {}, async ({ tab }) => {
  const one = await signIn(await tab());
  const isSame = await one.run(() => {
    const { app } = /** @type {any} */ (globalThis);
    const before = app.auth;
    before.close();
    app.auth = app.begin();
    before.close();
    return app.createAuth(app.config) === app.auth;
  });
  same(isSame, true, "one manager");
});

scenario(
  "close() while the worker asks the provider: each manager gets its own answers",
  { auth: { worker: "Worker" } },
  async ({ op, tab }) => {
    const one = await signIn(await tab());
    const { asked, release } = hold(op, "userinfo");
    await one.run(() => {
      const { app } = /** @type {any} */ (globalThis);
      app.last = app.settled(app.auth.profile().then(({ sub }) => sub));
    });
    await asked();
    await one.run(() => {
      const { app } = /** @type {any} */ (globalThis);
      app.auth.close();
      app.auth = app.begin();
      app.arrived = app.settled(app.auth.handleRedirect());
    });
    same(await one.state(), alice, "the next manager");
    const next = one.run(() =>
      globalThis.app.settled(Promise.all([1, 2, 3, 4].map(() => globalThis.app.auth.profile().then(({ sub }) => sub)))),
    );
    await pause(300);
    release();
    same(await next, { value: ["alice", "alice", "alice", "alice"] }, "its answers");
    same(await one.run(() => globalThis.app.last), { value: "alice" }, "the answer for the closed manager");
  },
);

// ── a storage that never settles ──

const stuck = { auth: { storage: "stuck" } };
const setStuck = (tab, isStuck) =>
  tab.run((isStuck) => {
    globalThis.app.stuck = isStuck;
  }, isStuck);

scenario("a storage that never settles at a renewal: the lock becomes free", stuck, async ({ site, op, tab }) => {
  const [one, two] = await pair(tab);
  for (const each of [one, two]) await skip(each, 301);
  // The renewal reads the storage before it asks, and writes to it afterwards.
  op.change({ answer: async (endpoint) => endpoint === "token" && setStuck(one, true) });
  const own = token(one);
  await until("the refresh", () => site.refreshes(), 1);
  const [first, second] = await Promise.all([own, token(two)]);
  same([first.error, second], [undefined, first], "both tabs have the new token");
  same([await locksHeld(one), site.refreshes()], [0, 1], "the lock, and the refreshes");
  same(await stateNow(one), { ...alice, problem: "session.storage", recoverable: true }, "state");
  same((await one.events()).slice(-2), ["refreshed here", "problem"], "events");
  op.mend();
  await skip(one, 301);
  same([(await token(one)).error, site.refreshes(), await stateNow(one)], [undefined, 2, alice], "in memory");
});

scenario("a storage that never settles at the start", { ...stuck, page: { isStuck: true } }, async ({ op, tab }) => {
  const one = await tab();
  const refused = { problem: "session.storage", recoverable: false };
  same(await one.state(), { ...nobody, ...refused }, "state");
  same(await one.events(), ["signed_out here"], "events");
  const leave = () => one.run(() => globalThis.app.settled(globalThis.app.auth.signIn()));
  same(await leave(), { error: "session.storage" }, "signIn");
  same(count(op, "authorize"), 0, "the page does not leave");
  await setStuck(one, false);
  await one.run(() => void globalThis.app.auth.signIn().catch(() => {}));
  await until("left", () => count(op, "authorize"), 1);
});

scenario(
  "a storage that needs 7 seconds at the start: the session stands",
  { auth: { storage: "slow" } },
  async ({ site, tab }) => {
    const one = await signIn(await tab());
    await slowDown(one, { get: 7_000 });
    const late = { ...nobody, problem: "session.storage", recoverable: false };
    for (const isReloaded of [true, false]) {
      await one.goto(`${site.origin}/`);
      same(await one.state(), late, "after 5 seconds");
      if (!isReloaded) await becomes(one, alice);
    }
    same(await one.events(), ["signed_out here", "signed_in storage"], "events");
    await slowDown(one, { get: 0 });
    await skip(one, 301);
    same([(await token(one)).error, site.refreshes()], [undefined, 1], "renewed");
    await one.goto(`${site.origin}/`);
    same(await one.state(), alice, "the storage has the newest refresh token");
  },
);

scenario(
  "a storage that is late at the start, and another person signs in meanwhile",
  { auth: { storage: "slow" } },
  async ({ site, tab }) => {
    const one = await signIn(await tab());
    await slowDown(one, { get: 12_000 });
    await one.goto(`${site.origin}/`);
    same((await one.state()).problem, "session.storage", "after 5 seconds");
    same(await inPopup(one, { loginHint: "bob", prompt: "login" }), { value: "bob" }, "a login");
    await slowDown(one, { get: 0 });
    const stored = (text) => text?.includes('"bob"') ?? false;
    const name = `oidc-wasm ${site.config.issuer} app`;
    await until("stored", async () => stored(await one.run((name) => sessionStorage.getItem(name), name)), true);
    await one.goto(`${site.origin}/`);
    same(await one.state(), { status: "signed_in", sub: "bob" }, "the storage has the newest");
  },
);

scenario(
  "a page that stands still for 8 seconds has given its storage no time",
  { auth: { storage: "slow" } },
  async ({ site, tab }) => {
    const one = await signIn(await tab());
    await slowDown(one, { get: 500 });
    await skip(one, 301);
    const renewed = one.run(() => {
      const called = globalThis.app.settled(globalThis.app.auth.getAccessToken());
      setTimeout(() => {
        for (const end = Date.now() + 8_000; Date.now() < end; );
      }, 250);
      return called;
    });
    same([(await renewed).error, site.refreshes()], [undefined, 1], "renewed");
    same([await stateNow(one), await one.events()], [alice, ["signed_in redirect", "refreshed here"]], "no problem");
  },
);

scenario(
  "a storage that is late on the return: the next call finishes the login",
  { auth: { storage: "slow" } },
  async ({ site, tab }) => {
    const one = await tab("/inside");
    same(await one.state(), nobody, "before");
    // The page needs nothing more from its storage before it leaves.
    await slowDown(one, { get: 7_000, login: 7_000, remove: 7_000 });
    await one.run(() => void globalThis.app.auth.signIn().catch(() => {}));
    await until("arrived", () => one.run(() => globalThis.app?.arrived), { error: "session.storage" });
    same(await stateNow(one), { ...nobody, problem: "session.storage", recoverable: false }, "state");
    same([(await one.url()).includes("/cb?"), site.grants()], [true, []], "the response stays in the address");
    await slowDown(one, { get: 0, login: 0 });
    same((await token(one)).error, undefined, "the next call, and a login that is removed late");
    same([await stateNow(one), await one.url()], [alice, `${site.origin}/inside`], "afterwards");
    same(site.grants(), ["authorization_code"], "one code, spent once");
  },
);

for (const next of ["the next call finishes it", "after signOut nobody is signed in", "the person signs in again"])
  scenario(
    `a login that its storage finds late, while another session stands: ${next}`,
    { auth: { storage: "slow" } },
    async ({ site, tab }) => {
      const one = await signIn(await tab("/inside"));
      await slowDown(one, { login: 7_000 });
      const leave = () =>
        one.run(() => void globalThis.app.auth.signIn({ loginHint: "bob", prompt: "login" }).catch(() => {}));
      await leave();
      await until("arrived", () => one.run(() => globalThis.app?.arrived), { error: "session.storage" });
      same(await stateNow(one), { ...alice, problem: "session.storage", recoverable: true }, "state");
      same(await one.events(), ["signed_in storage", "problem"], "events");
      same([(await one.url()).includes("/cb?"), site.grants().length], [true, 1], "the response stays in the address");
      const waited = await one.run(async () => {
        const before = performance.now();
        await globalThis.app.auth.getAccessToken();
        return performance.now() - before;
      });
      same(waited < 4_500, true, "the calls of the session that stands wait no longer");
      if (next.includes("signOut")) {
        await signOutHere(one);
        same([await stateNow(one), await one.url()], [nobody, `${site.origin}/cb`], "no response is left");
        await slowDown(one, { login: 0 });
        same(await token(one), { error: "session.none" }, "no token");
        await one.goto(await one.url());
        same([await one.state(), site.grants().length], [nobody, 1], "after a reload");
        return;
      }
      await slowDown(one, { login: 0 });
      if (next.includes("again")) await leave();
      else same((await token(one)).error, undefined, "the next call");
      await becomes(one, { status: "signed_in", sub: "bob" });
      const at = next.includes("again") ? "/" : "/inside";
      same([await one.url(), site.grants().length], [site.origin + at, 2], "the address, and the codes");
    },
    ["chromium"],
  );

scenario(
  "a login that its storage finds late: no silent login loses it, and the next person in another tab ends it",
  { auth: { renew: "redirect", storage: "slow" } },
  async ({ site, op, tab }) => {
    const one = await signIn(await tab("/inside"));
    await slowDown(one, { login: 7_000 });
    await one.run(() => void globalThis.app.auth.signIn({ prompt: "login" }).catch(() => {}));
    await until("arrived", () => one.run(() => globalThis.app?.arrived), { error: "session.storage" });
    await skip(one, 301);
    same(await token(one), { error: "session.storage" }, "an expired token");
    same([(await one.url()).includes("/cb?"), count(op, "authorize")], [true, 2], "the response stays in the address");
    await signIn(await tab(), { loginHint: "bob", prompt: "login" });
    await becomes(one, { status: "signed_in", sub: "bob" });
    same([(await one.events()).at(-1), await one.url()], ["user_changed", `${site.origin}/cb`], "no response is left");
  },
  ["chromium"],
);

/** The late write of a session has landed, and the manager has heard of it. */
const isStored = async (tab) => {
  await until("stored", () => tab.run(() => globalThis.app.isStored), true);
  await pause(500);
};

// A session that is stored too late is out of date.
scenario(
  "a storage that is late: after signOut nobody is signed in",
  { auth: { storage: "late" } },
  async ({ site, tab }) => {
    const one = await signIn(await tab());
    await becomes(one, { ...alice, problem: "session.storage", recoverable: true });
    await one.run(() => globalThis.app.auth.signOut({ local: true }));
    await isStored(one);
    await one.goto(`${site.origin}/`);
    same(await one.state(), nobody, "after a reload");
  },
);

scenario("a storage that is late: a reload finds the session", { auth: { storage: "late" } }, async ({ site, tab }) => {
  const one = await signIn(await tab());
  await becomes(one, { ...alice, problem: "session.storage", recoverable: true });
  await isStored(one);
  await one.goto(`${site.origin}/`);
  same([await one.state(), await one.events()], [alice, ["signed_in storage"]], "after a reload");
});

scenario(
  "IndexedDB, and the browser closes the connection: the session stays there",
  { auth: { storage: "indexeddb", before: "watchedIndexedDb" } },
  async ({ site, tab }) => {
    const one = await signIn(await tab());
    await one.run(() => {
      for (const database of globalThis.app.databases) database.close();
    });
    await skip(one, 301);
    same([(await token(one)).error, site.refreshes()], [undefined, 1], "renewed");
    same([await stateNow(one), await one.events()], [alice, ["signed_in redirect", "refreshed here"]], "no problem");
    await one.goto(`${site.origin}/`);
    same([await one.state(), await one.events()], [alice, ["signed_in storage"]], "a reload");
    await skip(one, 301);
    same((await token(one)).error, undefined, "with the newest refresh token");
  },
);

scenario(
  "IndexedDB has an entry without its key: nobody is signed in, and the next login is stored",
  { auth: { storage: "indexeddb", before: "watchedIndexedDb" } },
  async ({ site, tab }) => {
    const one = await signIn(await tab());
    const other = await one.run(async () => {
      const [database] = globalThis.app.databases;
      const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
      const change = database.transaction("sealed", "readwrite");
      change.objectStore("sealed").put(key, "key");
      await new Promise((done) => {
        change.oncomplete = done;
      });
    });
    same(other, undefined, "another key");
    await one.goto(`${site.origin}/`);
    same(await one.state(), nobody, "state");
    await signIn(one);
    await one.goto(`${site.origin}/`);
    same(await one.state(), alice, "after a login, and a reload");
  },
);

// ── IndexedDB that fails in one tab ──

const fill = (tab, how) => tab.run((how) => globalThis.app.fill(how), how);
const inIndexedDb = { auth: { storage: "indexeddb" } };

scenario("IndexedDB, and the application deletes the database: the session ends", inIndexedDb, async ({ tab }) => {
  const [one, two] = await pair(tab);
  const deleted = await one.run(
    () =>
      new Promise((done) => {
        const request = indexedDB.deleteDatabase("oidc-wasm");
        request.onsuccess = () => done("deleted");
        request.onblocked = () => setTimeout(() => done("blocked"), 2_000);
      }),
  );
  same(deleted, "deleted", "no open connection blocks it");
  for (const each of [one, two]) {
    await skip(each, 301);
    same([await token(each), await stateNow(each)], [{ error: "session.none" }, nobody], "at the next renewal");
  }
  await signIn(one);
  await becomes(two, alice);
  const three = await tab();
  same([await three.state(), await three.events()], [alice, ["signed_in storage"]], "the next login is stored");
});
/** Does IndexedDB have a session? */
const storedNow = (tab, site) =>
  tab.run(async (name) => {
    const done = (request) =>
      new Promise((resolve) => {
        request.onsuccess = () => resolve(request.result);
      });
    const database = await done(indexedDB.open("oidc-wasm"));
    const entry = await done(database.transaction("sealed").objectStore("sealed").get(name));
    database.close();
    return Boolean(entry);
  }, `oidc-wasm ${site.config.issuer} app`);
const inMemory = { ...alice, problem: "session.storage", recoverable: true };

/** Another tab has renewed the session so often, and this one has its tokens. */
const hasHeard = (tab, times) => {
  const count = async () => (await tab.events()).filter((event) => event === "refreshed tab").length;
  return until("the other tab's tokens", count, times);
};

for (const how of ["full", "refused"]) {
  scenario(
    `IndexedDB is ${how} in one tab: the session stands in all, until one signs out`,
    inIndexedDb,
    async (it) => {
      const { site, tab } = it;
      const [one, two] = await pair(tab);
      await fill(one, how);
      for (const each of [one, two]) await skip(each, 301);
      const first = await token(one);
      same([first.error, (await stateNow(one)).status], [undefined, "signed_in"], "the tab that cannot store");
      same((await one.events()).filter((event) => event === "problem").length, 1, "its problem, once");
      await hasHeard(two, 1);
      same([await token(two), await two.events()], [first, ["signed_in storage", "refreshed tab"]], "the other tab");
      // Each renews for both.
      for (const each of [one, two]) await skip(each, 301);
      const second = await token(two);
      await hasHeard(one, 1);
      same([second.error, await token(one), site.refreshes()], [undefined, second, 2], "the other tab renews");
      for (const each of [one, two]) await skip(each, 301);
      const third = await token(one);
      await hasHeard(two, 2);
      same([third.error, await token(two), site.refreshes()], [undefined, third, 3], "the first tab renews");
      same([(await stateNow(one)).status, await stateNow(two)], ["signed_in", alice], "states");
      same(await reload(two, site), alice, "after a reload");
      same([await token(two), site.refreshes()], [third, 3], "the newest is stored");
      same(await storedNow(two, site), true, "in IndexedDB");
      await signOutHere(one);
      await becomes(two, nobody);
      await until("removed", () => storedNow(two, site), false);
      same([await reload(two, site), await reload(one, site)], [nobody, nobody], "after signOut, and a reload");
    },
  );

  scenario(`IndexedDB is ${how} in the only tab: a new tab has its newest session`, inIndexedDb, async (it) => {
    const { site, tab } = it;
    const one = await signIn(await tab());
    await fill(one, how);
    await skip(one, 301);
    const newest = await token(one);
    await setPatient(one, true);
    const two = await tab("/blank");
    // In its clock, the stored token has expired.
    await two.run(() => sessionStorage.setItem("skipped", "301"));
    await two.goto(`${site.origin}/`);
    same([await two.state(), await token(two), site.refreshes()], [alice, newest, 1], "the new tab");
    same((await stateNow(one)).status, "signed_in", "the first tab");
    await setPatient(one, false);
    await one.end();
    same([await reload(two, site), await token(two)], [alice, newest], "it is stored there");
  });
}

scenario(
  "IndexedDB is full in each tab: they share the session, until one signs out",
  { auth: { storage: "indexeddb", before: "full" } },
  async ({ tab }) => {
    const one = await tab();
    same(await inPopup(one), { value: "alice" }, "a login");
    const two = await tab();
    await becomes(two, inMemory);
    await signOutHere(two);
    await until("signed out", async () => (await stateNow(one)).status, "signed_out");
    same(await (await tab()).state(), nobody, "a new tab");
  },
);

scenario("the Back button after another tab has signed out, and has gone", inIndexedDb, async ({ site, tab }) => {
  const one = await signIn(await tab("/inside"));
  const two = await tab();
  await becomes(two, alice);
  await one.goto(`${site.origin}/blank`);
  await signOutHere(two);
  await two.end();
  await one.back();
  await until("back", () => one.url(), `${site.origin}/inside`);
  await becomes(one, nobody);
  same(await token(one), { error: "session.none" }, "no token");
});

/** The tab stands still for 8 seconds, once it has loaded every file. */
async function standStill(one) {
  await skip(one, 301);
  same((await token(one)).error, undefined, "every file has loaded");
  await one.run(() => {
    setTimeout(() => {
      for (const end = Date.now() + 8_000; Date.now() < end; );
    }, 50);
  });
  await pause(200);
}

scenario(
  "a tab that stands still during a sign-out and the next login: that login stays",
  inIndexedDb,
  async (it) => {
    const { site, tab } = it;
    const [one, two] = await pair(tab);
    await standStill(two);
    await signOutHere(one);
    same(await inPopup(one, { loginHint: "bob", prompt: "login" }), { value: "bob" }, "the next login");
    await pause(500);
    await one.end();
    const bob = { status: "signed_in", sub: "bob" };
    await becomes(two, bob);
    same(await reload(two, site), bob, "after a reload");
  },
  ["chromium"],
);

scenario("a storage that is full at a renewal loses the spent refresh token", {}, async ({ site, tab }) => {
  const one = await signIn(await tab());
  await one.run(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
  });
  await skip(one, 301);
  same([(await token(one)).error, site.refreshes()], [undefined, 1], "renewed");
  await until("removed", () => one.run((name) => sessionStorage.getItem(name) === null, nameOf(site)), true);
  same(await stateNow(one), { ...alice, problem: "session.storage", recoverable: true }, "the session stands");
});

scenario(
  "a tab that stands still during a new login and its sign-out: its own older session ends too",
  {},
  async ({ tab }) => {
    const [one, two] = await pair(tab);
    await standStill(two);
    same(await inPopup(one, { prompt: "login" }), { value: "alice" }, "the new login");
    await signOutHere(one);
    await becomes(two, nobody);
    same((await two.events()).at(-1), "signed_out tab", "event");
    same(await token(two), { error: "session.none" }, "no token");
  },
  ["chromium"],
);

scenario("a sign-out in another tab while a login arrives: the login gives the first state", {}, async (it) => {
  const { op, tab } = it;
  const [one, two] = await pair(tab);
  const { asked, release } = hold(op, "token");
  await one.run(() => void globalThis.app.auth.signIn().catch(() => {}));
  await asked();
  await signOutHere(two);
  await pause(300);
  same(await stateNow(one), { status: "loading" }, "while it arrives");
  release();
  await becomes(one, alice);
  same(await one.events(), ["signed_in redirect"], "events");
  await becomes(two, alice);
});

const bound = { auth: { dpop: true } };
scenario("IndexedDB never opens at a renewal with a bound token: the lock becomes free", bound, async (context) => {
  const one = await signIn(await context.tab());
  await one.goto(`${context.site.origin}/`);
  same(await one.state(), alice, "a reload");
  await one.run(() => Object.defineProperty(IDBFactory.prototype, "open", { value: () => ({}) }));
  await skip(one, 301);
  same(await token(one), { error: "session.storage" }, "no token");
  same(await locksHeld(one), 0, "the lock");
  same(await stateNow(one), { ...alice, problem: "session.storage", recoverable: true }, "the session stands");
});

// ── the next manager of a page, after close() ──

/** Closes the manager and creates the next one. */
const replace = (tab) =>
  tab.run(() => {
    const { app } = /** @type {any} */ (globalThis);
    app.auth.close();
    app.auth = app.begin();
  });
/** Starts to get a token. Its end is in `globalThis.last`. */
const startRenewal = (tab) =>
  tab.run(() => {
    globalThis.last = globalThis.app.settled(globalThis.app.auth.getAccessToken());
  });
const signOutHere = (tab, options = {}) =>
  tab.run((options) => globalThis.app.settled(globalThis.app.auth.signOut({ local: true, ...options })), options);
const isAway = (tab) => until("the store is away", async () => (await stateNow(tab)).problem, "session.storage");
/** A reload at which the page's clock stays. */
async function reload(tab, site) {
  await tab.run(() => sessionStorage.setItem("skipped", String(globalThis.app.skipped)));
  await tab.goto(`${site.origin}/`);
  return tab.state();
}
/** How a manager treats a slow store is the same in each browser, so the longest of these run in Chromium alone. */
const slow = { auth: { storage: "slow" } };

/** A reload at which the storage answers with `free`. The page is there, but does not know its session yet. */
async function reloadSlowly(tab, site) {
  await slowDown(tab, { get: "held" });
  await tab.goto(`${site.origin}/`);
  same(await stateNow(tab), { status: "loading" }, "the storage is still asked");
}
const free = (tab) => tab.run(() => globalThis.app.free());

scenario("a sign-out in another tab while a tab reads its storage: it ends here too", slow, async ({ site, tab }) => {
  const [one, two] = await pair(tab);
  await reloadSlowly(two, site);
  await signOutHere(one);
  await one.end();
  await pause(300);
  await free(two);
  same([await two.state(), await two.events()], [nobody, ["signed_out tab"]], "the tab that starts");
  await slowDown(two, { get: 0 });
  same(await reload(two, site), nobody, "after a reload");
});

scenario("signIn whose file does not load while a tab reads its storage: the session stands", slow, async (it) => {
  const one = await signIn(await it.tab());
  it.site.lost.push("later");
  await reloadSlowly(one, it.site);
  await one.run(() => {
    globalThis.last = globalThis.app.settled(globalThis.app.auth.signIn());
  });
  await pause(300);
  await free(one);
  same(await one.run(() => globalThis.last), { error: "session.part" }, "the call");
  same(await one.state(), { ...alice, problem: "session.part", recoverable: true }, "state");
  same(await one.events(), ["signed_in storage"], "events");
});

scenario(
  "a write that is late behind a late read: after signOut nobody is signed in",
  slow,
  async (it) => {
    const { site, op, tab } = it;
    const one = await signIn(await tab());
    const { asked, release } = hold(op, "token");
    await startPopup(one, { loginHint: "bob", prompt: "login" });
    await asked();
    await slowDown(one, { get: 12_000, set: 18_000 });
    await skip(one, 301);
    await startRenewal(one);
    await pause(300);
    release();
    same(await one.run(() => globalThis.login), { value: "bob" }, "the login");
    await isAway(one);
    await signOutHere(one);
    await slowDown(one, { get: 0, set: 0 });
    const name = `oidc-wasm ${site.config.issuer} app`;
    const stored = () => one.run((name) => sessionStorage.getItem(name), name);
    // The late write lands, and its entry is removed.
    for (let turn = 0; turn < 21 && !(await stored())?.includes('"bob"'); turn++) await pause(1_000);
    await until("removed", stored, null);
    same(await reload(one, site), nobody, "after a reload");
  },
  ["chromium"],
);

for (const next of ["nobody", "bob"])
  scenario(
    `a late write of a closed manager, and then ${next} is signed in`,
    slow,
    async ({ site, tab }) => {
      const one = await tab();
      await slowDown(one, { set: 12_000 });
      same(await inPopup(one), { value: "alice" }, "a login");
      await isAway(one);
      await slowDown(one, { set: 0 });
      await replace(one);
      await becomes(one, alice);
      if (next === "bob") await inPopup(one, { loginHint: "bob", prompt: "login" });
      else await signOutHere(one);
      await pause(9_000);
      const { sub } = await reload(one, site);
      same(sub, next === "bob" ? "bob" : undefined, "after a reload");
    },
    ["chromium"],
  );

scenario(
  "a removal that lands after the newest session was stored: a reload finds it",
  slow,
  async ({ site, tab }) => {
    const one = await signIn(await tab());
    await slowDown(one, { set: 7_000, remove: 4_000 });
    await skip(one, 301);
    await startRenewal(one);
    await isAway(one);
    await slowDown(one, { set: 0 });
    await skip(one, 301);
    same([(await token(one)).error, site.refreshes()], [undefined, 2], "renewed meanwhile");
    await pause(7_000);
    same((await reload(one, site)).status, "signed_in", "after a reload");
  },
  ["chromium"],
);

for (const storage of ["slow", "refused"])
  scenario(
    `close() while the storage is away (${storage}): the next manager has the session`,
    { auth: { storage } },
    async (it) => {
      const one = await it.tab();
      await slowDown(one, { set: 12_000 });
      same(await inPopup(one), { value: "alice" }, "a login");
      await isAway(one);
      await skip(one, 301);
      same((await token(one)).error, undefined, "renewed in memory");
      await replace(one);
      await skip(one, 301);
      same([(await token(one)).error, it.site.refreshes()], [undefined, 2], "the newest refresh token");
      same((await stateNow(one)).sub, "alice", "state");
    },
    ["chromium"],
  );

for (const isLocal of [true, false])
  scenario(`signOut ${isLocal ? "here" : "at the provider"} waits for the storage`, slow, async ({ site, tab }) => {
    const one = await signIn(await tab());
    await slowDown(one, { remove: 1_500 });
    if (isLocal) await signOutHere(one);
    else {
      await one.run(() => void globalThis.app.auth.signOut({ revoke: false }).catch(() => {}));
      await until("left", async () => (await one.url()).startsWith(site.origin), false);
    }
    await one.goto(`${site.origin}/`);
    same(await one.state(), nobody, "after a reload");
  });

for (const storage of ["memory", "session"])
  scenario(
    `close() during a renewal (${storage}): the next manager uses its result`,
    { auth: { storage } },
    async (it) => {
      const { site, op, tab } = it;
      const one = await signIn(await tab());
      const { asked, release } = hold(op, "token");
      await skip(one, 301);
      await startRenewal(one);
      await asked();
      await replace(one);
      const second = token(one);
      await pause(500);
      release();
      same(
        [(await second).error, await one.run(() => globalThis.last.then(({ error }) => error))],
        [undefined, undefined],
        "calls",
      );
      same([site.refreshes() > 0, (await stateNow(one)).status], [true, "signed_in"], "state");
    },
  );

scenario("signOut, and close() at once: the next manager is signed out", {}, async ({ tab }) => {
  const one = await signIn(await tab());
  await one.run(() => {
    const { app } = /** @type {any} */ (globalThis);
    app.auth.signOut({ local: true });
    app.auth.close();
    app.auth = app.begin();
  });
  await becomes(one, nobody);
});

scenario("close() while a popup's tokens are on the way: the next manager is signed in", {}, async ({ op, tab }) => {
  const one = await tab();
  const { asked, release } = hold(op, "token");
  await startPopup(one);
  await asked();
  await replace(one);
  await one.run(() => globalThis.app.auth.user());
  release();
  same(await one.run(() => globalThis.login), { value: "alice" }, "the call");
  await becomes(one, alice);
});

scenario("the lock becomes free just after a tab took the lease: one renewal", {}, async ({ site, op, tab }) => {
  const [one, two] = await pair(tab);
  const name = `oidc-wasm ${site.config.issuer} app`;
  const three = await tab("/blank");
  await three.run((name) => {
    const held = new Promise((done) => {
      globalThis.free = done;
    });
    navigator.locks.request(name, () => held);
  }, name);
  await until("the lock", () => locksHeld(one), 1);
  await one.run(() => {
    const timeout = AbortSignal.timeout.bind(AbortSignal);
    AbortSignal.timeout = (milliseconds) => timeout(milliseconds / 100);
  });
  op.change({ answer: (endpoint) => (endpoint === "token" ? pause(3_000) : undefined) });
  for (const each of [one, two]) await skip(each, 301);
  for (const each of [one, two]) await startRenewal(each);
  await pause(1_600);
  await three.run(() => globalThis.free());
  const ends = await Promise.all([one, two].map((each) => each.run(() => globalThis.last.then(({ error }) => error))));
  same([ends, site.refreshes()], [[undefined, undefined], 1], "calls");
});

for (const [how, error, refreshes] of /** @type {const} */ ([
  ["renews", undefined, 1],
  ["fails to renew", "http.failed", 0],
]))
  scenario(`a suspended tab has the lock: another one ${how}`, {}, async ({ site, tab }) => {
    const one = await signIn(await tab());
    const two = await tab("/blank");
    await two.run((name) => void navigator.locks.request(name, () => new Promise(() => {})), nameOf(site));
    await until("the lock", () => locksHeld(one), 1);
    await one.run(() => {
      const timeout = AbortSignal.timeout.bind(AbortSignal);
      AbortSignal.timeout = (milliseconds) => timeout(milliseconds / 100);
    });
    await skip(one, 301);
    site.isOffline = error !== undefined;
    same([(await token(one)).error, site.refreshes(), await locksHeld(one)], [error, refreshes, 1], "the call");
  });

// ── a page that does not leave ──

/** The provider does not answer, and the page stops as by a person's press on Stop. Meanwhile WebKit's driver runs no script. */
const stopAt = async ({ op }, tab, start, from = "authorize") => {
  const { asked } = hold(op, from);
  await tab.run(() => {
    globalThis.hasStopped = new Promise((done) =>
      setTimeout(() => {
        stop();
        done(true);
      }, 2_000),
    );
  });
  await start();
  await asked();
  same(await tab.run(() => globalThis.hasStopped), true, "the page is still here");
  op.mend();
};

scenario("signOut, and Stop: the next signIn leaves", {}, async (context) => {
  const one = await signIn(await context.tab("/inside"));
  await stopAt(context, one, () => startLeaving(one, "signOut"), "logout");
  same(await stateNow(one), nobody, "stopped");
  await pause(3_500);
  await signIn(one);
  same([await one.url(), promptsOf(context.op)], [`${context.site.origin}/inside`, [null, "login"]], "signed in");
});

scenario("signIn, and Stop: the next call leaves again", {}, async (context) => {
  const one = await context.tab("/inside");
  same(await one.state(), nobody, "before");
  const leave = () => one.run(() => void globalThis.app.auth.signIn().catch(() => {}));
  await stopAt(context, one, leave);
  same(await one.state(), nobody, "stopped");
  await pause(3_500);
  await leave();
  await until("signed in", () => stateNow(one), alice);
  same(await one.url(), `${context.site.origin}/inside`, "address");
});

for (const call of ["signIn", "signOut"])
  scenario(`${call}, Stop and close(): the call ends`, {}, async (context) => {
    const one = await context.tab("/inside");
    if (call === "signOut") await signIn(one);
    const endpoint = call === "signIn" ? "authorize" : "logout";
    await stopAt(context, one, () => startLeaving(one, call), endpoint);
    await one.run(() => globalThis.app.auth.close());
    same(await leaving(one), aborted, "the call");
  });

scenario("a silent redirect, and Stop: the lock becomes free", { auth: { renew: "redirect" } }, async (context) => {
  const one = await signIn(await context.tab());
  await skip(one, 301);
  await stopAt(context, one, () =>
    one.run(() => {
      globalThis.last = globalThis.app.settled(globalThis.app.auth.getAccessToken());
    }),
  );
  same(await locksHeld(one), 1, "the lock, while the provider may answer");
  same(await one.run(() => globalThis.last), { error: "http.timeout" }, "the call");
  same(await locksHeld(one), 0, "the lock afterwards");
  same(await stateNow(one), { ...alice, problem: "http.timeout", recoverable: true }, "state");
  await one.run(() => void globalThis.app.auth.getAccessToken().catch(() => {}));
  await until("renewed", async () => (await one.state()).problem ?? context.site.grants().length, 2);
  same(await stateNow(one), alice, "afterwards");
});

scenario(
  "a silent redirect whose token request fails: the page does not leave again",
  { auth: { renew: "redirect" }, page: { isRenewing: true } },
  async ({ op, tab }) => {
    const one = await signIn(await tab("/inside"));
    await one.run(() => sessionStorage.setItem("skipped", "301"));
    op.change({ answer: (endpoint, reply) => void (endpoint === "token" && Object.assign(reply, { status: 503 })) });
    const before = count(op, "authorize");
    await one.run(() => location.reload());
    await until("the problem", async () => (await stateNow(one).catch(() => ({}))).problem, "token.status");
    await pause(2_000);
    same(count(op, "authorize"), before + 1, "silent redirects");
    same(await one.run(() => globalThis.app.renewed), { error: "token.status" }, "the caller's answer");
  },
);

// ── parts that load at first use ──

scenario("an application in one file", { script: "single" }, async ({ site, tab }) => {
  const one = await signIn(await tab("/inside"));
  same([await one.url(), await stateNow(one)], [`${site.origin}/inside`, alice], "signed in");
  await skip(one, 301);
  same([(await token(one)).error, site.refreshes()], [undefined, 1], "renewed");
});

const lost = { problem: "session.part", recoverable: false };

scenario("a file that does not load: the page does not leave", {}, async ({ site, op, tab }) => {
  const one = await tab();
  site.lost = ["later"];
  same(await one.run(() => globalThis.app.settled(globalThis.app.auth.signIn())), { error: "session.part" }, "signIn");
  same(await one.state(), { ...nobody, ...lost }, "state");
  same(op.requests.length, 0, "no request was sent");
  site.lost = ["windows"];
  const two = await tab();
  same(await inPopup(two), { error: "session.part" }, "popup");
  site.lost = [];
  await one.goto(`${site.origin}/`);
  await signIn(one);
  same(await stateNow(one), alice, "after a reload");
});

scenario(
  "a file that loads on the second try",
  {},
  async ({ site, tab }) => {
    const one = await tab();
    site.lost = ["later"];
    same(await one.run(() => globalThis.app.settled(globalThis.app.auth.signIn())), { error: "session.part" }, "first");
    site.lost = [];
    await signIn(one);
    same(await stateNow(one), alice, "state");
  },
  // Firefox remembers the failure until a reload.
  ["chromium", "webkit"],
);

for (const [title, file, dpop] of [
  ["a file that does not load on the return", "later", false],
  ["a file that does not load on the return, the one of bound tokens", "possession", true],
])
  scenario(`${title}: a reload finishes the login`, { auth: { dpop } }, async ({ site, op, tab }) => {
    const one = await tab("/inside");
    op.change({
      answer: (endpoint) => {
        if (endpoint === "authorize") site.lost = [file];
      },
    });
    await one.run(() => void globalThis.app.auth.signIn().catch(() => {}));
    await until("arrived", () => one.run(() => globalThis.app?.arrived), { error: "session.part" });
    same(await stateNow(one), { ...nobody, ...lost }, "state");
    const address = await one.url();
    same([address.includes("/cb?"), site.grants()], [true, []], "the response stays in the address");
    site.lost = [];
    await one.goto(address);
    await until("signed in", () => stateNow(one), alice);
    same([await one.url(), site.grants()], [`${site.origin}/inside`, ["authorization_code"]], "afterwards");
    same(await one.events(), ["signed_in redirect"], "events");
    same(op.requests.find(({ endpoint }) => endpoint === "token").headers.has("dpop"), dpop, "a proof");
  });

scenario(
  "a provider that is down on the return: the next call finishes the login, and a listener's calls are no loop",
  { page: { isAsking: true } },
  async ({ site, op, tab }) => {
    const one = await tab("/inside");
    op.change({
      answer: (endpoint) => {
        if (endpoint === "authorize") site.isOffline = true;
      },
    });
    await one.run(() => void globalThis.app.auth.signIn().catch(() => {}));
    await until("arrived", () => one.run(() => globalThis.app?.arrived), { error: "http.failed" });
    await pause(500);
    same(await stateNow(one), { ...nobody, problem: "http.failed", recoverable: false }, "state");
    same(await one.events(), ["signed_out here", "problem"], "events");
    same([(await one.url()).includes("/cb?"), site.grants()], [true, []], "the response stays in the address");
    site.isOffline = false;
    same((await token(one)).error, undefined, "the next call");
    same([await stateNow(one), await one.url()], [alice, `${site.origin}/inside`], "afterwards");
    same(await one.events(), ["signed_out here", "problem", "signed_in redirect"], "events afterwards");
    same(site.grants(), ["authorization_code"], "one code, spent once");
  },
);

for (const [next, change, state] of /** @type {const} */ ([
  ["after signOut nobody is signed in", (one) => signOutHere(one), nobody],
  [
    "another person who signs in in another tab stays",
    (_, two) => signIn(two, { loginHint: "bob", prompt: "login" }),
    { status: "signed_in", sub: "bob" },
  ],
]))
  scenario(`a provider that is down on the return: ${next}`, {}, async ({ site, op, tab }) => {
    const [one, two] = [await tab("/inside"), await tab()];
    op.change({
      answer: (endpoint) => {
        if (endpoint === "authorize") site.isOffline = true;
      },
    });
    await one.run(() => void globalThis.app.auth.signIn().catch(() => {}));
    await until("arrived", () => one.run(() => globalThis.app?.arrived), { error: "http.failed" });
    same((await one.url()).includes("/cb?"), true, "the response stays in the address");
    op.mend();
    if (state !== nobody) site.isOffline = false;
    await change(one, two);
    site.isOffline = false;
    await becomes(one, state);
    same(await one.url(), `${site.origin}/cb`, "no response is left");
    const used = site.grants().length;
    await one.run(() => globalThis.app.auth.user());
    same([await stateNow(one), site.grants().length], [state, used], "the next call");
  });

scenario(
  "a file that does not load at a response without a login: the next call finishes",
  {},
  async ({ site, tab }) => {
    const forged = "/cb?code=forged&state=forged";
    const handled = (one) => one.run(() => globalThis.app.settled(globalThis.app.auth.handleRedirect()));
    site.lost = ["windows"];
    const one = await tab(forged);
    same(await one.run(() => globalThis.app.arrived), { error: "session.part" }, "signed out");
    same(await stateNow(one), { ...nobody, ...lost }, "state, signed out");
    same(await one.url(), site.origin + forged, "the address keeps the response");
    site.lost = [];
    same(await handled(one), { error: "transaction.missing" }, "the next call");
    same(await stateNow(one), { ...nobody, problem: "transaction.missing", recoverable: false }, "state afterwards");
    const two = await signIn(await tab());
    site.lost = ["windows"];
    await two.goto(site.origin + forged);
    same(await two.run(() => globalThis.app.arrived), { error: "session.part" }, "signed in");
    same(await stateNow(two), { ...alice, problem: "session.part", recoverable: true }, "state, signed in");
    site.lost = [];
    same(await handled(two), { value: null }, "the next call, signed in");
    same([await stateNow(two), await two.url()], [alice, `${site.origin}/cb`], "afterwards, signed in");
    same(await two.events(), ["signed_in storage", "problem", "signed_in storage"], "events");
  },
  // Firefox remembers the failure until a reload.
  ["chromium", "webkit"],
);

scenario("a file that does not load in the popup: a reload of the popup finishes the login", {}, async (context) => {
  const { site, op, tab, browser } = context;
  const one = await tab();
  op.change({
    answer: (endpoint) => {
      if (endpoint === "authorize") site.lost = ["windows"];
    },
  });
  const login = inPopup(one);
  let popup;
  const failed = async () => {
    for (const other of await browser.others()) if ((await other.url()).includes("/cb?")) popup = other;
    return popup?.run(() => globalThis.app?.arrived);
  };
  await until("the popup", failed, { error: "session.part" });
  same(site.grants(), [], "the code is not used");
  site.lost = [];
  await popup.goto(await popup.url()).catch(() => {});
  same([await login, await stateNow(one)], [{ value: "alice" }, alice], "afterwards");
  same(site.grants(), ["authorization_code"], "one code, spent once");
});

scenario("a file that does not load at expiry: the session stands", {}, async ({ site, tab }) => {
  const one = await signIn(await tab());
  await one.goto(`${site.origin}/`);
  same(await one.state(), alice, "a reload");
  site.lost = ["later"];
  await skip(one, 301);
  same(await token(one), { error: "session.part" }, "no token");
  same(await stateNow(one), { ...alice, problem: "session.part", recoverable: true }, "state");
  same(site.refreshes(), 0, "the refresh token is not used");
  const two = await tab();
  await becomes(two, { ...nobody, ...lost });
  site.lost = [];
  await one.goto(`${site.origin}/`);
  same([await one.state(), (await token(one)).error], [alice, undefined], "a reload");
});

for (const [name, auth] of /** @type {const} */ ([
  ["indexeddb", { storage: "indexeddb" }],
  ["remote", { worker: "SharedWorker" }],
]))
  scenario(`a file that does not load, ${name}: nothing else replaces it`, { auth }, async ({ site, tab }) => {
    const one = await signIn(await tab());
    const three = await tab("/blank");
    site.lost = [name];
    const two = await tab();
    same(await two.state(), { ...nobody, ...lost }, "state");
    same(await token(two), { error: "session.part" }, "no token");
    same(
      await two.run(() => globalThis.app.settled(globalThis.app.auth.signIn())),
      { error: "session.part" },
      "signIn",
    );
    site.lost = [];
    await three.goto(`${site.origin}/`);
    same(await three.state(), alice, "a reload finds the session");
    same(await stateNow(one), alice, "another tab");
  });

scenario(
  "a file that does not load, indexeddb: the next call finds the session",
  { auth: { storage: "indexeddb" } },
  async ({ site, tab }) => {
    const one = await signIn(await tab());
    for (const [call, seconds] of /** @type {const} */ ([
      ["handleRedirect", 0],
      ["user", 0],
      ["getAccessToken", 0],
      // It renews the session before it shows it.
      ["user", 301],
    ])) {
      site.lost = ["indexeddb"];
      const two = await tab();
      same(await two.state(), { ...nobody, ...lost }, `state, ${call}`);
      const called = () =>
        two.run(
          (call) =>
            globalThis.app.settled(
              globalThis.app.auth[call]().then((value) => (value?.iss ? value.sub : typeof value)),
            ),
          call,
        );
      same((await called()).error, call === "handleRedirect" ? undefined : "session.part", `lost again, ${call}`);
      same(await stateNow(two), { ...nobody, ...lost }, `state again, ${call}`);
      same(await two.events(), ["signed_out here"], `events again, ${call}`);
      site.lost = [];
      await skip(two, seconds);
      const values = { handleRedirect: "object", user: "alice", getAccessToken: "string" };
      same(await called(), { value: values[call] }, call);
      same(await stateNow(two), alice, `state afterwards, ${call}`);
      same((await two.events()).at(-1), "signed_in storage", `event, ${call}`);
    }
    await one.run(() => globalThis.app.auth.signOut({ local: true }));
    site.lost = ["indexeddb"];
    const three = await tab();
    same(await three.state(), { ...nobody, ...lost }, "state, signed out");
    site.lost = [];
    same(await token(three), { error: "session.none" }, "the next call, signed out");
    same([await stateNow(three), (await three.events()).at(-1)], [nobody, "signed_out here"], "afterwards, signed out");
  },
  // Firefox remembers the failure until a reload.
  ["chromium", "webkit"],
);

for (const worker of ["Worker", "SharedWorker"])
  scenario(
    `a file that does not load, the one of a ${worker}: every call ends`,
    { auth: { worker } },
    async (context) => {
      const { site, op, tab } = context;
      site.lost = ["worker"];
      const one = await tab();
      same(await one.state(), { ...nobody, ...lost }, "state");
      const ends = await one.run(async () => {
        const { auth, settled } = globalThis.app;
        const calls = [auth.signIn(), auth.fetch("/api/v1"), auth.profile(), auth.signOut()];
        return Promise.all(calls.map(settled));
      });
      same(ends, Array(4).fill({ error: "session.part" }), "calls");
      same([op.requests.length, site.api.calls.length], [0, 0], "no request was sent");
      site.lost = [];
      await one.goto(`${site.origin}/`);
      await signIn(one);
      same(await stateNow(one), alice, "after a reload");
    },
  );

scenario("a file that does not load at signOut: the session stands, and the next call revokes", {}, async (context) => {
  const { site, op, tab } = context;
  const one = await signIn(await tab());
  await one.goto(`${site.origin}/`);
  same(await one.state(), alice, "a reload");
  const ended = () => op.requests.filter(({ endpoint }) => endpoint === "revoke").length;
  for (const local of [false, true]) {
    site.lost = ["later"];
    const out = (tab) => tab.run((local) => globalThis.app.settled(globalThis.app.auth.signOut({ local })), local);
    same(await out(one), { error: "session.part" }, "signOut");
    same([(await stateNow(one)).sub, ended()], ["alice", 0], "the session stands");
  }
  site.lost = [];
  await one.goto(`${site.origin}/`);
  same(await one.run(() => globalThis.app.settled(globalThis.app.auth.signOut({ local: true }))), {}, "again");
  same([await stateNow(one), ended()], [nobody, 1], "revoked");
});

for (const [name, begin, end, told] of /** @type {const} */ ([
  ["a file that does not load", (site) => site.lost.push("later"), (site) => site.lost.pop(), lost],
  [
    "a provider that is down",
    (site) => {
      site.isOffline = true;
    },
    (site) => {
      site.isOffline = false;
    },
    { problem: "http.failed", recoverable: false },
  ],
]))
  scenario(
    `${name} at the silent redirect after a reload: the next load finds the session`,
    { auth: { renew: "redirect", storage: "memory" } },
    async ({ site, tab }) => {
      const one = await signIn(await tab());
      begin(site);
      await one.goto(`${site.origin}/`);
      same(await one.state(), { ...nobody, ...told }, "state");
      end(site);
      await one.goto(`${site.origin}/`).catch(() => {});
      await until("signed in", () => stateNow(one), alice);
    },
  );

// ── a worker that holds the tokens ──

/** All strings that the page can reach: its storages, the worker's messages, and everything that it holds. They must contain no token. */
const leaks = (tab) =>
  tab.run(async () => {
    const login = (await globalThis.app.arrived).value;
    const seen = [
      JSON.stringify(login),
      JSON.stringify(globalThis.app.auth.snapshot()),
      ...Object.values({ ...sessionStorage, ...localStorage }),
      ...globalThis.app.heard,
    ];
    // An ID token is a JWT.
    return seen.filter((text) => /access_[\w-]{20}|refresh_[\w-]{20}|"eyJ[\w-]+\.eyJ/.test(text ?? ""));
  });
/** `login.tokens` throws `session.sealed`, so JSON leaves it out. */
const sealed = (tab) =>
  tab.run(async () => {
    const { value } = await globalThis.app.arrived;
    try {
      return value.tokens;
    } catch (error) {
      return error.code;
    }
  });

for (const worker of ["Worker", "SharedWorker"])
  scenario(`a ${worker} keeps the tokens: none enters the page`, { auth: { worker } }, async ({ site, tab }) => {
    const one = await signIn(await tab("/inside"));
    same(await stateNow(one), alice, "state");
    same(await one.url(), `${site.origin}/inside`, "the page before the login");
    const heard = () => one.run(() => globalThis.app.heard.map((text) => Object.keys(JSON.parse(text)).join()));
    same((await heard()).includes("v,event,view"), true, "the worker tells of the login");
    same(await leaks(one), [], "nothing leaks");
    same(await sealed(one), "session.sealed", "the tokens of the login");
    same(await token(one), { error: "session.sealed" }, "getAccessToken");
    const call = (address, init) =>
      one.run(
        (address, init) =>
          globalThis.app.settled(
            globalThis.app.auth.fetch(address, init).then(async (reply) => [reply.status, await reply.text()]),
          ),
        address,
        init ?? {},
      );
    same(await call("/api/v1/things", { method: "POST", body: "the body" }), { value: [200, "api"] }, "fetch");
    same(
      [site.api.calls.at(-1).authorization.slice(0, 14), site.api.calls.at(-1).body],
      ["Bearer access_", "the body"],
      "with a token",
    );
    await call("/api/v2");
    same(site.api.calls.at(-1).authorization, undefined, "no token for another address");
    site.api.refuse = () => (site.refreshes() ? undefined : { status: 401, headers: {} });
    same(await call("/api/v1"), { value: [200, "api"] }, "renewed in the worker");
    same(site.refreshes(), 1, "one refresh");
    same(await one.run(() => globalThis.app.auth.profile().then(({ name }) => name)), "Alice", "profile");
    same(await leaks(one), [], "nothing leaks afterwards");
    if (worker === "SharedWorker") {
      const two = await tab();
      same(await two.state(), alice, "another tab, by the same worker");
      await two.run(() => globalThis.app.auth.signOut({ local: true }));
      await becomes(one, nobody);
    } else await one.run(() => globalThis.app.auth.signOut({ local: true }));
    same(await call("/api/v1"), { error: "session.none" }, "signed out");
  });

scenario(
  "a page of a worker gives no session to a tab without one",
  { auth: { worker: "SharedWorker" } },
  async (it) => {
    const plain = async () => {
      const one = await it.tab("/blank");
      await one.run(() => {
        const { app } = /** @type {any} */ (globalThis);
        app.auth = app.start({ ...app.settings.auth, worker: undefined });
      });
      return one;
    };
    const one = await plain();
    same(await inPopup(one), { value: "alice" }, "without a worker");
    same(await inPopup(await it.tab()), { value: "alice" }, "with a worker");
    const three = await plain();
    await becomes(three, alice);
    same(await token(three), await token(one), "the session of the first");
  },
);

scenario(
  "a worker has another person already: a page that does not know it yet neither uses nor ends that session",
  { auth: { worker: "SharedWorker" } },
  async ({ site, op, tab }) => {
    const bob = { status: "signed_in", sub: "bob" };
    const one = await signIn(await tab());
    const two = await tab();
    await becomes(two, alice);
    const setDeaf = (tab, isDeaf) =>
      tab.run((isDeaf) => {
        globalThis.app.isDeaf = isDeaf;
      }, isDeaf);
    const ends = (tab) =>
      tab.run(() => {
        const { auth, settled } = globalThis.app;
        const reply = (path) => auth.fetch(path).then(({ status }) => status);
        const sub = auth.profile().then(({ sub }) => sub);
        return Promise.all([reply("/api/v1"), sub, reply("/api/v2")].map(settled));
      });
    same(await ends(two), [{ value: 200 }, { value: "alice" }, { value: 200 }], "the same person");
    const { say } = await talker(tab, nameOf(site));
    const id = await two.run(() => JSON.parse(globalThis.app.heard[0]).value.session.id);
    await setDeaf(two, true);
    await one.run(() => globalThis.app.auth.signOut({ local: true }));
    same(await inPopup(one, { loginHint: "bob", prompt: "login" }), { value: "bob" }, "the next person");
    // A tab that stood still may hear late that the session before is over.
    await say({ type: "over", id, why: "signed_out" });
    site.api.calls.length = op.requests.length = 0;
    // The last address is none of the APIs, so it needs nobody.
    const none = { error: "session.none" };
    same(await ends(two), [none, none, { value: 200 }], "calls of the first person");
    same([site.api.calls.map(({ path }) => path), count(op, "userinfo")], [["/api/v2"], 0], "requests");
    same([await stateNow(one), await ends(one)].flat(), [bob, ...[200, "bob", 200].map((value) => ({ value }))], "bob");
    // The same after a page that knows of nobody.
    await setDeaf(two, false);
    await one.run(() => globalThis.app.auth.signOut({ local: true }));
    await becomes(two, nobody);
    await setDeaf(two, true);
    await inPopup(one);
    same(await ends(two), [none, none, { value: 200 }], "calls of nobody");
    await setDeaf(two, false);
    await two.goto(`${site.origin}/`);
    same(await two.state(), bob, "after a reload");
  },
);

scenario(
  "a page of a SharedWorker returns from its login, and another one signs out meanwhile: the login is done",
  { auth: { worker: "SharedWorker" } },
  async ({ op, tab }) => {
    const one = await signIn(await tab());
    const two = await tab();
    await becomes(two, alice);
    const { asked, release } = hold(op, "token");
    await two.run(() => void globalThis.app.auth.signIn().catch(() => {}));
    await asked();
    await one.run(() => globalThis.app.auth.signOut({ local: true }));
    await becomes(one, nobody);
    await pause(300);
    // An application would leave for the next login.
    same([await stateNow(two), await two.events()], [{ status: "loading" }, []], "the page that returns");
    release();
    for (const each of [two, one]) await becomes(each, alice);
    same(await two.events(), ["signed_in redirect"], "its events");
  },
);

scenario(
  "a worker renews one token after the other, also after a failure",
  { auth: { worker: "Worker" } },
  async ({ site, tab }) => {
    const apis = Object.fromEntries(
      ["one", "two", "three"].map((name) => [`${site.origin}/api/${name}`, { resource: `https://${name}.example` }]),
    );
    site.ofWorker = { resource: Object.values(apis).map(({ resource }) => resource), apis };
    const one = await signIn(await tab());
    const call = (...names) =>
      one.run(async (names) => {
        const { auth, settled } = globalThis.app;
        return Promise.all(names.map((name) => settled(auth.fetch(`/api/${name}`).then(({ status }) => status))));
      }, names);
    same([await call("one"), site.refreshes()], [[{ value: 200 }], 0], "the token of the login");
    site.isOffline = true;
    same(await call("two"), [{ error: "http.failed" }], "offline");
    same(await stateNow(one), { ...alice, problem: "http.failed", recoverable: true }, "the worker tells the page");
    site.isOffline = false;
    // Each uses the refresh token that the one before it received.
    same(await call("two", "three"), [{ value: 200 }, { value: 200 }], "two tokens at once");
    same([site.refreshes(), await stateNow(one)], [2, alice], "refreshes");
  },
);

scenario("signOut by a worker: the page leaves for the provider", { auth: { worker: "Worker" } }, async (context) => {
  const { site, op, tab } = context;
  const one = await signIn(await tab("/inside"));
  const postLogoutRedirectUri = `${site.origin}/blank`;
  await one.run((to) => void globalThis.app.auth.signOut({ postLogoutRedirectUri: to }), postLogoutRedirectUri);
  await until("signed out at the provider", () => count(op, "logout"), 1);
  const { searchParams } = new URL(op.requests.find(({ endpoint }) => endpoint === "logout").url);
  same(
    [searchParams.get("post_logout_redirect_uri"), searchParams.has("id_token_hint"), count(op, "revoke")],
    [postLogoutRedirectUri, true, 1],
    "its request",
  );
});

for (const auth of [{ worker: "Worker" }, withApi])
  scenario(
    `fetch answers as the browser's own, ${typeof auth === "function" ? "in the page" : "by a Worker"}`,
    { auth },
    async ({ site, tab }) => {
      const one = await signIn(await tab());
      const call = (path, init) =>
        one.run(
          (path, init) =>
            globalThis.app.auth.fetch(path, init).then(
              async (reply) => [reply.status, await reply.text()],
              () => "rejected",
            ),
          path,
          init ?? {},
        );
      site.api.refuse = ({ url }) => {
        const [, status] = /(\d{3})$/.exec(url) ?? [];
        return status ? { status, headers: { location: "/api/v2", "set-cookie": "own=1; Path=/" } } : undefined;
      };
      same(await call("/api/v1/201"), [201, "api"], "201");
      const head = () =>
        globalThis.app.auth
          .fetch("/api/v1/201")
          .then(({ statusText, headers }) => [statusText, headers.get("content-type")]);
      same(await one.run(head), ["Created", "text/plain"], "its head");
      for (const status of [204, 205, 304]) same(await call(`/api/v1/${status}`), [status, ""], "no content");
      same(await call("/api/v1/302", { redirect: "manual" }), [0, ""], "a redirect that the caller wants to see");
      same(await call("/api/v1/302"), "rejected", "a redirect");
      const integrity = `sha256-${createHash("sha256").update("api").digest("base64")}`;
      same(await call("/api/v1", { integrity }), [200, "api"], "the expected content");
      same(await call("/api/v1", { integrity: integrity.replace(/.=$/, "A=") }), "rejected", "other content");
      for (const [init, name, sent, unsent] of /** @type {[RequestInit, string, string?, string?][]} */ ([
        [{ credentials: "omit" }, "cookie", "own=1", undefined],
        [{ referrerPolicy: "no-referrer" }, "referer", `${site.origin}/`, undefined],
        [{ referrer: "" }, "referer", `${site.origin}/`, undefined],
        [{ referrer: "/other" }, "referer", `${site.origin}/`, `${site.origin}/other`],
        [{ cache: "no-store" }, "cache-control", undefined, "no-cache"],
      ])) {
        const seen = [];
        for (const each of [{}, init]) {
          same(await call("/api/v1", each), [200, "api"], JSON.stringify(each));
          seen.push(site.api.calls.at(-1).headers[name]);
        }
        // A worker's referrer is its script. The host may have cookies of other scenarios.
        same([seen[0]?.replace(/worker\.js|.*(?=own=1)|(?<=own=1).*/g, ""), seen[1]], [sent, unsent], name);
      }
      const elsewhere = `${site.config.issuer}/.well-known/openid-configuration`;
      same((await call(elsewhere))[0], 200, "another origin");
      same(await call(elsewhere, { mode: "same-origin" }), "rejected", "another origin in this mode");
      site.api.calls.length = 0;
      const ends = await one.run(async () => {
        const { auth } = globalThis.app;
        const nameOf = ({ name }) => name;
        const before = await auth.fetch("/api/v1", { signal: AbortSignal.abort() }).catch(nameOf);
        return [before, (await auth.fetch("/api/v1")).status];
      });
      same([ends, site.api.calls.length], [["AbortError", 200], 1], "aborted before it is sent");
    },
  );

for (const auth of [{ worker: "Worker" }, withApi])
  scenario(
    `fetch, and a signal that aborts while the content arrives, ${typeof auth === "function" ? "in the page" : "by a Worker"}`,
    { auth },
    async ({ site, tab }) => {
      const one = await signIn(await tab());
      site.api.refuse = () => ({ status: 200, isEndless: true });
      const end = await one.run(async () => {
        const stopper = new AbortController();
        setTimeout(() => stopper.abort(), 500);
        const reply = globalThis.app.auth.fetch("/api/v1", { signal: stopper.signal });
        const text = reply.then((it) => it.text()).catch(() => "rejected");
        return Promise.race([text, new Promise((done) => setTimeout(() => done("never ends"), 30_000))]);
      });
      same(end, "rejected", "the content");
    },
    // WebKit may lose a signal that follows another one.
    ["chromium", "firefox"],
  );

for (const auth of [{ worker: "Worker" }, withApi])
  scenario(
    `fetch, and a signal that aborts before the answer, ${typeof auth === "function" ? "in the page" : "by a Worker"}`,
    { auth },
    async ({ site, tab }) => {
      const one = await signIn(await tab());
      let isEnded = false;
      site.api.refuse = ({ socket }) =>
        new Promise((done) =>
          socket.once("close", () => {
            isEnded = true;
            done({ status: 200 });
          }),
        );
      await one.run(() => {
        globalThis.stopper = new AbortController();
        const { signal } = globalThis.stopper;
        globalThis.last = globalThis.app.auth.fetch("/api/v1", { signal }).catch(({ name }) => name);
      });
      await until("the request", () => site.api.calls.length, 1);
      same(isEnded, false, "the request, before");
      await one.run(() => globalThis.stopper.abort());
      const last = () => Promise.race([globalThis.last, new Promise((done) => setTimeout(done, 30_000, "never ends"))]);
      same(await one.run(last), "AbortError", "the call");
      await until("the end of the request", () => isEnded, true);
    },
    // WebKit may lose a signal that follows another one.
    ["chromium", "firefox"],
  );

scenario("wrong options of a worker are rejected", { auth: { worker: "Worker" } }, async ({ site, tab }) => {
  site.isOffline = true;
  const codes = [
    [{ renew: "never" }, "argument.renew"],
    [{ renew: "refresh" }, "http.failed"],
    [{ extra: "audience" }, "argument.extra"],
    [{ extra: {} }, "http.failed"],
  ];
  for (const [options, code] of codes) {
    site.ofWorker = options;
    const one = await tab();
    const { error } = await one.run(() => globalThis.app.settled(globalThis.app.auth.signIn()));
    same(error, code, JSON.stringify(options));
  }
});

for (const worker of ["Worker", "SharedWorker"]) {
  scenario(
    `a ${worker} of an older version: every call ends`,
    { auth: { worker, before: "newer" } },
    async ({ op, tab }) => {
      const one = await tab();
      const error = "session.version";
      same(await one.state(), { ...nobody, problem: error, recoverable: false }, "state");
      const ends = await one.run(async () => {
        const { auth, settled } = globalThis.app;
        return Promise.all([auth.signIn(), auth.fetch("/api/v1"), auth.profile(), auth.signOut()].map(settled));
      });
      same([ends, op.requests.length], [Array(4).fill({ error }), 0], "calls, and requests");
    },
  );
  scenario(
    `a ${worker} that never answers: every call ends`,
    { auth: { worker, before: "unheard" } },
    async ({ tab }) => {
      const one = await tab();
      same(await one.state(), { ...nobody, ...lost }, "state");
      same(
        await one.run(() => globalThis.app.settled(globalThis.app.auth.signIn())),
        { error: "session.part" },
        "signIn",
      );
    },
  );
}

for (const worker of ["Worker", "SharedWorker"]) {
  /** Without the listeners of a worker's own file. */
  const hears = (tab) => tab.run(() => globalThis.app.hears.size);
  scenario(
    `a ${worker}, and close(): no listener stays, and the last call gets its answer`,
    { auth: { worker, before: "watchedWorker" } },
    async ({ op, tab }) => {
      const one = await signIn(await tab());
      const before = await hears(one);
      for (let turn = 0; turn < 3; turn++) {
        await replace(one);
        await becomes(one, alice);
      }
      same([before, await hears(one)], [2, 2], "those of the present manager");
      const unsendable = () => globalThis.app.settled(globalThis.app.auth.signIn({ prompt: () => {} }));
      same((await one.run(unsendable)).error.split(":")[0], "DataCloneError", "a call that no message can contain");
      const { asked, release } = hold(op, "userinfo");
      await one.run(() => {
        globalThis.last = globalThis.app.settled(globalThis.app.auth.profile().then(({ sub }) => sub));
      });
      await asked();
      await one.run(() => globalThis.app.auth.close());
      release();
      same(await one.run(() => globalThis.last), { value: "alice" }, "the last call");
      same(await hears(one), 0, "none after it");
      const later = one.run(() => globalThis.app.settled(globalThis.app.auth.profile().then(({ sub }) => sub)));
      same([await later, await hears(one)], [{ value: "alice" }, 0], "a call after close()");
    },
  );
  scenario(
    `a ${worker} that ends after its first answer: every call ends, and the next worker serves`,
    { auth: { worker } },
    async ({ op, tab }) => {
      const one = await signIn(await tab());
      await one.run(() => globalThis.app.hurry());
      const { asked, release } = hold(op, "userinfo");
      const slow = one.run(() => globalThis.app.settled(globalThis.app.auth.profile().then(({ sub }) => sub)));
      await asked();
      await pause(4_500);
      release();
      same(await slow, { value: "alice" }, "a worker that answers after the time");
      await one.run(() => {
        const { worker } = globalThis.app.config;
        (worker.port ?? worker).postMessage("end");
        // The person returned by the Back button.
        dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
      });
      const calls = one.run(() => {
        const { auth, settled } = globalThis.app;
        const all = Promise.all([auth.fetch("/api/v1"), auth.profile(), auth.signOut({ local: true })].map(settled));
        return Promise.race([all, new Promise((done) => globalThis.app.setTimeout(() => done("none"), 300_000))]);
      });
      const error = "session.part";
      same(await calls, Array(3).fill({ error }), "calls");
      same(await one.run(() => globalThis.app.settled(globalThis.app.auth.profile())), { error }, "and the next");
      await one.run(() => {
        const { app } = /** @type {any} */ (globalThis);
        app.auth.close();
        app.auth = app.start(app.settings.auth);
      });
      await becomes(one, nobody);
      await signIn(one);
    },
  );
}

for (const worker of ["Worker", "SharedWorker"])
  scenario(
    `a ${worker}, and messages that are no answers: each call gets its own`,
    { auth: { worker } },
    async ({ op, tab }) => {
      const one = await signIn(await tab());
      const start = async () => {
        const { asked, release } = hold(op, "userinfo");
        await one.run(() => {
          globalThis.last = globalThis.app.settled(globalThis.app.auth.profile().then(({ sub }) => sub));
        });
        await asked();
        return release;
      };
      const last = () =>
        one.run(() => Promise.race([globalThis.last, new Promise((done) => setTimeout(done, 30_000, "never ends"))]));
      const hears = (type, ...all) =>
        one.run(
          (type, all) => {
            const { worker } = globalThis.app.config;
            for (const data of all) (worker.port ?? worker).dispatchEvent(new MessageEvent(type, { data }));
          },
          type,
          all,
        );
      const release = await start();
      const ofOther = Array.from({ length: 50 }, (_, id) => ({ v: 2, id, value: { sub: "mallory" } }));
      await hears("message", null, "of the application", {}, ...ofOther);
      release();
      same(await last(), { value: "alice" }, "messages of the application, and of another version");
      const free = await start();
      await hears("messageerror", null);
      same(await last(), { error: "session.part" }, "an answer that the page cannot read");
      free();
      same(await one.run(() => globalThis.app.auth.profile().then(({ sub }) => sub)), "alice", "the next call");
    },
  );

scenario(
  "a worker whose own code throws, and then stands still: its next answers count",
  { auth: { worker: "Worker" } },
  async ({ tab }) => {
    const one = await signIn(await tab());
    const profile = () => one.run(() => globalThis.app.settled(globalThis.app.auth.profile().then(({ sub }) => sub)));
    await one.run(() => {
      const { worker } = globalThis.app.config;
      const thrown = new Promise((done) => {
        worker.addEventListener("error", (event) => {
          event.preventDefault();
          done(undefined);
        });
      });
      worker.postMessage("throw");
      return thrown;
    });
    same(await profile(), { value: "alice" }, "after an error");
    await one.run(() => {
      globalThis.app.hurry();
      globalThis.app.config.worker.postMessage({ busy: 8_000 });
    });
    same(await profile(), { error: "session.part" }, "while it stands still");
    await until("afterwards", profile, { value: "alice" });
  },
);

scenario("a worker answers each call of a page, also one that it does not have", {}, async ({ tab }) => {
  const one = await tab("/blank");
  const answers = await one.run(async () => {
    const worker = new Worker("/worker.js", { type: "module" });
    const heard = [];
    worker.onmessage = ({ data }) => heard.push([data.id, data.isUnknown ?? false]);
    const calls = [
      { v: 1, id: 1, call: "view", given: [] },
      { v: 1, id: 2, call: "views", given: [] },
      { v: 1, id: 3, call: "toString", given: [] },
      { v: 2, id: 4, call: "view", given: [] },
      { id: 5, call: "of the application" },
      { v: 1, id: 6, call: "view", given: [] },
    ];
    for (const call of calls) worker.postMessage(call);
    while (!heard.some(([id]) => id === 6)) await new Promise((done) => setTimeout(done, 50));
    return heard.sort();
  });
  same(
    answers,
    [
      [1, false],
      [2, true],
      [3, true],
      [4, true],
      [6, false],
    ],
    "answers",
  );
});

/** The number of ports that get an event of this page's SharedWorker. */
const portsOf = (tab) =>
  tab.run(async () => {
    globalThis.worker ??= new SharedWorker("/worker.js", { type: "module" });
    const { port } = globalThis.worker;
    const answer = new Promise((done) => {
      port.onmessage = ({ data }) => "sent" in data && done(data.sent);
    });
    for (const message of ["gc", { v: 1, id: 1, call: "forget", given: ["here"] }, "sent"]) port.postMessage(message);
    return answer;
  });

scenario(
  "a SharedWorker forgets the pages that are gone",
  {},
  async ({ tab }) => {
    const one = await tab("/blank");
    const two = await tab("/blank");
    same([await portsOf(one), await portsOf(two), await portsOf(one)], [1, 2, 2], "two pages");
    await two.close();
    await until("ports", () => portsOf(one), 1);
  },
  // Only this browser has `gc`.
  ["chromium"],
);

// ── frameworks ──

const shown = (tab) => tab.run(() => document.querySelector("main")?.innerText);

scenario(
  "React, StrictMode, the calls in an effect: one login",
  { script: "react", page: { isByHand: true } },
  async ({ site, tab }) => {
    const one = await tab("/inside");
    await until("signed in", () => stateNow(one), alice);
    await pause(500);
    same(site.grants(), ["authorization_code"], "one code, spent once");
    same(site.op.requests.filter(({ endpoint }) => endpoint === "authorize").length, 1, "one login");
    same(await one.url(), `${site.origin}/inside`, "the page before the login");
  },
);

scenario("React, StrictMode, a protected page", { script: "react" }, async ({ site, tab }) => {
  const one = await tab("/inside");
  await until("shown", () => shown(one), "Hello, alice");
  same(site.grants(), ["authorization_code"], "one code, spent once");
  await one.goto(`${site.origin}/inside`);
  await until("shown after a reload", () => shown(one), "Hello, alice");
  same(site.grants().length, 1, "a reload sends no token request");
  await one.run(() => {
    globalThis.app.auth.close();
    globalThis.app.auth = globalThis.app.start(globalThis.app.settings.auth);
  });
  same(await one.run(() => globalThis.app.auth.user().then(({ sub }) => sub)), "alice", "after a hot reload");
});

scenario(
  "React, a router that leaves the redirect URI at once",
  { script: "react", page: { isRouted: true } },
  async ({ site, op, tab }) => {
    const one = await tab("/inside");
    await until("shown", () => shown(one), "Hello, alice");
    same([await one.url(), site.grants()], [`${site.origin}/inside`, ["authorization_code"]], "one code, spent once");
    same(count(op, "authorize"), 1, "one login");
  },
);

scenario("React, an expired session starts a login", { script: "react" }, async ({ site, op, tab }) => {
  op.change({ tokens: (body) => delete body.refresh_token });
  const one = await tab("/inside");
  await until("shown", () => shown(one), "Hello, alice");
  await skip(one, 301);
  await one.run(() => void globalThis.app.auth.getAccessToken().catch(() => {}));
  await until("the second login", () => site.grants(), ["authorization_code", "authorization_code"]);
  await until("shown again", () => shown(one), "Hello, alice");
  same(promptsOf(op), [null, null], "no login form is demanded");
});

/** The `prompt` of each login. */
const promptsOf = (op) =>
  op.requests
    .filter(({ endpoint }) => endpoint === "authorize")
    .map(({ url }) => new URL(url).searchParams.get("prompt"));

for (const local of [false, true])
  scenario(
    `React, a sign-out ${local ? "here" : "at the provider"}: another tab's protected page demands a new login`,
    { script: "react" },
    async ({ site, op, tab }) => {
      const one = await tab("/inside");
      await until("shown", () => shown(one), "Hello, alice");
      const two = await tab("/inside");
      await until("shown", () => shown(two), "Hello, alice");
      // The second tab may have signed in itself, and the first one follows.
      await pause(500);
      const before = promptsOf(op).length;
      // The provider's own session ends when this tab arrives there, and with `local` never.
      const { asked, release } = hold(op, "revoke");
      const options = { local, postLogoutRedirectUri: `${site.origin}/blank` };
      await one.run((options) => void globalThis.app.auth.signOut(options).catch(() => {}), options);
      await asked();
      await until("the other tab's login", () => promptsOf(op).length > before, true);
      release();
      await until("shown again", () => shown(two), "Hello, alice");
      // With `local`, this tab may demand one too.
      same([...new Set(promptsOf(op).slice(before))], ["login"], "its prompt");
    },
  );

scenario("React, a protected page with a prompt", { script: "react", page: { prompt: "consent" } }, async (context) => {
  const one = await context.tab("/inside");
  await until("shown", () => shown(one), "Hello, alice");
  same(promptsOf(context.op), ["consent"], "prompts");
});

scenario("React, a provider that is down: the fallback is shown", { script: "react" }, async ({ site, op, tab }) => {
  site.isOffline = true;
  const one = await tab("/inside");
  await becomes(one, { ...nobody, problem: "http.failed", recoverable: false });
  same([await shown(one), count(op, "authorize")], ["One moment", 0], "shown, and logins");
});

scenario("React, an error starts no login loop", { script: "react" }, async ({ site, op, tab }) => {
  op.change({
    redirect: (parameters) => {
      parameters.delete("code");
      parameters.set("error", "access_denied");
    },
  });
  const one = await tab("/inside");
  await until("arrived", () => stateNow(one), { ...nobody, problem: "redirect.oauth_error", recoverable: false });
  await pause(500);
  same(site.op.requests.filter(({ endpoint }) => endpoint === "authorize").length, 1, "one login");
  same(await shown(one), "One moment", "the fallback");
});

/** React has rendered ten of twenty slow components when the person signs out. */
const interrupted = (tab) =>
  tab.run(() => {
    const { app } = /** @type {any} */ (globalThis);
    return app.interrupted(() => app.auth.signOut({ local: true }));
  });

scenario(
  "React, the session changes during a low-priority render: one state is shown",
  { script: "concurrent" },
  async ({ site, tab }) => {
    const one = await tab();
    same(await one.state(), nobody, "before");
    await signIn(one);
    const { rendered, commits } = await interrupted(one);
    same([rendered, commits], [["signed_in", "signed_out"], ["signed_out"]], "React rendered both, and shows one");
    await signIn(one);
    const suspended = await one.run(() => {
      const { app } = /** @type {any} */ (globalThis);
      return app.suspended(() => app.auth.signOut({ local: true }));
    });
    same(suspended, { during: ["signed_out"], commits: ["signed_out"], isFallback: false }, "while a part suspends");
    await signIn(one);
    const reloaded = await one.run(() => /** @type {any} */ (globalThis).app.reloaded());
    same(reloaded, { shown: ["signed_in"], torn: [] }, "another manager takes the place");
    await one.run(() => globalThis.app.auth.signOut({ local: true }));
    await until("shown", () => one.run(() => document.querySelector("output").textContent), "signed_out");
    same(site.grants(), Array(3).fill("authorization_code"), "one code for each login");
  },
);

scenario(
  "React, the same with a component that does not subscribe: two states are shown",
  { script: "concurrent", page: { isWrong: true } },
  async ({ tab }) => {
    const one = await signIn(await tab());
    const { rendered, commits } = await interrupted(one);
    same(rendered, ["signed_in", "signed_out"], "rendered");
    same(commits, ["signed_in,signed_out"], "shown");
  },
);

scenario("React, rendered on a server", { script: "react", page: { rendered: true } }, async ({ site, tab }) => {
  const one = await tab("/inside");
  await until("shown", () => shown(one), "Hello, alice");
  await one.goto(`${site.origin}/inside`);
  await until("shown after a reload", () => shown(one), "Hello, alice");
  const { html, state, arrived, listening } = site.rendered;
  same([html, state, arrived, listening], ["One moment", { status: "loading" }, null, "function"], "on the server");
});

scenario("the page of the README", { script: "readme" }, async ({ site, tab }) => {
  const one = await tab();
  await until("the title", () => one.run(() => document.title), "Hello, Alice");
  same(site.grants(), ["authorization_code"], "one code, spent once");
});

scenario("the page of the README in an effect of StrictMode", { script: "effect" }, async ({ site, tab }) => {
  const one = await tab();
  await until("the title", () => one.run(() => document.title), "Hello, Alice");
  await pause(500);
  same(site.grants(), ["authorization_code"], "one code, spent once");
  same(site.op.requests.filter(({ endpoint }) => endpoint === "authorize").length, 1, "one login");
});

for (const script of ["vue", "svelte"])
  scenario(`${script}, as the documentation shows it`, { script }, async ({ site, tab }) => {
    const one = await tab();
    await until("the title", () => one.run(() => document.title), "signed_out undefined");
    await signIn(one);
    await until("the title", () => one.run(() => document.title), "signed_in alice");
    await one.run(() => globalThis.app.auth.signOut({ local: true }));
    await until("the title", () => one.run(() => document.title), "signed_out undefined");
    same(site.grants(), ["authorization_code"], "one code, spent once");
  });

/** An http page outside localhost has no crypto.subtle and no navigator.locks. The provider has https, or not. */
const insecure = (issuer, insecureOrigin) => ({
  provider: { issuer },
  auth: { issuer, redirectUri: "http://app.test/cb", ...(insecureOrigin && { insecureOrigin }) },
});

/** Answers the page's requests to both hosts, because DNS does not know them. */
async function answerFor({ page }, { origin, op }, own = "http://app.test") {
  await page.setRequestInterception(true);
  page.on("request", async (request) => {
    const address = new URL(request.url());
    const isApp = address.origin === own;
    if (!isApp && address.origin !== op.issuer) return request.continue();
    const asked = { method: request.method(), headers: request.headers(), body: request.postData() };
    const reply = await (isApp ? fetch(origin + address.pathname + address.search) : op.fetch(address.href, asked));
    await request.respond({
      status: reply.status,
      headers: Object.fromEntries(reply.headers),
      body: Buffer.from(await reply.arrayBuffer()),
    });
  });
}

const onInsecure = async ({ tab, site }, path = "/") => {
  const one = await tab("/blank");
  await answerFor(one, site);
  await one.goto(`http://app.test${path}`);
  await one.run(() => globalThis.app.arrived);
  same(
    await one.run(() => [typeof crypto.subtle, typeof navigator.locks]),
    ["undefined", "undefined"],
    "missing features",
  );
  return one;
};

scenario("checkSession in a frame of the page's own site", { auth: { renew: "iframe" } }, async ({ site, op, tab }) => {
  const one = await signIn(await tab());
  await one.goto(`${site.origin}/blank`);
  await one.run(
    () =>
      new Promise((done) => {
        globalThis.frame = Object.assign(document.createElement("iframe"), { src: "/inside", onload: done });
        document.body.append(globalThis.frame);
      }),
  );
  const check = () => one.run(() => globalThis.frame.contentWindow.app.auth.checkSession());
  same(await check(), true, "signed in there");
  op.signOut();
  same(await check(), false, "signed out there");
});

/** Page, provider, and whether a frame is the page's own site. Domains below a public suffix are sites of their own. */
const sites = /** @type {[string, string, boolean, string?][]} */ ([
  ["https://app.acme.co.uk", "op.acme.co.uk", true],
  ["https://acme.co.uk", "op.acme.co.uk", true],
  ["https://app.op.acme.co.uk", "op.acme.co.uk", true],
  ["https://app.co.uk", "op.co.uk", false],
  ["https://app.github.io", "op.github.io", false],
  ["https://app.example", "op.example.com", false],
  ["https://10.0.0.1", "10.1.0.1", false, "anyCookie"],
  // Browsers count the scheme too.
  ["http://localhost", "localhost", false],
]);
for (const [origin, other, isSame, before] of sites)
  scenario(
    `checkSession at ${origin} with the provider at ${other}`,
    {
      provider: { issuer: `https://${other}` },
      auth: ({ op }) => ({
        // The provider's address, or its metadata.
        ...(isSame ? { issuer: undefined, provider: op.metadata } : { issuer: op.issuer }),
        redirectUri: `${origin}/cb`,
        renew: "iframe",
        before,
      }),
    },
    async ({ op, site, tab }) => {
      const one = await tab("/blank");
      await answerFor(one, site, origin);
      await one.goto(`${origin}/`);
      await signIn(one);
      op.signOut();
      same(await one.run(() => globalThis.app.auth.checkSession()), isSame ? false : "unknown", "signed out");
      same(await one.run(() => document.cookie), "", "no cookie is left");
    },
    ["chromium"],
  );

const secureIssuer = "https://op.test";

scenario(
  "an insecure origin is rejected before the page leaves",
  insecure(secureIssuer),
  async (context) => {
    const one = await onInsecure(context);
    same(
      await one.run(() => globalThis.app.settled(globalThis.app.auth.signIn())),
      { error: "crypto.unavailable" },
      "signIn",
    );
    same(context.op.requests.length, 0, "no request was sent");
  },
  ["chromium"],
);

scenario(
  "an insecure origin, with TLS to the provider in place of a signature",
  insecure(secureIssuer, "tls-only"),
  async (context) => {
    const { site } = context;
    const one = await onInsecure(context, "/inside");
    await signIn(one);
    same(await stateNow(one), { ...alice, signature: "unchecked" }, "state");
    same(await one.url(), "http://app.test/inside", "address");
    await skip(one, 301);
    const [left, right] = await Promise.all([token(one), token(one)]);
    same([left.error, left.value === right.value, site.refreshes()], [undefined, true, 1], "renewed once");
    const kept = await one.run(() => Object.values({ ...sessionStorage }).join());
    same(/access_|refresh_/.test(kept), false, "no token is stored");
  },
  ["chromium"],
);

for (const fault of ["id_token.nonce", "id_token.at_hash", "id_token.c_hash"])
  scenario(
    `an insecure origin still checks the claims: ${fault}`,
    insecure(secureIssuer, "tls-only"),
    async (context) => {
      const one = await onInsecure(context);
      context.op.break(fault);
      await one.run(() => void globalThis.app.auth.signIn().catch(() => {}));
      await until("arrived", () => one.run(() => globalThis.app?.arrived), { error: fault });
      same((await stateNow(one)).status, "signed_out", "state");
    },
    ["chromium"],
  );

const insecureApis = insecure(secureIssuer, "tls-only");

scenario(
  "an insecure origin: a refresh for each API without an ID token, and one with another person's",
  { ...insecureApis, auth: { ...insecureApis.auth, resource: resources } },
  async (context) => {
    const { op } = context;
    const one = await onInsecure(context);
    await signIn(one);
    const unchecked = { ...alice, signature: "unchecked" };
    const asked = () => {
      const { body } = op.requests.findLast(({ endpoint }) => endpoint === "token");
      const parameters = new URLSearchParams(body);
      return ["grant_type", "resource", "scope"].map((name) => parameters.get(name));
    };
    same(asked(), ["authorization_code", resources[0], null], "the login's request");
    op.change({ tokens: (body) => delete body.id_token });
    for (const scope of [null, "profile"]) {
      const wanted = { resource: resources[1], ...(scope && { scope }) };
      const { value, error } = await token(one, wanted);
      same([error, JSON.parse(atob(value.split(".")[1])).aud], [undefined, resources[1]], "the token");
      same([asked(), await stateNow(one)], [["refresh_token", resources[1], scope], unchecked], "its request");
    }
    op.mend();
    op.break("id_token.previous");
    await skip(one, 301);
    same(await token(one), { error: "session.expired" }, "another person's ID token");
  },
  ["chromium"],
);

const withoutTls = insecure("http://op.test", "tls-only");

scenario(
  "an insecure origin, and a token endpoint without TLS",
  { ...withoutTls, auth: { ...withoutTls.auth, relax: ["http-provider"] } },
  async (context) => {
    const one = await onInsecure(context);
    const refused = await one.run(() => globalThis.app.settled(globalThis.app.auth.signIn()));
    same(refused, { error: "crypto.unavailable" }, "signIn");
  },
  ["chromium"],
);

// ── the session ends or changes while a call is under way ──

const isRefused = { refuse: () => ({ error: "invalid_grant" }) };
const isSignedOut = {
  redirect: (parameters) => {
    parameters.delete("code");
    parameters.set("error", "login_required");
  },
};
for (const [renew, endpoint, change, name] of /** @type {const} */ ([
  ["refresh", "token", {}, "answered"],
  ["refresh", "token", isRefused, "refused"],
  ["iframe", "authorize", {}, "answered"],
  ["iframe", "authorize", isSignedOut, "refused"],
  ["iframe", "token", {}, "answered"],
  ["iframe", "token", isRefused, "refused"],
]))
  scenario(
    `signOut during a renewal by ${renew}, and ${endpoint} ${name} later: the person stays signed out`,
    { auth: { renew } },
    async ({ op, tab }) => {
      const one = await signIn(await tab());
      op.change(change);
      const { asked, release } = hold(op, endpoint);
      await skip(one, 301);
      await startRenewal(one);
      await asked();
      await signOutHere(one);
      release();
      same(await one.run(() => globalThis.last), { error: "session.none" }, "the call");
      same([await stateNow(one), await one.events()], [nobody, ["signed_in redirect", "signed_out here"]], "the state");
    },
  );

for (const [name, change, error] of /** @type {const} */ ([
  ["answered", {}, "session.none"],
  ["refused", isRefused, "session.none"],
]))
  scenario(
    `another person signs in during a renewal for a second API, ${name} later: that session stands`,
    { auth: { resource: resources } },
    async ({ op, tab }) => {
      const [one, two] = await pair(tab);
      op.change(change);
      const { asked, release } = hold(op, "token");
      await one.run((resource) => {
        globalThis.last = globalThis.app.settled(globalThis.app.auth.getAccessToken({ resource }));
      }, resources[1]);
      await asked();
      op.mend();
      await signIn(two, { loginHint: "bob", prompt: "login" });
      const bob = { status: "signed_in", sub: "bob" };
      await becomes(one, bob);
      release();
      same(await one.run(() => globalThis.last), { error }, "the call");
      same(await stateNow(one), bob, "the state");
    },
  );

for (const [person, status, calls] of /** @type {const} */ ([
  ["bob", 401, 1],
  ["alice", 200, 2],
]))
  scenario(
    `a slow API rejects alice's request after ${person} signed in: it answers ${status}`,
    { auth: withApi },
    async ({ site, tab }) => {
      const [one, two] = await pair(tab);
      const first = (await token(one)).value;
      let release = () => {};
      const held = new Promise((done) => {
        release = () => done(undefined);
      });
      site.api.refuse = async (_, authorization) => {
        if (authorization !== `Bearer ${first}`) return undefined;
        await held;
        return { status: 401 };
      };
      await one.run(() => {
        globalThis.call = globalThis.app.auth.fetch("/api/v1", { method: "POST" }).then(({ status }) => status);
      });
      await until("the request", () => site.api.calls.length, 1);
      await signIn(two, { loginHint: person, prompt: "login" });
      await until("followed", async () => (await token(one)).value !== first, true);
      release();
      same([await one.run(() => globalThis.call), site.api.calls.length], [status, calls], "status, and requests");
    },
  );

for (const [person, result, calls] of /** @type {const} */ ([
  ["bob", { error: "session.none" }, 0],
  ["alice", { value: 200 }, 1],
]))
  scenario(
    `${person} signs in in another tab while a request waits for a third tab's renewal: ${calls} requests to the API`,
    { auth: withApi },
    async ({ site, op, tab }) => {
      const [one, two] = await pair(tab);
      const three = await tab();
      await becomes(three, alice);
      const { asked, release } = hold(op, "token");
      for (const each of [three, one]) await skip(each, 301);
      await startRenewal(three);
      await asked();
      await one.run(() => {
        const { auth, settled } = globalThis.app;
        globalThis.last = settled(auth.fetch("/api/v1", { method: "POST" }).then(({ status }) => status));
      });
      await pause(300);
      op.mend();
      for (const each of [three, one]) await skip(each, -301);
      await signIn(two, { loginHint: person, prompt: "login" });
      await becomes(one, { status: "signed_in", sub: person });
      release();
      same([await one.run(() => globalThis.last), site.api.calls.length], [result, calls], "the call, and requests");
    },
  );

scenario(
  "another person signs in after an expiry and a new session: none is left",
  { auth: { otherUser: "end" } },
  async (it) => {
    const one = await signIn(await it.tab());
    it.op.change(isRefused);
    await skip(one, 301);
    same(await token(one), { error: "session.expired" }, "expired");
    it.op.mend();
    await skip(one, -301);
    const two = await signIn(await it.tab());
    await becomes(one, alice);
    await signIn(two, { loginHint: "bob", prompt: "login" });
    await becomes(one, nobody);
    same(await token(one), { error: "session.none" }, "the first expiry is over");
  },
);

scenario("renewBefore that is no number: the page stays in use", {}, async ({ tab }) => {
  const one = await signIn(await tab());
  await one.run(() => {
    const { app } = /** @type {any} */ (globalThis);
    app.due = 0;
    app.auth.close();
    const now = () => {
      // A page that renews without end would stand still.
      if (app.due++ > 500) throw new Error("renews without end");
      return Date.now() / 1000;
    };
    app.auth = app.begin({ ...app.config, renewBefore: Number.NaN, host: { now } });
  });
  await becomes(one, alice);
  await pause(500);
  same([(await token(one)).error, await one.run(() => globalThis.app.due < 20)], [undefined, true], "the token");
});

scenario("signOut waits until the key of a bound token is deleted", bound, async ({ op, tab }) => {
  op.change({ tokens: (body) => delete body.refresh_token });
  const one = await signIn(await tab());
  const isDeleted = one.run(async () => {
    let isDeleted = false;
    const remove = IDBObjectStore.prototype.delete;
    IDBObjectStore.prototype.delete = function (...given) {
      const request = remove.apply(this, given);
      request.addEventListener("success", () => {
        isDeleted = true;
      });
      return request;
    };
    await globalThis.app.auth.signOut({ local: true });
    return isDeleted;
  });
  same(await isDeleted, true, "the key");
});

scenario(
  "a call that is aborted while the part that renews loads: it ends at once",
  {},
  async ({ op, tab }) => {
    const one = await signIn(await tab());
    const { asked } = hold(op, "token");
    await skip(one, 301);
    await one.run(() => {
      const stopper = new AbortController();
      const { signal } = stopper;
      // Just after the first look at the signal.
      signal.throwIfAborted = () => stopper.abort();
      globalThis.last = globalThis.app.settled(globalThis.app.auth.getAccessToken({ signal }));
    });
    await asked();
    const ended = one.run(() =>
      Promise.race([globalThis.last, new Promise((done) => setTimeout(done, 20_000, "waits"))]),
    );
    same(await ended, { error: "AbortError: signal is aborted without reason" }, "the call");
  },
  ["chromium"],
);

scenario("a hidden page waits, and renews when it becomes visible", {}, async ({ site, tab }) => {
  const one = await signIn(await tab());
  const show = (state) =>
    one.run((state) => {
      Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, state);
  await show("hidden");
  await skip(one, 245);
  // A visible page would renew now.
  await show("hidden");
  await pause(700);
  same(site.refreshes(), 0, "hidden");
  await show("visible");
  await until("visible", () => site.refreshes(), 1);
});

scenario("a provider that revokes nothing: signOut ends the session", {}, async ({ op, tab }) => {
  const one = await signIn(await tab());
  op.change({ answer: (endpoint, reply) => void (endpoint === "revoke" && Object.assign(reply, { status: 503 })) });
  same(await signOutHere(one), {}, "signOut");
  same([await stateNow(one), count(op, "revoke")], [nobody, 1], "the state");
});

scenario(
  "IndexedDB does not open once: the next renewal has the key of the bound token",
  bound,
  async ({ site, tab }) => {
    const one = await signIn(await tab());
    await one.goto(`${site.origin}/`);
    same(await one.state(), alice, "a reload");
    await one.run(() => {
      const { open } = IDBFactory.prototype;
      globalThis.mend = () => {
        IDBFactory.prototype.open = open;
      };
      IDBFactory.prototype.open = () => {
        throw new DOMException("", "UnknownError");
      };
    });
    await skip(one, 301);
    same(await token(one), { error: "session.storage" }, "no token");
    await one.run(() => globalThis.mend());
    same((await token(one)).error, undefined, "later");
  },
);
