import { guard } from "../../auth.js";

export default defineEventHandler(async (event) => {
  const seen = await guard(toWebRequest(event));
  return seen instanceof Response ? seen : { hello: seen.claims.sub };
});
