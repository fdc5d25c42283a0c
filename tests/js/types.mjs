// Checks the shipped declarations in a user's strict project, with both module resolutions, and against the promised names.
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bin, createChecks, here, must, root } from "./lib.mjs";
import { project } from "./project.mjs";

const settings = {
  bundler: { module: "esnext", moduleResolution: "bundler" },
  nodenext: { module: "nodenext", moduleResolution: "nodenext" },
};

export async function types() {
  const { check, results } = createChecks("types");
  const folder = join(project, "types");
  await rm(folder, { recursive: true, force: true });
  await cp(join(here, "types"), folder, { recursive: true });
  const compile = async (name, files, compilerOptions) => {
    const at = join(folder, `tsconfig.${name}.json`);
    // skipLibCheck is off: the shipped declarations must be correct. Only the standard libraries are loaded.
    const common = {
      target: "es2022",
      lib: ["es2022", "dom", "dom.iterable"],
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      skipLibCheck: false,
    };
    await writeFile(at, JSON.stringify({ compilerOptions: { ...common, ...compilerOptions }, files }));
    await must(bin("tsc"), ["-p", at], { cwd: folder });
  };
  await mkdir(folder, { recursive: true });
  for (const [name, options] of Object.entries(settings)) {
    await check(`a user's project, ${name}`, () => compile(`${name}.consumer`, ["consumer.ts"], options));
    await check(`the promised names, ${name}`, () =>
      compile(`${name}.conformance`, ["conformance.ts", "contract.d.ts"], options),
    );
    await check(`the promised names of sessions, ${name}`, () =>
      compile(`${name}.sessions`, ["sessions.ts", "browser.d.ts", "react.d.ts"], {
        ...options,
        lib: ["es2022", "dom", "dom.iterable", "esnext.disposable"],
        // React's own declarations need other libraries.
        skipLibCheck: true,
      }),
    );
  }
  await check("a Worker's project (no DOM)", async () => {
    await writeFile(
      join(folder, "worker.ts"),
      'import { RelyingParty } from "oidc-wasm";\nexport default { fetch: async (request: Request) => Response.json((await RelyingParty.discover(request.url, { clientId: "app" })).provider) };\n',
    );
    await compile("worker", ["worker.ts"], {
      ...settings.bundler,
      lib: ["es2022", "webworker"],
      customConditions: ["workerd"],
    });
  });
  await check("a server's project, with Node's declarations", async () => {
    await writeFile(
      join(folder, "server.ts"),
      'import { createServer } from "node:http";\nimport { incomingOf, send, toRequest } from "oidc-wasm/node";\ncreateServer((incoming, outgoing) => send(new Response(toRequest(incoming).url), outgoing));\nexport const certificate = (request: Request): Uint8Array | undefined => incomingOf(request)?.socket.getPeerCertificate().raw;\n',
    );
    await compile("server", ["server.ts"], { ...settings.nodenext, types: ["node"] });
  });
  for (const example of ["worker", "hono-api", "mcp"]) {
    await check(`examples/${example}, copied to another folder`, async () => {
      const copy = join(folder, example);
      await cp(join(root, "examples", example), copy, {
        recursive: true,
        filter: (path) => !path.includes("node_modules"),
      });
      await must(bin("tsc"), ["-p", copy], { cwd: folder });
    });
  }
  return results;
}
