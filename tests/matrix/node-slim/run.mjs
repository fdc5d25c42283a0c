import * as slim from "oidc-wasm/slim";
import { login } from "./login.js";

// Each way starts the engine in its own process.
const [way] = process.argv.slice(2);
if (way) {
  await import(`./${way}.js`);
  console.log(await login({ ...slim, default: async () => {} }));
} else {
  const { execFileSync } = await import("node:child_process");
  const ways = Number.parseInt(process.versions.node, 10) < 24 ? ["bytes"] : ["bytes", "source"];
  for (const one of ways) process.stdout.write(execFileSync(process.execPath, ["run.mjs", one]));
}
