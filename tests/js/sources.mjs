// Tests every kind of argument of init(), each in its own Node process, because a module starts only once.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { listening } from "../support/listening.mjs";
import { createChecks, must } from "./lib.mjs";
import { project, wasmFile } from "./project.mjs";

const given = {
  "bytes (Uint8Array)": "readFileSync(file)",
  "bytes (ArrayBuffer)": "new Uint8Array(readFileSync(file)).buffer",
  "bytes (DataView)": "new DataView(new Uint8Array(readFileSync(file)).buffer)",
  "a compiled module": "new WebAssembly.Module(readFileSync(file))",
  "a promise of a module": "WebAssembly.compile(readFileSync(file))",
  "a promise of bytes": "Promise.resolve(readFileSync(file))",
  "a Response": 'new Response(readFileSync(file), { headers: { "content-type": "application/wasm" } })',
  "a Response of another content type":
    'new Response(readFileSync(file), { headers: { "content-type": "application/octet-stream" } })',
  "a promise of a Response": "fetch(address)",
  "a URL": "new URL(address)",
  "an address as a string": "address",
  "the package's own file": 'readFileSync(new URL(import.meta.resolve("oidc-wasm/oidc_wasm.wasm")))',
  nothing: "undefined",
  "nothing, in a page that has an odd process":
    '(Object.defineProperty(globalThis, "process", { value: { getBuiltinModule: () => ({}) } }), undefined)',
};

export async function sources() {
  const { check, results } = createChecks("init");
  const file = await wasmFile();
  const wasm = await readFile(file);
  const server = createServer((_, response) =>
    response.writeHead(200, { "content-type": "application/wasm" }).end(wasm),
  );
  const { origin, close } = await listening(server);
  const node = (body) => {
    const script = `
      import { readFileSync } from "node:fs";
      import init, { codeChallenge, createPkce } from "oidc-wasm";
      const [file, address] = ${JSON.stringify([file, `${origin}/oidc_wasm.wasm`])};
      ${body}`;
    return must(process.execPath, ["--no-warnings", "--input-type=module", "-e", script], { cwd: project });
  };
  const works =
    'if (codeChallenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") !== "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM") throw new Error("wrong");';

  for (const [name, source] of Object.entries(given)) {
    await check(`from ${name}`, () => node(`await init(${source}); ${works}`));
  }
  await check("init works again after a failure", () =>
    node(`
      let code;
      await init(new Uint8Array(8)).catch((error) => { code = error.code; });
      if (code !== "init.failed") throw new Error("expected init.failed, got " + code);
      await init(); ${works}`),
  );
  await check("importing the package starts nothing", () =>
    node('try { createPkce(); process.exit(1); } catch (error) { if (error.code !== "not_initialized") throw error; }'),
  );
  await close();
  return results;
}
