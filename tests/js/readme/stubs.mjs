// Small stand-ins for frameworks that are not installed. `tests/matrix` has projects with some of the real ones.
// oidc-provider is the real one, on a free port.

/** The module's source, by its name. */
export const stubs = {
  "next/server": `export class NextResponse extends Response { static next() { return new NextResponse("passed"); } }`,
  "next/headers": `export const headers = async () => new Headers();`,
  "astro:middleware": `export const defineMiddleware = (run) => run;`,
  "@sveltejs/kit": ``,
  h3: `export const defineEventHandler = (run) => run;
    export const toWebRequest = (event) => event.request;
    export const sendWebResponse = (_event, response) => response;
    export const appendResponseHeader = (event, name, value) => event.headers.push([name, value]);`,
  "oidc-provider": `import { Provider as Real } from "oidc-provider/lib/provider.js";
    export class Provider extends Real { listen() { return super.listen(0, "127.0.0.1"); } }`,
  koa: `export default class Koa { use(run) { this.run = run; } }`,
  undici: `export class Agent { constructor({ connect }) { this.connect = connect; } }
    export const fetch = (url, { dispatcher, ...init }) => {
      if (typeof url !== "string") throw new TypeError("undici knows only its own Request");
      if (!dispatcher.connect.cert || !dispatcher.connect.key) throw new Error("no certificate");
      return globalThis.fetch(url, init);
    };`,
  vitest: `export const waiting = [];
    export const test = (_name, run) => { globalThis.tests.push(run); };
    export const expect = (promise) => ({ rejects: { async toMatchObject(wanted) {
      const error = await promise.then(() => { throw new Error("it was accepted"); }, (error) => error);
      for (const [name, value] of Object.entries(wanted)) if (error[name] !== value) throw new Error(name + " is " + error[name]);
    } } });`,
  "@playwright/test": `export const test = { beforeEach(run) { globalThis.tests.push(async () => {
      let handler;
      await run({ page: { route: async (_pattern, given) => { handler = given; } } });
      let fulfilled;
      await handler({
        request: () => ({ url: () => "https://op.test/jwks", method: () => "GET", postData: () => null, allHeaders: async () => ({}) }),
        fulfill: async (reply) => { fulfilled = reply; },
      });
      if (fulfilled?.status !== 200) throw new Error("the provider answered " + fulfilled?.status);
    }); } };`,
  "solid-js": `export const from = (start) => { let value; start((next) => { value = next; }); return () => value; };`,
  "@angular/core": `export const Injectable = () => (one) => one;
    export const signal = (value) => Object.assign(() => value, { set(next) { value = next; } });`,
};

/** An esbuild plugin that resolves them. */
export const stubbed = {
  name: "stubs",
  setup(build) {
    build.onResolve({ filter: /.*/, namespace: "stub" }, ({ path }) => ({ path, external: true }));
    build.onResolve({ filter: /.*/ }, ({ path }) => (path in stubs ? { path, namespace: "stub" } : undefined));
    build.onLoad({ filter: /.*/, namespace: "stub" }, ({ path }) => ({ contents: stubs[path], loader: "js" }));
    // Vite's syntax for an asset's address. Here it gives the bytes, which init() accepts too.
    build.onResolve({ filter: /\?url$/ }, ({ path }) => ({ path, namespace: "address" }));
    build.onLoad({ filter: /.*/, namespace: "address" }, ({ path }) => ({
      contents: `import { readFileSync } from "node:fs"; export default readFileSync(new URL(import.meta.resolve(${JSON.stringify(path.replace("?url", ""))})));`,
      loader: "js",
    }));
  },
};

/** Their TypeScript declarations. */
export const declarations = `${Object.keys(stubs)
  .filter((name) => name !== "@sveltejs/kit")
  .concat("express", "oidc-wasm/oidc_wasm.wasm?url")
  .map((name) => `declare module ${JSON.stringify(name)};\n`)
  .join("")}
declare module "@sveltejs/kit" {
  export type Handle = (input: { event: any; resolve: (event: any) => Promise<Response> }) => Promise<Response>;
}
declare function defineNuxtConfig<T>(config: T): T;
declare const process: { env: Record<string, string | undefined> };
`;
