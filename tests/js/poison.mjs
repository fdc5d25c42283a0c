// A trap leaves memory half-written: from then on every call must say `internal` instead of answering from it.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import binaryen from "binaryen";
import { createChecks, must } from "./lib.mjs";
import { project, wasmFile } from "./project.mjs";

/** The shipped module, but this export traps. */
async function trapping(name) {
  const module = binaryen.readBinary(await readFile(await wasmFile()));
  const exported = Array.from({ length: module.getNumExports() }, (_, at) =>
    binaryen.getExportInfo(module.getExportByIndex(at)),
  );
  const target = exported.find((one) => one.name === name);
  if (!target) throw new Error(`no export ${name}; there are ${exported.map((one) => one.name)}`);
  const { params, results } = binaryen.getFunctionInfo(module.getFunction(target.value));
  module.removeFunction(target.value);
  module.addFunction(target.value, params, results, [], module.unreachable());
  const bytes = module.emitBinary();
  module.dispose();
  return bytes;
}

/** What to call for each export, and whether a party exists by then. */
const traps = {
  code_challenge: 'codeChallenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")',
  create_pkce: "createPkce()",
  engine_new: "new RelyingParty(provider, client)",
  engine_authorization_request: "party.authorizationRequest()",
  engine_check_id_token: 'party.checkIdToken("a.b.c")',
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
        const party = ${name === "engine_new" ? "undefined" : "new RelyingParty(provider, client)"};
        const good = ${name === "code_challenge" ? "() => createPkce()" : '() => codeChallenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")'};
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
  return results;
}
