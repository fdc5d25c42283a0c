// A trap leaves memory half-written: from then on every call must say `internal` instead of answering from it.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import binaryen from "binaryen";
import { createChecks, here, must } from "./lib.mjs";
import { project, wasmFile } from "./project.mjs";

const constants = await readFile(join(here, "../../pkg/src/generated/numbers.ts"), "utf8");
function numberOf(name) {
  const found = new RegExp(`const ${name} = (\\d+);`).exec(constants);
  if (!found) throw new Error(`the engine has no step ${name}`);
  return Number(found[1]);
}

/** The shipped module, but these steps trap. */
async function trapping(...names) {
  const module = binaryen.readBinary(await readFile(await wasmFile()));
  const { value } = Array.from({ length: module.getNumExports() }, (_, at) =>
    binaryen.getExportInfo(module.getExportByIndex(at)),
  ).find(({ name }) => name === "step");
  const { params, results, vars, body } = binaryen.getFunctionInfo(module.getFunction(value));
  const traps = names.map((name) => {
    const isStep = module.i32.eq(module.local.get(0, binaryen.i32), module.i32.const(numberOf(name)));
    return module.if(isStep, module.unreachable());
  });
  const trapped = module.block(null, [...traps, module.copyExpression(body)], results);
  module.removeFunction(value);
  module.addFunction(value, params, results, vars, trapped);
  const bytes = module.emitBinary();
  module.dispose();
  return bytes;
}

/** What to call for each step, and whether a party exists by then. */
const traps = {
  CODE_CHALLENGE: 'codeChallenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")',
  CREATE_PKCE: "createPkce()",
  RELYING_PARTY: "new RelyingParty(provider, client)",
  AUTHORIZATION_REQUEST: "party.authorizationRequest()",
  CHECK_ID_TOKEN: 'party.checkIdToken("a.b.c")',
};

export async function poison() {
  const { check, results } = createChecks("poison");
  for (const [name, call] of Object.entries(traps)) {
    await check(`a trap in ${name}`, async () => {
      const file = join(project, `trap-${name}.wasm`);
      await writeFile(file, await trapping(name));
      const script = `
        import { readFileSync } from "node:fs";
        import init, { codeChallenge, createPkce, OidcError, RelyingParty } from "oidc-wasm";
        await init(readFileSync(${JSON.stringify(file)}));
        const provider = { issuer: "https://op.example", authorization_endpoint: "https://op.example/authorize" };
        const client = { clientId: "app", redirectUri: "https://app.example/cb" };
        const verdict = async (step) => {
          try { await step(); return "ok"; } catch (error) { return error instanceof OidcError ? error.code : String(error); }
        };
        const party = ${name === "RELYING_PARTY" ? "undefined" : "new RelyingParty(provider, client)"};
        const good = ${name === "CODE_CHALLENGE" ? "() => createPkce()" : '() => codeChallenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")'};
        const before = await verdict(good);
        const seen = [];
        for (const step of [() => ${call}, good, () => createPkce(), () => new RelyingParty(provider, client), () => party?.checkIdToken("a.b.c") ?? good(), () => party?.refresh("r") ?? good(), () => ${call}]) seen.push(await verdict(step));
        // Neither giving back nor another init() brings it back to life.
        party?.free();
        await init();
        seen.push(await verdict(good));
        console.log(JSON.stringify({ before, seen }));`;
      const { before, seen } = JSON.parse(
        await must(process.execPath, ["--no-warnings", "--input-type=module", "-e", script], { cwd: project }),
      );
      if (before !== "ok") throw new Error(`before the trap: ${before}`);
      if (seen.some((verdict) => verdict !== "internal")) throw new Error(`after the trap: ${seen}`);
    });
  }
  await check("what is collected after a trap is not given back to the broken engine", async () => {
    const file = join(project, "trap-collected.wasm");
    await writeFile(file, await trapping("CREATE_PKCE", "FREE"));
    const script = `
      import { readFileSync } from "node:fs";
      import { setTimeout } from "node:timers/promises";
      import init, { createPkce, RelyingParty } from "oidc-wasm";
      await init(readFileSync(${JSON.stringify(file)}));
      const provider = { issuer: "https://op.example", jwks_uri: "https://op.example/jwks" };
      let collected = 0;
      const watch = new FinalizationRegistry(() => collected++);
      const parties = Array.from({ length: 100 }, () => new RelyingParty(provider, { clientId: "app" }));
      for (const party of parties) watch.register(party);
      // A token that waits for its key, in a login that nobody waits for.
      const fetch = () => new Promise(() => {});
      parties[0].verifyIdToken("eyJhbGciOiJSUzI1NiJ9.e30.AAAA", {}, { fetch, signal: AbortSignal.timeout(100) }).catch(() => {});
      let code;
      try { createPkce(); } catch (error) { code = error.code; }
      if (code !== "internal") throw new Error("expected a trap, got " + code);
      parties.length = 0;
      for (let turn = 0; turn < 10; turn++) {
        globalThis.gc();
        await setTimeout(30);
      }
      if (collected < 50) throw new Error(collected + " parties were collected");`;
    await must(process.execPath, ["--no-warnings", "--expose-gc", "--input-type=module", "-e", script], {
      cwd: project,
    });
  });
  return results;
}
