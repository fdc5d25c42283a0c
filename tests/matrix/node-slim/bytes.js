import { readFile } from "node:fs/promises";
import init from "oidc-wasm/slim";

await init(await readFile(new URL(import.meta.resolve("oidc-wasm/oidc_wasm.wasm"))));
