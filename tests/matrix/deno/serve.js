import { login } from "./auth.js";

const fetch = login.protect((_request, session) => new Response(`Hello, ${session.claims.sub}`));
Deno.serve({ port: 31917 }, (request) => fetch(request));
