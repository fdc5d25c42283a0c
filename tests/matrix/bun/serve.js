import { login } from "./auth.js";

const fetch = login.protect((_request, session) => new Response(`Hello, ${session.claims.sub}`));
Bun.serve({ port: 31917, fetch: (request) => fetch(request) });
