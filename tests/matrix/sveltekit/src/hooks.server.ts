import type { Handle } from "@sveltejs/kit";
import { login } from "../auth.js";

export const handle: Handle = async ({ event, resolve }) => {
  if (event.url.pathname.startsWith("/api")) return resolve(event);
  return login.protect(async (_request, session) => {
    event.locals.session = session;
    return resolve(event);
  })(event.request);
};
