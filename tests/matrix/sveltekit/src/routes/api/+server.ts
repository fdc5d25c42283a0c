import { guard } from "../../../auth.js";
import type { RequestHandler } from "./$types";

export const GET: RequestHandler = async ({ request }) => {
  const seen = await guard(request);
  return seen instanceof Response ? seen : Response.json({ hello: seen.claims.sub });
};
