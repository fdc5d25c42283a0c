import type { Session } from "oidc-wasm/edge";
import { login } from "../../auth.js";

export default defineEventHandler(async (event) => {
  if (event.path.startsWith("/api")) return;
  let session: Session | undefined;
  const response = await login.protect((_request, found) => {
    session = found;
    return new Response(null);
  })(toWebRequest(event));
  if (!session) return sendWebResponse(event, response);
  event.context.session = session;
  for (const line of response.headers.getSetCookie()) appendResponseHeader(event, "set-cookie", line);
});
