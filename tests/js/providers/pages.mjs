// The pages of docs/providers as programs. The code blocks of a page, in order, form one module. The test checks its
// types and runs it against the page's file in tests/vectors/providers.
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { flipped } from "../../support/provider/jws.js";
import { bin, must, root, same } from "../lib.mjs";
import { project } from "../project.mjs";
import { createCanned } from "./canned.mjs";

const docs = join(root, "docs/providers");
const vectors = join(root, "tests/vectors/providers");
const folder = join(project, "providers");

/** Values that a page's code may use without creating them. */
const globals = `/** The address that the provider sent the person back to. */
declare const back: string;
/** The fields that the person's browser posted, with response mode form_post. */
declare const form: URLSearchParams;
/** The client's private key. */
declare const key: CryptoKey;
`;

const named = async (folder, ending) =>
  (await readdir(folder))
    .filter((name) => name.endsWith(ending))
    .map((name) => basename(name, ending))
    .sort();

/** @param {{ check: any, RelyingParty: any, refused: any, [name: string]: any }} given */
export async function pages({ check, RelyingParty, refused }) {
  const names = (await named(docs, ".md")).filter((name) => !["README", "interop"].includes(name));
  const index = await readFile(join(docs, "README.md"), "utf8");
  await check("each page has a file of messages and a line in the index", async () => {
    same(await named(vectors, ".json"), names, "tests/vectors/providers");
    same(
      names.filter((name) => !index.includes(`](${name}.md)`)),
      [],
      "pages that the index lacks",
    );
  });

  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "globals.d.ts"), globals);
  for (const name of names) {
    const text = await readFile(join(docs, `${name}.md`), "utf8");
    await check(`${name}: the page cites its sources, and describes the observed messages`, () => {
      for (const part of [
        /^## Sources$/m,
        /^\*\*(Seen|Documented)\*\*/m,
        /^## Logout$/m,
        /^## Refresh token$/m,
        /^## Token for an API$/m,
        /^## Verify an access token$/m,
        /^## What does not work$/m,
      ])
        if (!part.test(text)) throw new Error(`it lacks ${part}`);
      const [body, sources] = text.split("\n## Sources\n");
      if (!/issuer/i.test(body.split("```")[0])) throw new Error("it does not name the issuer");
      const numbers = (text, pattern) => [...new Set([...text.matchAll(pattern)].map(([, number]) => number))].sort();
      same(numbers(body, /\[(\d)\]/g), numbers(sources, /^(\d)\. <https:/gm), "sources that the page cites");
    });
    const blocks = [...text.matchAll(/^```(\w*)[^\n]*\n(.*?)^```$/gms)];
    const code = blocks.filter(([, language]) => language === "js").map(([, , code]) => code);
    await check(`${name}: its blocks are code that runs`, () =>
      same(
        blocks.map(([, language]) => language).filter((language) => !["js", "xml"].includes(language)),
        [],
        "languages",
      ),
    );
    await writeFile(join(folder, `${name}.js`), code.join("\n"));
  }
  await check("the code of all pages is type-checked", async () => {
    const compilerOptions = {
      target: "es2022",
      module: "esnext",
      moduleResolution: "bundler",
      lib: ["es2022", "dom", "dom.iterable"],
      types: [],
      allowJs: true,
      checkJs: true,
      strict: false,
      noEmit: true,
      skipLibCheck: true,
    };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.js", "*.d.ts"] }));
    await must(bin("tsc"), ["-p", "."], { cwd: folder });
  });
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  for (const name of names) {
    const vector = JSON.parse(await readFile(join(vectors, `${name}.json`), "utf8"));
    let seen;
    await check(`${name}: the page's code logs in, refreshes, and runs the rest of its code`, async () => {
      seen = await run(name, vector, RelyingParty, pair.privateKey);
      const { login, op } = seen;
      if (!login) throw new Error("its code does not call callback()");
      same(login.claims?.sub, vector.expect.sub, "subject");
      if (vector.expect.sub !== undefined)
        same([login.report.valid, login.report.signature], [true, "valid"], "report");
      same(op.idle, [], "replies that nothing asked for");
    });
    if (!seen?.login) continue;
    const { discovered, params, options } = seen;
    /**
     * Repeats the page's login with other settings, or at a provider with a fault.
     * @param {{ settings?: object, discovery?: object, changes?: object }} how
     */
    const again = async ({ settings, discovery, changes }) => {
      const op = createCanned(vector);
      op.bend(changes ?? {});
      const { fetch } = op;
      const [issuer, client, more] = discovered ?? [];
      const rp =
        settings || discovery
          ? await RelyingParty.discover(issuer, changed(client, settings), { ...changed(more, discovery), fetch })
          : seen.rp;
      const { url, transaction } = rp.authorizationRequest(params);
      return rp.callback(await op.authorize(url), transaction, { ...options, fetch });
    };
    for (const { code, ...without } of vector.without ?? [])
      await check(`${name}: without ${Object.keys({ ...without.settings, ...without.discovery })}: ${code}`, () =>
        refused(code, () => again(without)),
      );
    if (!vector.id_token) continue;
    const wrong = {
      "id_token.nonce": { claims: (claims) => Object.assign(claims, { nonce: "another login's" }) },
      "id_token.iss": { claims: (claims) => Object.assign(claims, { iss: "https://evil.example" }) },
      "id_token.aud": { claims: (claims) => Object.assign(claims, { aud: "another client" }) },
      "jws.signature": { token: flipped },
    };
    for (const [code, changes] of Object.entries(wrong))
      await check(`${name}: its settings disable no other rule: ${code}`, () =>
        refused(code, () => again({ changes })),
      );
  }
}

/** Settings with changes. `null` removes a setting. */
const changed = (settings, changes = {}) =>
  Object.fromEntries(Object.entries({ ...settings, ...changes }).filter(([, value]) => value !== null));

/** Runs a page's module. Resolves to the values of its first login. */
async function run(name, vector, RelyingParty, key) {
  const op = createCanned(vector);
  const seen = { op, rp: undefined, login: undefined, discovered: undefined, params: undefined, options: undefined };
  const { discover } = RelyingParty;
  const { authorizationRequest, callback } = RelyingParty.prototype;
  const mine = { fetch: op.fetch, key, back: "the address", form: new URLSearchParams() };
  const before = Object.fromEntries(Object.keys(mine).map((name) => [name, globalThis[name]]));
  let asked;
  Object.assign(globalThis, mine);
  RelyingParty.discover = function (...given) {
    seen.discovered ??= given;
    return discover.apply(this, given);
  };
  RelyingParty.prototype.authorizationRequest = function (params) {
    seen.rp ??= this;
    seen.params ??= params;
    const request = authorizationRequest.call(this, params);
    asked = request.url;
    return request;
  };
  // The person visits the provider and returns, with the values of the page.
  RelyingParty.prototype.callback = async function (given, transaction, options) {
    const arrived = await op.authorize(asked);
    same(
      typeof arrived === "string" ? mine.back : "a form",
      given === mine.form ? "a form" : given,
      "the redirect's values",
    );
    const login = await callback.call(this, arrived, transaction, options);
    seen.options ??= options;
    seen.login ??= login;
    return login;
  };
  try {
    await import(pathToFileURL(join(folder, `${name}.js`)).href);
    return seen;
  } finally {
    Object.assign(globalThis, before);
    RelyingParty.discover = discover;
    Object.assign(RelyingParty.prototype, { authorizationRequest, callback });
  }
}
