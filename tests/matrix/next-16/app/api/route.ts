import { guard } from "../../auth.js";

export async function GET(request: Request) {
  const seen = await guard(request);
  return seen instanceof Response ? seen : Response.json({ hello: seen.claims.sub });
}
