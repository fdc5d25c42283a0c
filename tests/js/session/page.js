// The page of a single-page app. The tests control it through `globalThis.app`.

import { createAuth } from "oidc-wasm/browser";
import { OidcError } from "oidc-wasm/login";

const settings = JSON.parse(document.getElementById("settings").textContent);
/** @type {any} */
const app = {
  stuck: settings.isStuck,
  skipped: Number(sessionStorage.getItem("skipped") ?? 0),
  events: [],
  settings,
  createAuth,
  OidcError,
};
globalThis.app = app;
// A clock that is milliseconds behind.
const behind = Number(sessionStorage.getItem("set back") ?? 0);
const clock = Date.now;
Date.now = () => clock() - behind;

if (sessionStorage.getItem("no channel"))
  globalThis.BroadcastChannel = /** @type {any} */ (
    class {
      constructor() {
        throw new DOMException("denied", "SecurityError");
      }
    }
  );

const told = (error) => {
  if (!(error instanceof OidcError)) return `${error}`;
  return error.error ? `${error.code} ${error.error}` : error.code;
};
/** The result of a call: its value, or the code of its error. */
app.settled = (promise) =>
  promise.then(
    (value) => ({ value }),
    (error) => ({ error: told(error) }),
  );
/** Tells the test, also after the page has gone to another address. */
app.report = (problem) => navigator.sendBeacon("/problem", problem);
addEventListener("unhandledrejection", ({ reason }) => app.report(`unhandled: ${told(reason)}`));
addEventListener("pageshow", ({ persisted }) => {
  app.isKept = persisted;
});
addEventListener("error", ({ message }) => app.report(message));

/** Some waits are longer, because a busy machine is slow: for the first answer of another tab, and for a storage that the test holds. */
const longer = new Map();
if (localStorage.getItem("patient")) longer.set(150, 20_000);
if (sessionStorage.getItem("slow get") === "held") longer.set(5_000, 60_000);
if (longer.size) {
  const { setTimeout } = globalThis;
  const waits = (work, milliseconds, ...given) => {
    const wait = longer.get(milliseconds) ?? milliseconds;
    if (milliseconds === 150) longer.delete(milliseconds);
    return setTimeout(work, wait, ...given);
  };
  globalThis.setTimeout = /** @type {any} */ (waits);
}
const freed = new Promise((done) => {
  app.free = done;
});

/** A storage that throws, for `storage: "refused"`. */
const refused = () => {
  throw new DOMException("full", "QuotaExceededError");
};
/** For `storage: "stuck"`: no call settles while `app.stuck` is true. */
const unstuck = (call) => (app.stuck ? new Promise(() => {}) : call());
const stuck = {
  get: (key) => unstuck(() => sessionStorage.getItem(key)),
  set: (key, value) => unstuck(() => sessionStorage.setItem(key, value)),
  remove: (key) => unstuck(() => sessionStorage.removeItem(key)),
};
/** For `storage: "late"`: the session is stored after 7 seconds. Then `app.isStored` is true. */
const late = {
  get: (key) => sessionStorage.getItem(key),
  set: async (key, value) => {
    const isLogin = key.startsWith("oidc-wasm login ");
    if (!isLogin) await new Promise((done) => setTimeout(done, 7_000));
    sessionStorage.setItem(key, value);
    app.isStored ||= !isLogin;
  },
  remove: (key) => sessionStorage.removeItem(key),
};
/**
 * For `storage: "slow"`: `sessionStorage["slow get"]` is the milliseconds that this call needs, of a page that runs. With "held", it ends
 * with `app.free`, and the page gives it more time.
 */
const slowly = async (name, call) => {
  if (sessionStorage.getItem(`slow ${name}`) === "held") await freed;
  for (let wait = Number(sessionStorage.getItem(`slow ${name}`)); wait > 0; wait -= 100)
    await new Promise((done) => setTimeout(done, 100));
  return call();
};
const slow = {
  get: (key) => slowly(key.startsWith("oidc-wasm login ") ? "login" : "get", () => sessionStorage.getItem(key)),
  set: (key, value) => slowly("set", () => sessionStorage.setItem(key, value)),
  remove: (key) => slowly("remove", () => sessionStorage.removeItem(key)),
};
/** For `storage: "apart"`: another manager of the page does not find its logins. */
const apart = {
  get: (key) => localStorage.getItem(key),
  set: (key, value) => localStorage.setItem(key, value),
  remove: (key) => localStorage.removeItem(key),
};
const storages = { refused: { get: () => null, set: refused, remove() {} }, stuck, late, slow, apart };
const workers = {
  Worker: () => new Worker("/worker.js", { type: "module" }),
  SharedWorker: () => new SharedWorker("/worker.js", { type: "module" }),
};
/** Timers run 10 times as fast. */
app.hurry = () => {
  const { setTimeout } = globalThis;
  app.setTimeout = (work, milliseconds, ...given) => setTimeout(work, milliseconds / 10, ...given);
  globalThis.setTimeout = app.setTimeout;
};
/** IndexedDB is full, or refuses each call, in this page. */
app.fill = (how) => {
  if (how === "full") IDBObjectStore.prototype.put = refused;
  else IDBDatabase.prototype.transaction = refused;
};
/** Every message to a worker. */
const says = (change) => {
  for (const { prototype } of [Worker, MessagePort]) {
    const { postMessage } = prototype;
    prototype.postMessage = function (...given) {
      change((message, more) => postMessage.call(this, message, more), ...given);
    };
  }
};
/** Features that a browser may lack, and other conditions of a page. */
const before = {
  /** The page is one version newer than its worker. */
  newer: () => {
    says((say, message, more) => say({ ...message, v: message.v + 1 }, more));
    const { get } = Object.getOwnPropertyDescriptor(MessageEvent.prototype, "data");
    Object.defineProperty(MessageEvent.prototype, "data", {
      get() {
        const data = get.call(this);
        return data?.v && { ...data, v: data.v - 1 };
      },
    });
  },
  /** The worker never answers, and the page does not wait for long. */
  unheard: () => {
    says(() => {});
    app.hurry();
  },
  /** The test can count the listeners for a worker's messages. */
  watchedWorker: () => {
    app.hears = new Set();
    const names = new Map();
    for (const { prototype } of [Worker, MessagePort]) {
      const { addEventListener, removeEventListener } = prototype;
      const nameOf = (type, listener) => {
        if (!names.has(listener)) names.set(listener, names.size);
        return `${type} ${names.get(listener)}`;
      };
      prototype.addEventListener = function (type, listener, ...more) {
        if (type.startsWith("message")) app.hears.add(nameOf(type, listener));
        return addEventListener.call(this, type, listener, ...more);
      };
      prototype.removeEventListener = function (type, listener, ...more) {
        app.hears.delete(nameOf(type, listener));
        return removeEventListener.call(this, type, listener, ...more);
      };
    }
  },
  /** The test can close the connections to IndexedDB. */
  watchedIndexedDb: () => {
    const open = indexedDB.open.bind(indexedDB);
    app.databases = [];
    Object.defineProperty(indexedDB, "open", {
      value: (...given) => {
        const request = open(...given);
        request.addEventListener("success", () => app.databases.push(request.result));
        return request;
      },
    });
  },
  /** WebKit takes a cookie for the last numbers of an IP address. */
  anyCookie: () => Object.defineProperty(document, "cookie", { value: "", writable: true }),
  /** As with Cross-Origin-Opener-Policy, a script cannot close the window. */
  unclosable: () => {
    globalThis.close = () => {};
  },
  full: () => app.fill("full"),
  noLocks: () => Object.defineProperty(navigator, "locks", { value: undefined }),
  noIndexedDb: () => Object.defineProperty(indexedDB, "open", { value: refused }),
};
/** Every message from a worker, as a string. */
app.heard = [];
/** @param {any} settings */
app.configured = ({ storage, before: lacking, worker: kind, ...config }) => {
  const worker = workers[kind]?.();
  // Before a test counts the listeners.
  (worker?.port ?? worker)?.addEventListener("message", (event) => {
    // An event that comes later than the messages of other tabs.
    if (app.isDeaf && event.data?.event) return event.stopImmediatePropagation();
    app.heard.push(JSON.stringify(event.data));
  });
  before[lacking]?.();
  return {
    ...config,
    ...(worker && { worker }),
    ...(storage && { storage: storages[storage] ?? storage }),
    host: { now: () => Date.now() / 1000 + app.skipped },
  };
};
/** @param {any} config */
app.start = (config) => {
  const all = app.configured(config);
  app.config ??= all;
  return app.begin(all);
};
/** By default with the same worker and storage as the first manager. */
app.begin = (all = app.config) => {
  const auth = createAuth(all);
  auth.subscribe((/** @type {any} */ { problem, ...event }) =>
    app.events.push({ ...event, ...(problem && { problem: problem.code }) }),
  );
  // A listener that calls the session after each change.
  if (settings.isAsking) auth.subscribe(() => setTimeout(() => auth.user().catch(() => {}), 50));
  return auth;
};
app.state = (auth = app.auth) => {
  const { status, user, signature, problem } = auth.snapshot();
  return {
    status,
    ...(user && { sub: user.sub }),
    ...(signature && signature !== "valid" && { signature }),
    ...(problem && { problem: problem.code, recoverable: problem.recoverable }),
  };
};

const ofRedirect = sessionStorage.getItem("redirectUri");
if (ofRedirect) settings.auth.redirectUri = ofRedirect;
app.pops = [];
addEventListener("popstate", () => app.pops.push(location.pathname));
app.hashes = [];
addEventListener("hashchange", () => app.hashes.push(location.hash));
const base = sessionStorage.getItem("base");
if (base) document.head.append(Object.assign(document.createElement("base"), { href: base }));
/** A router that does not know the redirect URI. */
const routed = sessionStorage.getItem("routed");
if (routed && location.pathname === "/cb")
  setTimeout(() => {
    history.replaceState(null, "", routed);
    dispatchEvent(new PopStateEvent("popstate"));
  });
if (settings.isPrepared) {
  app.auth = app.start(settings.auth);
  // A page that signs out as soon as it loads, so many times.
  const signOuts = Number(sessionStorage.getItem("sign-outs") ?? 0);
  if (signOuts) {
    sessionStorage.setItem("sign-outs", `${signOuts - 1}`);
    app.auth.signOut(settings.signOut).catch(() => {});
  }
  // Twice, because React's StrictMode runs an effect twice.
  const calls = [app.auth.handleRedirect(), app.auth.handleRedirect()];
  app.isSame = calls[0] === calls[1];
  app.arrived = app.settled(calls[1]);
  if (settings.isRenewing) app.renewed = app.settled(app.auth.getAccessToken());
  // As an effect of StrictMode that closes its manager.
  if (settings.isClosing) {
    app.auth.close();
    app.auth = app.begin();
    app.arrived = app.settled(app.auth.handleRedirect());
  }
  // Without a subscription, so only its own call reads the address.
  if (settings.second) {
    app.second = createAuth(app.configured({ ...settings.auth, ...settings.second }));
    app.arrived = app.arrived.then(() => app.settled(app.second.handleRedirect()));
  }
}
