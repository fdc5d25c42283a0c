/** The files of the package that the demo serves: the packed ones where the test command names them, else the built ones. */
import { pathToFileURL } from "node:url";

export const packageFiles = process.env.OIDC_WASM_DIST
  ? pathToFileURL(`${process.env.OIDC_WASM_DIST}/`)
  : new URL("../../pkg/dist/", import.meta.url);
