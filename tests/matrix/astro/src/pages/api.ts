import type { APIRoute } from "astro";
import { guard } from "../../auth.js";

export const GET: APIRoute = async ({ request }) => {
  const seen = await guard(request);
  return seen instanceof Response ? seen : Response.json({ hello: seen.claims.sub });
};
