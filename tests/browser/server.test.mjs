/** The demo's own server: its ports, its files, its end. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { startDemo } from "../../www/server.mjs";

let directory;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), "oidc-wasm-demo-"));
  await writeFile(join(directory, "index.js"), "export default 1;\n");
});
after(() => rm(directory, { recursive: true }));

test("another port is taken when one is in use", async () => {
  const squatter = createServer().listen(0, "127.0.0.1");
  await once(squatter, "listening");
  const { port } = squatter.address();
  const demo = await startDemo({ port, providerPort: port, packageFiles: pathToFileURL(`${directory}/`) });
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
  const demo = await startDemo({ packageFiles: pathToFileURL(`${directory}/`) });
  const status = async (path, method = "GET") => (await fetch(new URL(path, demo.url), { method })).status;
  try {
    assert.equal(await status("/app.js"), 200);
    assert.equal(await status("/oidc-wasm/index.js"), 200);
    for (const path of [
      "/server.mjs",
      "/..%2fserver.mjs",
      "/%2e%2e/server.mjs",
      "/oidc-wasm/..%2f..%2fserver.js",
      "/view/",
      "/nothing.js",
      "/%",
    ]) {
      assert.equal(await status(path), 404, path);
    }
    assert.equal(await status("/", "POST"), 405);
    assert.equal(await status("/", "HEAD"), 200);
    const { headers } = await fetch(new URL("/app.js", demo.url));
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("referrer-policy"), "no-referrer");
  } finally {
    await demo.close();
  }
});

test("a package that is not built is said to be so", async () => {
  await assert.rejects(startDemo({ packageFiles: pathToFileURL(`${directory}/nothing/`) }), /cargo xtask build/);
});

for (const signal of ["SIGINT", "SIGTERM"]) {
  test(`the program says where it is, and ends on ${signal}`, async () => {
    const script = fileURLToPath(new URL("../../www/server.mjs", import.meta.url));
    const child = spawn(process.execPath, [script, "--port", "0", "--provider-port", "0", "--package", directory]);
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
    const [code] = await once(child, "exit");
    assert.equal(code, 0);
    assert.equal(errors, "", "oidc-provider keeps quiet");
    assert.match(output, /stopped/);
  });
}
