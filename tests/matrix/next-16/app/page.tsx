import { headers } from "next/headers";
import { home, login } from "../auth.js";

export const runtime = "edge";

export default async function Page() {
  // The cookie alone: only proxy.ts refreshes tokens.
  const cookie = (await headers()).get("cookie") ?? "";
  const session = await login.session(new Request(home, { headers: { cookie } }));
  return <p>Hello, {session?.claims.sub}</p>;
}
