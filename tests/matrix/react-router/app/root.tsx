import { Outlet, Scripts } from "react-router";
import { login } from "../auth.js";
import type { Route } from "./+types/root";
import { sessionContext } from "./session";

export const middleware: Route.MiddlewareFunction[] = [
  ({ request, context }, next) => {
    if (new URL(request.url).pathname.startsWith("/api")) return next();
    return login.protect(async (_request, session) => {
      context.set(sessionContext, session);
      return next();
    })(request);
  },
];

export default function App() {
  return (
    <html lang="en">
      <body>
        <Outlet />
        <Scripts />
      </body>
    </html>
  );
}
