// The adapters for Node's http, Express and Fastify, over sockets.
import { createServer, get } from "node:http";
import { connect as connect2, createServer as createServer2 } from "node:http2";
import { connect } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import expressOf from "express";
import fastifyOf from "fastify";
import { listening } from "../support/listening.mjs";
import { createTestProvider } from "../support/provider/index.js";
import { ask } from "./ask.mjs";
import { createChecks, same } from "./lib.mjs";
import { installed } from "./project.mjs";

const issuer = "https://op.test";
const cookieSecret = "a cookie secret of thirty-two characters";
const api = "https://api.example.com";

function createBrowser(origin) {
  const cookies = new Map();
  return {
    cookies,
    /** @param {string} path @param {any} [asked] */
    async go(path, { headers = {}, ...how } = {}) {
      const cookie = [...cookies].map((pair) => pair.join("=")).join("; ");
      const fetched = { "sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
      const reply = await ask(new URL(path, origin), { ...how, headers: { cookie, ...fetched, ...headers } });
      for (const line of reply.lines) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
        if (/Max-Age=0/.test(line)) cookies.delete(name);
        else cookies.set(name, value);
      }
      return reply;
    },
  };
}

/**
 * Each framework has two servers: a page behind `part` that shows the person, and a page that reads a form.
 * @type {Record<string, (node: any, part: any) => any>}
 */
const frameworks = {
  "plain http": ({ express }, part) => {
    const pass = express(part);
    return createServer((/** @type {any} */ incoming, outgoing) =>
      pass(incoming, outgoing, async (error) => {
        if (error) return outgoing.writeHead(error.status ?? 500).end(error.code);
        let body = "";
        for await (const chunk of incoming) body += chunk;
        outgoing.end(JSON.stringify({ sub: incoming.oidc.claims.sub, body }));
      }),
    );
  },
  "Express 5": ({ express }, part) => {
    const app = expressOf();
    app.use(express(part));
    app.use(expressOf.text({ type: "*/*" }));
    app.use((/** @type {any} */ incoming, outgoing) => {
      outgoing.json({ sub: incoming.oidc.claims.sub, body: typeof incoming.body === "string" ? incoming.body : "" });
    });
    app.use((error, _incoming, outgoing, _next) => outgoing.status(error.status ?? 500).end(error.code));
    return createServer(app);
  },
  "Express 5, the body parsed before": ({ express }, part) => {
    const app = expressOf();
    app.use(expressOf.urlencoded({ extended: false }), expressOf.text({ type: "text/*" }));
    app.use(express(part));
    app.use((/** @type {any} */ incoming, outgoing) => {
      outgoing.json({ sub: incoming.oidc.claims.sub, body: typeof incoming.body === "string" ? incoming.body : "" });
    });
    app.use((error, _incoming, outgoing, _next) => outgoing.status(error.status ?? 500).end(error.code));
    return createServer(app);
  },
  Fastify: async ({ express }, part) => {
    const pass = express(part);
    let server;
    /** @type {any} */
    const app = fastifyOf({
      serverFactory(handler) {
        server = createServer(handler);
        return server;
      },
    });
    app.addHook("onRequest", (asked, reply, done) => pass(asked.raw, reply.raw, done));
    app.addContentTypeParser("*", { parseAs: "string" }, (_asked, body, done) => done(null, body));
    app.setErrorHandler((error, _asked, reply) => reply.code(error.status ?? 500).send(error.code));
    app.all("/*", (asked) => ({ sub: asked.raw.oidc.claims.sub, body: asked.body ?? "" }));
    await app.ready();
    return server;
  },
};

export async function adapters() {
  const { check, results } = createChecks("adapters");
  const load = (name) => import(pathToFileURL(join(installed, `dist/${name}.js`)).href);
  const node = await load("node");
  const { createGuard, createLogin } = await load("edge");

  for (const [name, serverOf] of Object.entries(frameworks)) {
    await check(`${name}: sign in by redirect and by form_post, a page, a form, sign out`, async () => {
      for (const responseMode of ["query", "form_post"]) {
        const op = await createTestProvider({ issuer });
        let origin = "";
        const config = () => ({ issuer, clientId: "app", cookieSecret, origins: [origin], fetch: op.fetch });
        const login = createLogin(config);
        const { signIn } = login;
        login.signIn = (asked, params) => signIn(asked, { ...params, responseMode });
        const server = await serverOf(node, login);
        const at = await listening(server);
        // A POST from another site needs a Secure cookie. Loopback may set one only by the name `localhost`.
        origin = at.origin;
        const browser = createBrowser(origin);
        const asked = await browser.go("/inbox?a=1");
        same(asked.status, 303, "sent away");
        const { url, body } = await op.authorize(asked.headers.location);
        const headers = { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "cross-site" };
        const back = await browser.go(url, body ? { method: "POST", headers, body: `${body}` } : {});
        same([back.status, back.headers.location], [303, `${origin}/inbox?a=1`], "back");
        const page = await browser.go("/inbox");
        same(JSON.parse(page.text), { sub: "alice", body: "" }, "page");
        same(page.headers["cache-control"], "private, no-store", "cache");
        const posted = { method: "POST", headers: { "content-type": "text/plain" }, body: "hello" };
        same(JSON.parse((await browser.go("/", posted)).text), { sub: "alice", body: "hello" }, "form");
        const foreign = { ...posted, headers: { ...posted.headers, "sec-fetch-site": "same-site" } };
        same((await browser.go("/", foreign)).status, 403, "a sibling's form");
        const out = await browser.go("/logout", { method: "POST" });
        same([out.status, browser.cookies.size], [303, 0], "signed out");
        await at.close();
      }
    });
    await check(`${name}: a guard`, async () => {
      const op = await createTestProvider({ issuer });
      const guard = createGuard({ issuer, audience: api, resource: api, fetch: op.fetch });
      const server = await serverOf(node, guard);
      const at = await listening(server);
      const claims = { iss: issuer, sub: "alice", aud: api, client_id: "app", exp: Date.now() / 1000 + 300 };
      const authorization = `Bearer ${await op.sign(claims, { typ: "at+jwt" })}`;
      same(JSON.parse((await ask(`${at.origin}/`, { headers: { authorization } })).text).sub, "alice", "claims");
      const refused = await ask(`${at.origin}/`);
      same(refused.status, 401, "no token");
      same(/^Bearer realm=/.test(refused.headers["www-authenticate"]), true, "challenge");
      const metadata = await ask(`${at.origin}/.well-known/oauth-protected-resource`);
      same(JSON.parse(metadata.text).resource, api, "metadata");
      await at.close();
    });
    await check(`${name}: the Host header chooses no redirect address`, async () => {
      const op = await createTestProvider({ issuer });
      const common = { issuer, clientId: "app", cookieSecret, fetch: op.fetch };
      const rows = [
        [{ redirectUri: "https://app.example/callback" }, [303, "https://app.example/callback"]],
        [{ origins: ["https://app.example"] }, [400, "session.origin"]],
        [{}, [500, "argument.origins"]],
      ];
      for (const [config, expected] of rows) {
        const server = await serverOf(node, createLogin({ ...common, ...config }));
        const at = await listening(server);
        const ofHost = async (host) => {
          const headers = { host, accept: "text/html" };
          const { status, headers: answered, text } = await ask(`${at.origin}/`, { headers });
          const chosen = answered.location && new URL(answered.location).searchParams.get("redirect_uri");
          return [status, chosen ?? /<p>Signing in failed: ([\w.]+)</.exec(text)?.[1] ?? text];
        };
        same(await ofHost("evil.example"), expected, "another host");
        // No host (RFC 9112 §3.2).
        for (const host of ["evil.example/../app.example", "app.example@evil.example", "app.example?", "a b", "<>"])
          same(await ofHost(host), [400, ""], host);
        await at.close();
      }
    });
  }

  /** The status of a request, as its bytes. Undefined without an answer. @param {string} origin @param {string} bytes */
  const statusOf = (origin, bytes) =>
    new Promise((resolve) => {
      let text = "";
      const socket = connect(Number(new URL(origin).port), "127.0.0.1", () => socket.write(bytes));
      // A body that never ends: the client disconnects.
      if (/content-length: 100/.test(bytes)) setTimeout(() => socket.destroy(), 100);
      socket.on("data", (data) => {
        text += data;
        socket.end();
      });
      socket.on("error", () => {});
      socket.on("close", () => resolve(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]));
    });
  /** As docs/node.md shows it. */
  const plain = (login) => {
    const answer = login.protect(() => new Response("in"));
    return createServer(async (incoming, outgoing) => {
      try {
        await node.send(await answer(node.toRequest(incoming)), outgoing);
      } catch (error) {
        outgoing.statusCode = error.status ?? 500;
        outgoing.end();
      }
    });
  };
  for (const [name, serverOf] of Object.entries({ ...frameworks, "toRequest and send": (_, login) => plain(login) }))
    await check(`${name}: no request ends the server`, async () => {
      const op = await createTestProvider({ issuer });
      const config = { issuer, clientId: "app", cookieSecret, redirectUri: "https://app.example/callback" };
      const at = await listening(await serverOf(node, createLogin({ ...config, fetch: op.fetch })));
      const html = "accept: text/html";
      const rows = [
        [`GET / HTTP/1.1\r\nhost: app.example:8080\r\n${html}`, "303"],
        [`GET / HTTP/1.1\r\nhost: [::1]:8080\r\n${html}`, "303"],
        [`GET / HTTP/1.1\r\nhost: [\r\n${html}`, "400"],
        [`GET / HTTP/1.1\r\nhost: a:99999\r\n${html}`, "400"],
        [`GET / HTTP/1.1\r\nhost: a:b\r\n${html}`, "400"],
        [`GET http://evil.example/ HTTP/1.1\r\nhost: app.example\r\n${html}`, "303"],
        ["OPTIONS * HTTP/1.1\r\nhost: app.example", "401"],
        ["TRACE / HTTP/1.1\r\nhost: app.example", "400"],
        ["POST /callback HTTP/1.1\r\nhost: app.example\r\ncontent-length: 3\r\n\r\na=b", "400"],
        ["POST /callback HTTP/1.1\r\nhost: app.example\r\ncontent-length: 100\r\n\r\na=b", undefined],
      ];
      const rejected = [];
      const note = (error) => rejected.push(`${error}`);
      process.on("unhandledRejection", note);
      for (const [bytes, expected] of rows) {
        const whole = /\r\n\r\n/.test(bytes) ? bytes : `${bytes}\r\n\r\n`;
        // Frameworks parse a body first, and answer for themselves.
        if (/content-length/.test(bytes) && /parsed before/.test(name)) await statusOf(at.origin, whole);
        else same(await statusOf(at.origin, whole), expected, bytes);
      }
      await new Promise((next) => setTimeout(next, 50));
      process.off("unhandledRejection", note);
      same(rejected, [], "rejected promises");
      await at.close();
    });
  await check("express refuses options that a login lacks, before any request", async () => {
    const login = createLogin({ issuer, clientId: "app", cookieSecret, redirectUri: "https://app.example/callback" });
    const guard = createGuard({ issuer, audience: api });
    const codeOf = (part, options) => {
      try {
        return typeof node.express(part, options);
      } catch (error) {
        return error.code;
      }
    };
    same(codeOf(login, { scope: "admin" }), "argument.scope", "a login with scope");
    for (const options of [undefined, {}, { optional: true }]) same(codeOf(login, options), "function", "a login");
    same(codeOf(guard, { scope: "admin" }), "function", "a guard with scope");
    for (const part of [{}, createLogin, undefined, null]) {
      const told = new Promise((next) => node.express(part)({ headers: {} }, {}, next));
      same(await told.then(({ code }) => code), "argument.part", `${part}`);
    }
  });
  await check("express opens no page, though another server replaces the global Response", async () => {
    const op = await createTestProvider({ issuer });
    const config = { issuer, clientId: "app", cookieSecret, redirectUri: "https://app.example/callback" };
    const guard = createGuard({ issuer, audience: api, resource: api, fetch: op.fetch });
    const { Response } = globalThis;
    globalThis.Response = class extends Response {};
    try {
      for (const [part, paths] of /** @type {[any, any][]} */ ([
        [createLogin({ ...config, fetch: op.fetch }), { "/": 401 }],
        [guard, { "/": 401, "/.well-known/oauth-protected-resource": 200 }],
      ])) {
        const pass = node.express(part);
        const server = createServer((incoming, outgoing) => pass(incoming, outgoing, () => outgoing.end("opened")));
        const at = await listening(server);
        for (const [path, status] of Object.entries(paths)) {
          const reply = await ask(at.origin + path);
          same([reply.status, reply.text === "opened"], [status, false], path);
        }
        await at.close();
      }
    } finally {
      globalThis.Response = Response;
    }
  });
  await check("a client that disconnects cancels the body, slow or fast, and send settles", async () => {
    for (const [name, pause] of Object.entries({ "an idle body": 1e6, "a fast body": 0 })) {
      /** @type {any} */
      let seen;
      const server = createServer(async (_incoming, outgoing) => {
        seen = { pulls: 0, cancelled: 0, settled: "", outgoing };
        const pull = async (controller) => {
          if (seen.pulls++) await new Promise((next) => setTimeout(next, pause).unref());
          if (seen.pulls < 10_000) controller.enqueue(new Uint8Array(65_536));
          else controller.close();
        };
        const cancel = () => void seen.cancelled++;
        const sent = node.send(new Response(new ReadableStream({ pull, cancel })), outgoing);
        await sent.then(
          () => (seen.settled = "sent"),
          () => (seen.settled = "failed"),
        );
      });
      const at = await listening(server);
      await new Promise((next) => {
        const asked = get(at.origin, (reply) => reply.once("data", () => next(asked.destroy())));
        asked.on("error", () => {});
      });
      for (let turn = 0; turn < 1_500 && !seen.settled; turn++) await new Promise((next) => setTimeout(next, 20));
      same([seen.cancelled, seen.settled], [1, "sent"], name);
      const { pulls, outgoing } = seen;
      same(outgoing.listenerCount("drain") <= 1, true, `${name}: few listeners`);
      await new Promise((next) => setTimeout(next, 50));
      same(seen.pulls, pulls, `${name}: reads nothing more`);
      await at.close();
    }
  });
  await check("a client that has disconnected before the answer gets none, and its body is cancelled", async () => {
    let cancelled = 0;
    let settle;
    const settled = new Promise((next) => {
      settle = next;
    });
    const server = createServer(async (incoming, outgoing) => {
      const left = new Promise((next) => outgoing.once("close", next));
      asked.destroy();
      await left;
      const pull = (controller) => controller.enqueue(new Uint8Array(65_536));
      const cancel = () => void cancelled++;
      await node.send(new Response(new ReadableStream({ pull, cancel })), outgoing).then(settle, settle);
      incoming.destroy();
    });
    const at = await listening(server);
    const asked = get(at.origin);
    asked.on("error", () => {});
    const late = new Promise((next) => setTimeout(next, 30_000, "not settled").unref());
    same([await Promise.race([settled, late]), cancelled], [undefined, 1], "settled");
    await at.close();
  });
  await check("a body that fails closes the connection, and send rejects", async () => {
    let failure;
    const server = createServer(async (_incoming, outgoing) => {
      let pulls = 0;
      const pull = (controller) => {
        if (pulls++) throw new Error("the upstream is gone");
        controller.enqueue(new Uint8Array(10));
      };
      await node.send(new Response(new ReadableStream({ pull })), outgoing).catch((error) => {
        failure = error.message;
      });
    });
    const at = await listening(server);
    const answered = ask(at.origin).then(
      () => "a whole body",
      ({ code }) => code,
    );
    const late = new Promise((next) => setTimeout(next, 30_000, "no end").unref());
    const outcome = await Promise.race([answered, late]);
    same([outcome, failure], ["ECONNRESET", "the upstream is gone"], "outcome");
    await at.close();
  });

  await check("HTTP/2: a whole body, one that fails, and a client that has left before the answer", async () => {
    let cancelled = 0;
    const answers = {
      "/whole": (controller, pulls) => (pulls ? controller.close() : controller.enqueue(new Uint8Array(10))),
      "/fails": (controller, pulls) => (pulls ? controller.error() : controller.enqueue(new Uint8Array(10))),
      "/left": (controller) => controller.enqueue(new Uint8Array(65_536)),
    };
    let settle;
    let asked;
    const server = createServer2(async (incoming, outgoing) => {
      if (incoming.url === "/left") {
        const left = new Promise((next) => outgoing.once("close", next));
        asked.close(8);
        await left;
      }
      let pulls = 0;
      const pull = (controller) => answers[incoming.url](controller, pulls++);
      const cancel = () => void cancelled++;
      await node.send(new Response(new ReadableStream({ pull, cancel })), outgoing).then(
        () => settle("sent"),
        () => settle("failed"),
      );
    });
    const at = await listening(server);
    const client = connect2(at.origin);
    client.unref();
    // RFC 9113 §7: no error, an error of the server, and a request that the client cancels.
    for (const [path, method, code, expected] of /** @type {any[]} */ ([
      ["/whole", "GET", 0, ["sent", 10, 0]],
      ["/whole", "HEAD", 0, ["sent", 0, 1]],
      ["/fails", "GET", 2, ["failed", 10, 1]],
      ["/left", "GET", 8, ["sent", 0, 2]],
    ])) {
      const settled = new Promise((next) => {
        settle = next;
      });
      asked = client.request({ ":path": path, ":method": method });
      let size = 0;
      asked.on("data", (data) => {
        size += data.length;
      });
      asked.on("error", () => {});
      await new Promise((next) => asked.once("close", next));
      const outcome = await Promise.race([
        settled,
        new Promise((next) => setTimeout(next, 30_000, "not settled").unref()),
      ]);
      same([asked.rstCode, outcome, size, cancelled], [code, ...expected], `${method} ${path}`);
    }
    client.destroy();
    await at.close();
  });
  await check("a token that is renewed in a handler sets its cookies", async () => {
    let time = Date.now();
    const real = Date.now;
    Date.now = () => time;
    const op = await createTestProvider({ issuer, now: () => Math.floor(time / 1000), resources: { [api]: ["read"] } });
    let origin = "";
    const config = { issuer, clientId: "app", cookieSecret, keep: "tokens", scope: "openid offline_access" };
    const login = createLogin(() => ({ ...config, origins: [origin], fetch: op.fetch }));
    const pass = node.express(login);
    const server = createServer((/** @type {any} */ incoming, outgoing) =>
      pass(incoming, outgoing, async () => {
        outgoing.setHeader("set-cookie", [outgoing.getHeader("set-cookie") ?? [], "own=1"].flat().map(String));
        if (incoming.url === "/late") outgoing.write("late ");
        const token = await incoming.oidc.accessToken({ resource: api }).catch(({ code }) => code);
        outgoing.end(token);
      }),
    );
    const at = await listening(server);
    origin = at.origin;
    const browser = createBrowser(origin);
    const { url } = await op.authorize((await browser.go("/")).headers.location);
    await browser.go(url);
    const first = await browser.go("/");
    same(
      first.lines.map((line) => line.split("=")[0]),
      ["own", "oidc"],
      "cookies",
    );
    same((await browser.go("/")).text, first.text, "kept");
    same((await browser.go("/late")).text, `late ${first.text}`, "after the headers were sent");
    time += 290_000;
    const later = await browser.go("/");
    same(later.text === first.text, false, "renewed");
    same(
      later.lines.map((line) => line.split("=")[0]),
      ["own", "oidc"],
      "one cookie of each name",
    );
    Date.now = real;
    await at.close();
  });
  await check("a large body is streamed, and an answer too", async () => {
    const size = 3_000_000;
    const server = createServer(async (incoming, outgoing) => {
      const asked = node.toRequest(incoming);
      await node.send(new Response(asked.body, { headers: { "x-path": new URL(asked.url).pathname } }), outgoing);
    });
    const at = await listening(server);
    const reply = await ask(`${at.origin}//evil.example/x`, { method: "POST", body: "b".repeat(size) });
    same([reply.status, reply.text.length, reply.headers["x-path"]], [200, size, "//evil.example/x"], "echo");
    await at.close();
  });
  await check("a form above the limit gets its answer, and so does the connection's next request", async () => {
    const op = await createTestProvider({ issuer });
    const config = { issuer, clientId: "app", cookieSecret, redirectUri: "https://app.example/callback" };
    for (const serverOf of [plain, frameworks["Express 5"].bind(null, node)]) {
      const at = await listening(serverOf(createLogin({ ...config, fetch: op.fetch })));
      for (const size of [1_000, 3_000_000]) {
        const socket = connect(Number(new URL(at.origin).port), "127.0.0.1");
        let text = "";
        socket.on("data", (data) => {
          text += data;
        });
        const answers = async (count) => {
          const statuses = () => text.match(/HTTP\/1\.1 \d+/g) ?? [];
          for (let turn = 0; turn < 1_000 && statuses().length < count; turn++)
            await new Promise((next) => setTimeout(next, 20));
          return statuses();
        };
        socket.write(`POST /callback HTTP/1.1\r\nhost: app.example\r\ncontent-length: ${size}\r\n\r\n`);
        socket.write("a".repeat(size));
        same(await answers(1), ["HTTP/1.1 400"], `${size}`);
        socket.write("GET / HTTP/1.1\r\nhost: app.example\r\n\r\n");
        same(await answers(2), ["HTTP/1.1 400", "HTTP/1.1 401"], `${size}, and the next request`);
        socket.destroy();
      }
      await at.close();
    }
  });
  await check(
    "send loses no cookie of earlier middleware, and replaces one of the same name, domain and path",
    async () => {
      const rows = {
        "a=1": ["a=1", "a=3; Path=/x", "a=4; Path=/y", "b=5"],
        "a=1; HttpOnly; Path=/x": ["a=3; Path=/x", "a=4; Path=/y", "b=5"],
        "a=1; Path=/x; Domain=a.example": ["a=1; Path=/x; Domain=a.example", "a=3; Path=/x", "a=4; Path=/y", "b=5"],
        "ab=1; Path=/x": ["ab=1; Path=/x", "a=3; Path=/x", "a=4; Path=/y", "b=5"],
        "b=; Path=/": ["b=; Path=/", "a=3; Path=/x", "a=4; Path=/y", "b=5"],
        "c=a=3": ["c=a=3", "a=3; Path=/x", "a=4; Path=/y", "b=5"],
      };
      for (const [before, expected] of Object.entries(rows)) {
        const server = createServer((_incoming, outgoing) => {
          outgoing.appendHeader("set-cookie", before);
          const lines = ["a=2; Path=/x", "a=3; Path=/x", "a=4; Path=/y", "b=5"];
          node.send(new Response(null, { headers: lines.map((line) => ["set-cookie", line]) }), outgoing);
        });
        const at = await listening(server);
        same((await ask(at.origin)).lines, expected, before);
        await at.close();
      }
    },
  );
  await check("HTTP/2: send drops the fields of a connection, and HTTP/1.1 keeps them", async () => {
    // RFC 9113 §8.2.2
    const fields = {
      "keep-alive": "timeout=5",
      "proxy-connection": "close",
      "transfer-encoding": "chunked",
      upgrade: "h2c",
    };
    const kept = { "x-connection": "1", "x-upgrade": "1" };
    for (const [name, value] of Object.entries({ connection: "close", ...fields, ...kept })) {
      const answer = () => new Response("whole", { headers: { [name]: value } });
      const failed = [];
      const sent = (_incoming, outgoing) =>
        node.send(answer(), outgoing).catch(({ code }) => outgoing.destroy(failed.push(code)));
      const at = await listening(createServer2(sent));
      const client = connect2(at.origin);
      const asked = client.request({ ":path": "/" });
      let seen;
      let text = "";
      asked.on("response", (headers) => {
        seen = headers[name];
      });
      asked.on("data", (data) => {
        text += data;
      });
      asked.on("error", () => {});
      await new Promise((next) => asked.once("close", next));
      client.destroy();
      await at.close();
      same([text, seen, failed], ["whole", kept[name], []], `HTTP/2: ${name}`);
      const before = await listening(createServer(sent));
      const reply = await ask(before.origin);
      same([reply.text, reply.headers[name]], ["whole", value], `HTTP/1.1: ${name}`);
      await before.close();
    }
  });
  await check("a request names Node's own one, for functions of a guard and of a login", async () => {
    const incoming = { headers: { host: "inner" }, socket: { remoteAddress: "192.0.2.1" } };
    same(node.incomingOf(node.toRequest(incoming)) === incoming, true, "of toRequest");
    same(node.incomingOf(new Request("https://app.example/")), undefined, "another one");
    const op = await createTestProvider({ issuer });
    const seen = [];
    const note = (request) => void seen.push(node.incomingOf(request)?.socket.remoteAddress);
    const onRefused = (_problem, request) => note(request);
    const guard = createGuard({ issuer, audience: api, fetch: op.fetch, onRefused });
    const login = createLogin({
      issuer,
      clientId: "app",
      cookieSecret,
      redirectUri: "https://app.example/callback",
      onRefused,
    });
    for (const [part, url] of [
      [guard, "/"],
      [login, "/callback?code=a&state=b"],
    ]) {
      const server = createServer(node.express(part));
      const at = await listening(server);
      await ask(at.origin + url);
      await at.close();
    }
    same(seen, ["127.0.0.1", "127.0.0.1"], "the client's address");
  });
  await check("addresses as proxies forward them", async () => {
    const headers = {
      host: "inner",
      "x-forwarded-host": "evil.example, app.example",
      "x-forwarded-proto": "http, https",
    };
    const incoming = { method: "GET", url: "/a?b", headers };
    same(node.toRequest(incoming).url, "http://inner/a?b", "not trusted");
    same(node.toRequest(incoming, { trustProxy: true }).url, "https://app.example/a?b", "trusted");
    same(node.toRequest({ ...incoming, socket: { encrypted: true } }).url, "https://inner/a?b", "TLS");
    for (const more of [{}, { host: "other.example" }]) {
      const asked = node.toRequest({ headers: { ":authority": "h2.example", ":path": "/", ...more } });
      same(asked.url, "http://h2.example/", `HTTP/2 ${JSON.stringify(more)}`);
    }
    // The target, its host if that is not the Host header, and its path (RFC 9112 §3.2).
    const targets = {
      "/a?b": ["inner", "/a?b"],
      "http://a.example/a?b": ["a.example", "/a?b"],
      "http://a.example:8080/a": ["a.example:8080", "/a"],
      "http://[::1]:8080/": ["[::1]:8080", "/"],
      "https://a.example?b": ["a.example", "/?b"],
      "HTTP://a.example": ["a.example", "/"],
      "http://user:password@a.example/": [400],
      "http://user@a.example/": [400],
      "http://a.example#b": [400],
      "http://a.example\\@b/": [400],
      "http://[/": [400],
      "http:///a": [400],
      "/http://a.example/a": ["inner", "/http://a.example/a"],
      "http:/a.example": ["inner", "/a.example"],
      "*": ["inner", "/"],
      "a.example:443": ["inner", "/"],
      "@a.example/a": ["inner", "/a"],
      "//a/b": ["inner", "//a/b"],
      "///a": ["inner", "///a"],
    };
    for (const [url, expected] of Object.entries(targets)) {
      const named = (headers) => {
        try {
          const { protocol, host, href } = new URL(node.toRequest({ url, headers }).url);
          return [host, href.slice(`${protocol}//${host}`.length), protocol];
        } catch (error) {
          return [error.status];
        }
      };
      const at = expected[0] === 400 ? [400] : [...expected, "http:"];
      same(named({ host: "inner" }), at, url);
      same(named({ ":authority": "inner", host: "other" }), at, `${url} and :authority`);
      if (at[0] !== "inner") same(named({}), at, `${url} without Host`);
    }
    const whole = { ...incoming, url: "http://a.example/a" };
    same(node.toRequest(whole, { trustProxy: true }).url, "https://app.example/a", "the proxy names the host");
  });
  return results;
}
