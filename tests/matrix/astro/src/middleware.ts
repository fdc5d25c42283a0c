import { defineMiddleware } from "astro:middleware";
import { login } from "../auth.js";

export const onRequest = defineMiddleware((context, next) => {
  if (context.url.pathname.startsWith("/api")) return next();
  return login.protect(async (_request, session) => {
    context.locals.session = session;
    return next();
  })(context.request);
});
