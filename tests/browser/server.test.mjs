/** The demo's own server: its ports, its files, its end. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { publicClientId } from "../../www/clients.mjs";
import { startDemo } from "../../www/server.mjs";
import { packageFiles } from "./package.mjs";

test("another port is taken when one is in use", async () => {
  const squatter = createServer().listen(0, "127.0.0.1");
  await once(squatter, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (squatter.address());
  const demo = await startDemo({ port, providerPort: port, packageFiles });
  try {
    assert.notEqual(new URL(demo.url).port, String(port));
    assert.notEqual(new URL(demo.issuer).port, String(port));
    assert.equal((await fetch(demo.url)).status, 200);
    assert.equal((await fetch(`${demo.issuer}/.well-known/openid-configuration`)).status, 200);
  } finally {
    await demo.close();
    squatter.close();
  }
});

test("only the files of the site and the package are sent", async () => {
  const demo = await startDemo({ packageFiles });
  const status = async (path, method = "GET") => (await fetch(new URL(path, demo.url), { method })).status;
  try {
    for (const path of ["/", "/index.html", "/ko/", "/zh/inspect.html", "/assets/app.js", "/worker.js", "/style.css"]) {
      assert.equal(await status(path), 200, path);
    }
    for (const path of [
      "/server.mjs",
      "/..%2fserver.mjs",
      "/%2e%2e/server.mjs",
      "/assets/..%2f..%2fserver.js",
      "/assets/",
      "/nothing.js",
      "/%",
    ]) {
      assert.equal(await status(path), 404, path);
    }
    assert.equal(await status("/", "POST"), 405);
    assert.equal(await status("/", "HEAD"), 200);
    const { headers } = await fetch(new URL("/assets/app.js", demo.url));
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("referrer-policy"), "no-referrer");
  } finally {
    await demo.close();
  }
});

test("a posted answer is put into the page as text, and only where one is expected", async () => {
  const demo = await startDemo({ packageFiles });
  const type = "application/x-www-form-urlencoded";
  const post = (body, contentType = type, path = "/callback.html") =>
    fetch(new URL(path, demo.url), { method: "POST", headers: { "content-type": contentType }, body });
  try {
    const hostile = 'state="><script>alert(1)</script>&code={issuer}&iss=$&';
    const reply = await post(hostile);
    const page = await reply.text();
    assert.equal(reply.status, 200);
    assert.equal(reply.headers.get("cache-control"), "no-store");
    assert.match(page, /http-equiv="Content-Security-Policy" content="[^"]*script-src &#39;self&#39;/);
    const escaped = "state=&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;code={issuer}&amp;iss=$&amp;";
    assert.ok(page.includes(`<meta name="oidc-form" content="${escaped}">`));
    assert.doesNotMatch(page, /<script>alert/);
    assert.equal((await post(hostile, `${type}; charset=utf-8`)).status, 200);

    assert.equal((await post("{}", "application/json")).status, 415);
    assert.equal((await post(hostile, `${type}x`)).status, 415);
    assert.equal((await post("a".repeat(65_537))).status, 415);
    assert.equal((await post("a".repeat(65_536))).status, 200);
    assert.equal((await post(hostile, type, "/signed-out.html")).status, 405);
    assert.ok(
      (await (await fetch(new URL("callback.html", demo.url))).text()).includes('<meta name="oidc-form" content="">'),
    );
  } finally {
    await demo.close();
  }
});

test("throw-away clients are new each time, for this site only, and in no page", async () => {
  const secrets = new Set();
  for (const _run of [1, 2]) {
    const demo = await startDemo({ packageFiles });
    const client = (method) => fetch(new URL(`/clients/${method}.json`, demo.url));
    try {
      const page = await (await fetch(demo.url)).text();
      for (const method of ["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt"]) {
        const reply = await client(method);
        const { client_id, client_secret, key } = await reply.json();
        assert.match(client_id, new RegExp(`${method}$`));
        assert.equal(reply.headers.get("cache-control"), "no-store");
        assert.equal(reply.headers.get("cross-origin-resource-policy"), "same-origin");
        assert.equal(reply.headers.get("access-control-allow-origin"), null);
        const secret = client_secret ?? key.d;
        assert.ok(secret.length >= 43 && !page.includes(secret));
        secrets.add(secret);
      }
      for (const name of ["client_secret_none", "constructor", "__proto__"]) {
        assert.equal((await client(name)).status, 404, name);
      }
    } finally {
      await demo.close();
    }
  }
  assert.equal(secrets.size, 8);
});

test("the provider's error is a sentence, and the name of a parameter keeps its letters", async () => {
  const demo = await startDemo({ packageFiles });
  try {
    const { authorization_endpoint } = await (await fetch(`${demo.issuer}/.well-known/openid-configuration`)).json();
    const problem = async (/** @type {string} */ query) => (await fetch(`${authorization_endpoint}?${query}`)).text();
    assert.match(await problem("client_id=nobody&response_type=code"), />\s*Client is invalid\./);
    assert.match(
      await problem(`client_id=${publicClientId}&response_type=code&redirect_uri=https://other.example/`),
      />\s*redirect_uri did not match/,
    );
  } finally {
    await demo.close();
  }
});

test("a package that is not built is said to be so", async () => {
  await assert.rejects(startDemo({ packageFiles: new URL("nothing/", packageFiles) }), /cargo xtask build/);
});

for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
  test(`the program says where it is, and ends on ${signal}`, async () => {
    const script = fileURLToPath(new URL("../../www/server.mjs", import.meta.url));
    const child = spawn(process.execPath, [
      script,
      "--port",
      "0",
      "--provider-port",
      "0",
      "--package",
      fileURLToPath(packageFiles),
    ]);
    let output = "";
    let errors = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    child.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    while (!output.includes("Ctrl-C")) await once(child.stdout, "data");
    const [, url] = /(http:\/\/127\.0\.0\.1:\d+\/)/.exec(output);
    assert.match(await (await fetch(url)).text(), /A login you can watch/);
    child.kill(signal);
    // The end of the program, and of its output.
    const [code] = await once(child, "close");
    assert.equal(errors, "", "oidc-provider keeps quiet");
    // Windows has no such signals: a program ends at once.
    if (process.platform === "win32") return;
    assert.equal(code, 0);
    assert.match(output, /stopped/);
  });
}
