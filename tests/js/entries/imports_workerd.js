import { importAll } from "../suite/imports.js";

const { Response } = globalThis;

export default { fetch: async () => new Response(JSON.stringify(await importAll())) };
